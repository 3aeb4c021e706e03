// What events are called. A type without a name here shows the title that /asyncapi.json gives it.
import { language } from "./common.js";

const TYPES = {
  "alerts.alert.acknowledged.v1": ["预警已确认收到", "Warning acknowledged"],
  "alerts.alert.acknowledgement_overdue.v1": ["确认超时", "Acknowledgement overdue"],
  "alerts.alert.approved.v1": ["预警已审批", "Warning approved"],
  "alerts.alert.cancelled.v1": ["预警已解除", "Warning lifted"],
  "alerts.alert.consulted.v1": ["已会商", "Experts consulted"],
  "alerts.alert.corrected.v1": ["预警已更正", "Warning corrected"],
  "alerts.alert.disseminated.v1": ["预警已发送", "Warning disseminated"],
  "alerts.alert.drafted.v1": ["预警已起草", "Warning drafted"],
  "alerts.alert.expired.v1": ["预警已到期", "Warning expired"],
  "alerts.alert.level_adjusted.v1": ["预警级别已调整", "Warning level adjusted"],
  "alerts.alert.measure_lifted.v1": ["措施已解除", "Measure lifted"],
  "alerts.alert.measure_started.v1": ["措施已启动", "Measure started"],
  "alerts.alert.notice_sent.v1": ["已通报", "Notice given"],
  "alerts.alert.notices_due.v1": ["应当通报", "Notices due"],
  "alerts.alert.published.v1": ["预警已发布", "Warning published"],
  "alerts.alert.ratification_due.v1": ["待追认", "Ratification due"],
  "alerts.alert.ratification_overdue.v1": ["追认超时", "Ratification overdue"],
  "alerts.alert.ratified.v1": ["已追认", "Dam alarm ratified"],
  "alerts.alert.rejected.v1": ["预警被退回", "Warning rejected"],
  "alerts.alert.revised.v1": ["草稿已修改", "Draft revised"],
  "alerts.checklist.item_completed.v1": ["清单事项已完成", "Checklist item done"],
  "alerts.checklist.opened.v1": ["清单已打开", "Checklist opened"],
  "alerts.hazard_source.registered.v1": ["危险源已登记", "Hazard source registered"],
  "alerts.import.quarantined.v1": ["无法识别，已隔离", "Import quarantined"],
  "alerts.import.resolved.v1": ["隔离件已处理", "Quarantine resolved"],
  "alerts.message.conflicting.v1": ["收到相互冲突的消息", "Conflicting message"],
  "alerts.message.issued.v1": ["已对外发布消息", "Message issued"],
  "alerts.message.received.v1": ["收到预警消息", "Message received"],
  "alerts.recipients.set.v1": ["接收名单已设定", "Recipients set"],
  "alerts.station.registered.v1": ["测站已登记", "Station registered"],
  "alerts.station.silent.v1": ["测站无数据", "Station silent"],
  "alerts.task.assigned.v1": ["任务已下达", "Task assigned"],
  "alerts.task.completed.v1": ["任务已完成", "Task completed"],
  "alerts.threshold.crossed.v1": ["超过阈值", "Threshold crossed"],
  "alerts.warning_period.ended.v1": ["预警期结束", "Warning period ended"],
  "alerts.warning_period.entered.v1": ["进入预警期", "Warning period entered"],
  "registry.division.changed.v1": ["区划变更", "Division changed"],
  "registry.divisions.loaded.v1": ["区划已载入", "Divisions loaded"],
  "registry.organ.registered.v1": ["机构已登记", "Organ registered"],
  "registry.post.assigned.v1": ["岗位已设置", "Post assigned"],
  "registry.post.ended.v1": ["岗位已撤销", "Post ended"],
  "registry.rulepack.adopted.v1": ["规则集已采用", "Rule pack adopted"],
};

const FAMILIES = {
  alerts: ["预警服务", "Alerts service"],
  "alerts.alert": ["预警", "Warnings"],
  "alerts.checklist": ["清单", "Checklists"],
  "alerts.hazard_source": ["危险源", "Hazard sources"],
  "alerts.import": ["导入", "Imports"],
  "alerts.message": ["预警消息（CAP）", "Messages (CAP)"],
  "alerts.recipients": ["接收名单", "Recipients"],
  "alerts.station": ["测站", "Stations"],
  "alerts.task": ["任务", "Tasks"],
  "alerts.threshold": ["阈值", "Thresholds"],
  "alerts.warning_period": ["预警期", "Warning periods"],
  registry: ["登记服务", "Registry service"],
  "registry.division": ["区划变更", "Division changes"],
  "registry.divisions": ["区划", "Divisions"],
  "registry.organ": ["机构", "Organs"],
  "registry.post": ["岗位", "Posts"],
  "registry.rulepack": ["规则集", "Rule packs"],
};

const titles = {};
const spaced = (title) => title.replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`);

/** Remember the titles of an AsyncAPI document; gives the types. */
export function learn(asyncapi) {
  for (const [type, message] of Object.entries(asyncapi.components.messages)) titles[type] = spaced(message.title ?? type);
  return Object.keys(titles).sort();
}

const chosen = (pair) => pair?.[language.now === "zh" ? 0 : 1];

export const nameOf = (type) => chosen(TYPES[type]) ?? titles[type] ?? type;
export const familyName = (family) => chosen(FAMILIES[family]) ?? family;

/** Families in order, service by service: `alerts`, `alerts.alert`, `alerts.import` ... */
export function families(types) {
  const found = new Set();
  for (const type of types) {
    const parts = type.split(".");
    found.add(parts[0]);
    found.add(parts.slice(0, 2).join("."));
  }
  return [...found].sort();
}
