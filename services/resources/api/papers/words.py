"""The words of papers, Chinese and English."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]
WORDS: dict[str, tuple[str, str]] = {
    "pick_list": ("拣货单", "Pick list"),
    "delivery_note": ("送货单", "Delivery note"),
    "receipt": ("收货单", "Receipt of a shipment"),
    "card": ("库存卡", "Stock card"),
    "certificate": ("征用凭证", "Certificate of requisition"),
    "donation": ("捐赠收据", "Receipt of a donation"),
    "number": ("编号", "Number"),
    "from": ("发出仓库", "From"),
    "to": ("送往", "To"),
    "receiver": ("收货岗位", "Receiver"),
    "vehicle": ("车辆", "Vehicle"),
    "driver": ("驾驶员", "Driver"),
    "request": ("申请", "Request"),
    "incident": ("事件", "Incident"),
    "priority": ("优先级", "Priority"),
    "departed": ("发车", "Departed"),
    "received_at": ("收货时间", "Received"),
    "result": ("结果", "Result"),
    "full": ("全部收到", "Complete"),
    "short": ("短少", "Short"),
    "damaged": ("破损", "Damaged"),
    "status": ("状态", "State"),
    "place": ("货位", "Position"),
    "item": ("物资", "Item"),
    "lot": ("批次", "Lot"),
    "qty": ("数量", "Quantity"),
    "unit": ("单位", "Unit"),
    "expires": ("有效期至", "Good until"),
    "done": ("实拣", "Picked"),
    "loaded": ("装车", "Loaded"),
    "received": ("实收", "Received"),
    "nowhere": ("未上架", "not put away"),
    "picked_by": ("拣货人", "Picked by"),
    "checked_by": ("复核人", "Checked by"),
    "handed_by": ("交货人", "Handed over by"),
    "driven_by": ("驾驶员", "Driver"),
    "taken_by": ("收货人", "Received by"),
    "pass": ("通行证", "Transport pass"),
    "printed": ("打印于", "Printed"),
    "page": ("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
    "store": ("仓库", "Store"),
    "at": ("时间", "Time"),
    "reverses": ("冲销", "takes back"),
    "movement": ("凭证与原因", "Document and reason"),
    "in": ("入", "In"),
    "out": ("出", "Out"),
    "balance": ("结存", "On hand"),
    "by": ("经办", "Entered by"),
    "shown": ("最近的移动，最新在前；全部移动见系统。", "The last movements, newest first; all of them are in the system."),
    "owner": ("被征用人", "Owner"),
    "decided_by": ("决定人", "Decided by"),
    "decided_at": ("决定时间", "Decided"),
    "oral": ("口头命令", "Oral order"),
    "basis": ("法律依据", "Basis"),
    "purpose": ("用途", "Purpose"),
    "necessity": ("必要性", "Necessity"),
    "executor": ("执行单位", "Executor"),
    "until": ("期限", "Until"),
    "model": ("规格型号", "Model"),
    "value": ("评估价值（元）", "Value (yuan)"),
    "tariff": ("补偿标准", "Tariff"),
    "notice": ("通知送达", "Notice served"),
    "remedy": ("救济途径", "Review"),
    "taken": ("征用时状况", "When taken"),
    "returned": ("返还时状况", "When given back"),
    "lost": ("毁损灭失", "Lost"),
    "address": ("单位地址", "Address of the organ"),
    "contact": ("联系方式", "Contact of the organ"),
    "by_hand": ("＿＿＿＿＿＿＿＿", "________________"),
    "filled": ("横线处由征用单位在交付前填写。", "The organ fills in what is left open before it hands this over."),
    "unshown": ("□ 本机字体无此字，以编号为准", "□ no font here: go by the number"),
    "qr_only": ("本码只有二维码：过长，或含条形码没有的字。", "QR code only: too long for bars, or with signs they do not have."),
    "organ_sign": ("征用单位（盖章）", "The organ (seal)"),
    "owner_sign": ("被征用人签字", "The owner"),
    "owner_named": (
        "被征用人以登记编号表示；姓名由征用单位当面核对填写。",
        "The owner stands here by the registered number; the organ fills in the name when it is handed over.",
    ),
    "gift": ("捐赠编号", "Gift"),
    "donor": ("捐赠人", "Donor"),
    "fund": ("受赠单位", "Receiver"),
    "given": ("捐赠数量", "Given"),
    "passed": ("验收合格", "Passed"),
    "accepted": ("验收合格（件）", "Passed inspection (pieces)"),
    "campaign": ("募捐活动", "Campaign"),
    "money": ("捐赠款（元）", "Money (yuan)"),
    "pieces": ("捐赠物资（件）", "Goods (pieces)"),
    "intent": ("捐赠意愿", "Wished for"),
    "handler": ("经办人", "Handled by"),
    "no_number": ("未出具收据号", "No receipt number"),
    "donor_named": (
        "捐赠人以编号表示；需要载明姓名的，由受赠单位填写并盖章。",
        "The donor stands here by number; where the name is wanted the receiver fills it in and seals.",
    ),
    "seal": ("受赠单位（盖章）", "The receiver (seal)"),
}


class Words:
    """The words of one language, and of the other for the line below a title."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._at = 0 if language == "zh" else 1

    def __call__(self, key: str) -> str:
        return WORDS[key][self._at]

    def other(self, key: str) -> str:
        """In the other language."""
        return WORDS[key][1 - self._at]
