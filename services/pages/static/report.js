// Reporting without a name: what was written is kept until the node has confirmed it, and sent again under the same key.
import { byId, el, foreign, getJson, onLanguage, startLanguages, t, when } from "./common.js";

const KINDS = [
  "NAT.FLOOD", "NAT.DAM", "NAT.SNOW", "NAT.GALE", "NAT.SAND", "NAT.GEO", "NAT.QUAKE", "NAT.FOREST_FIRE", "NAT.GRASS_FIRE",
  "ACC.FIRE", "ACC.TRAFFIC", "ACC.MINE", "ACC.HAZCHEM", "PH.EPIDEMIC", "PH.ANIMAL",
];
const form = byId("send");
let attempt = { words: null, key: null }; // the same words again are the same report, whatever became of the first answer
let told = () => [];
let answer = () => [];

function keyFor(words) {
  if (attempt.words !== words) attempt = { words, key: [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("") };
  return attempt.key;
}

async function send(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  const { place, type, text } = form.elements;
  const words = JSON.stringify({ place: place.value, text: text.value, type: type.value || null });
  button.disabled = true;
  tell(() => [el("p", {}, t("reportSending"))]);
  try {
    const response = await fetch("/api/alerts/reports", {
      method: "POST", headers: { "Content-Type": "application/json", "Idempotency-Key": keyFor(words) }, body: words,
    });
    if (response.status === 429) {
      const seconds = response.headers.get("Retry-After");
      tell(() => [el("p", { class: "wrong" }, t("reportTooOften", { seconds }))]);
    } else if (!response.ok) {
      const problem = await response.json().catch(() => ({}));
      tell(() => [el("p", { class: "wrong" }, t("reportRefused")), el("p", {}, foreign(problem.cure ?? `HTTP ${response.status}`))]);
    } else {
      const { report } = await response.json();
      form.reset();
      attempt = { words: null, key: null };
      byId("ask").elements.number.value = report;
      tell(() => [el("p", { class: "right" }, t("reportSent")), el("p", { class: "big", id: "receipt" }, report), el("p", {}, t("reportKeep"))]);
    }
  } catch {
    tell(() => [el("p", { class: "wrong" }, t("reportUnsent"))]);
  }
  button.disabled = false;
}

async function ask(event) {
  event.preventDefault();
  const number = byId("ask").elements.number.value.trim().toUpperCase();
  try {
    const found = await getJson(`/api/alerts/receipts/${encodeURIComponent(number)}`);
    answer = () => [el("p", {}, `${t(`report_${found.status}`)} `, el("span", { class: "muted" }, when(found.received, Date.now())))];
  } catch (error) {
    answer = () => [el("p", { class: "wrong" }, error.status === 404 ? t("reportNoSuch") : t("silent"))];
  }
  render();
}

function tell(parts) {
  told = parts;
  render();
}

function render() {
  const drill = document.querySelector(".exercise strong"); // the page of a drill says so in its title too
  document.title = `${drill ? `【${drill.textContent}】` : ""}${t("reportTitle")} · Ortoo`;
  const type = form.elements.type;
  const chosen = type.value;
  type.replaceChildren(el("option", { value: "" }, t("reportAny")), ...KINDS.map((kind) => el("option", { value: kind }, t(kind))));
  type.value = chosen;
  byId("sent").replaceChildren(...told());
  byId("found").replaceChildren(...answer());
}

startLanguages();
onLanguage(render);
form.addEventListener("submit", send);
byId("ask").addEventListener("submit", ask);
