// What both pages need: two languages, Beijing time, and elements whose text is always text.
import { WORDS } from "./words.js";

export const language = { now: remembered() };
const listeners = [];

function remembered() {
  try {
    const kept = localStorage.getItem("ortoo.language");
    if (kept === "zh" || kept === "en") return kept;
  } catch { /* storage is switched off: the browser's own language it is */ }
  return (navigator.language || "zh").toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** The words of a key in the language now chosen; `{name}` is filled in. */
export function t(key, values = {}) {
  const text = WORDS[language.now][key] ?? key;
  return text.replace(/{(\w+)}/g, (_, name) => values[name] ?? "");
}

/** Called now and whenever the language changes. */
export function onLanguage(render) {
  listeners.push(render);
  render();
}

function speak() {
  document.documentElement.lang = language.now === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language.now));
  }
}

export function startLanguages() {
  onLanguage(speak);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => {
      language.now = button.dataset.language;
      try {
        localStorage.setItem("ortoo.language", language.now);
      } catch { /* not remembered, still switched */ }
      for (const render of listeners) render();
    });
  }
}

/** An element: text children are text nodes, never markup. What comes over the wire is hostile until shown as text. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** Text of others in a box of its own direction, so that it cannot turn what stands beside it. */
export const foreign = (text, attributes = {}) => el("bdi", { dir: "auto", ...attributes }, String(text));

export const byId = (id) => document.getElementById(id);
export const count = (n) => n.toLocaleString("en-US");

const BEIJING = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium" });

/** `2026-11-22 18:03:05` in Beijing. */
export const beijing = (moment) => BEIJING.format(moment);

/** A time as it is read: the hour for today, the day for others; UTC on hover. */
export function when(iso, now, seconds = true) {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return el("span", {}, String(iso));
  const [text, today] = [beijing(moment), beijing(now)];
  const clock = text.slice(11, seconds ? 19 : 16);
  let shown = `${text.slice(0, 10)} ${text.slice(11, 16)}`;
  if (text.slice(0, 10) === today.slice(0, 10)) shown = clock;
  else if (text.slice(0, 4) === today.slice(0, 4)) shown = `${text.slice(5, 10)} ${text.slice(11, 16)}`;
  return el("time", { datetime: moment.toISOString(), title: `UTC ${moment.toISOString().replace("T", " ").slice(0, 19)}` }, shown);
}

/** A GET of this node; throws with what would cure it. */
export async function get(path, headers = {}) {
  const answer = await fetch(path, { headers });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw Object.assign(new Error(problem.cure ?? `HTTP ${answer.status}`), { status: answer.status });
  }
  return answer;
}

export const getJson = async (path, headers) => (await get(path, headers)).json();

/** A command to copy. Without a clipboard (plain http on another address) the text is selected instead. */
export function snippet(text) {
  const code = el("pre", { tabindex: "0", class: "code", "aria-label": t("command") }, text);
  const button = el("button", { type: "button", class: "copy" }, t("copy"));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = t("copied");
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = t("selected");
    }
  });
  return el("div", { class: "snippet" }, code, button);
}
