// Warnings now in force: our own that are published, and received ones that have not ended. Colour never stands alone.
import { byId, count, el, foreign, getJson, onLanguage, t, when } from "./common.js";
import { divisionName } from "./divisions.js";

const PAGES = 2; // of 500 to a state
const SOON_MS = 1000;
const FIRST = 30;
const COLOURS = ["red", "orange", "yellow", "blue"];
const STATUSES = ["Exercise", "Test", "System", "Draft"];
const SEVERITIES = ["Extreme", "Severe", "Moderate", "Minor", "Unknown"];

let found = null; // until it was asked: nobody knows yet whether there is none
let everything = false;
let context;
let timer = 0;
let seen = null;
let took = 0;

export function startWarnings(given) {
  context = given;
  byId("warnings-all").addEventListener("click", () => { everything = true; draw(); });
  onLanguage(draw);
  load();
  setInterval(draw, 30000); // what ends by itself goes by itself
}

/** Something happened to a warning: ask again soon, and not before the read models know of it. */
export function touched(event) {
  if (!/^alerts\.(alert|message)\./.test(event.type)) return;
  seen = event;
  timer ||= setTimeout(load, Math.max(SOON_MS, 4 * took)); // a long list is not asked for all the time
}

/** Draw again: names of divisions came. */
export function draw() {
  if (context === undefined) return;
  if (found === null) return waiting();
  const now = context.now();
  const items = found.items.filter((item) => !item.expires || new Date(item.expires) > now).sort((a, b) => rank(a) - rank(b) || b.position - a.position);
  const shown = everything ? items : items.slice(0, FIRST);
  byId("warnings").replaceChildren(...shown.map(drawn));
  byId("warnings-count").textContent = found.whole ? count(items.length) : t("more", { n: count(items.length) });
  const all = byId("warnings-all");
  all.hidden = shown.length === items.length;
  all.textContent = t("all", { n: count(items.length) });
  const note = byId("warnings-note");
  note.hidden = items.length > 0;
  note.replaceChildren(el("p", {}, found.failed ?? t(context.signedIn() ? "warningsNoneIn" : "warningsNone")));
}

function waiting() {
  const note = byId("warnings-note");
  note.hidden = false;
  note.replaceChildren(el("p", {}, t("loading")));
}

async function load() {
  timer = 0;
  const began = performance.now();
  const headers = seen ? { "Ortoo-Position": `${seen.log}:${seen.position}` } : {};
  try {
    const parts = await Promise.all([all("published", headers), all("active", headers)]);
    found = { items: parts.flatMap((part) => part.items), whole: parts.every((part) => part.whole) };
  } catch (error) {
    if (error.status === 503 || error.status === undefined) timer ||= setTimeout(load, 2000);
    if (!found?.items.length) found = { items: [], whole: true, failed: error.message };
  }
  took = performance.now() - began;
  draw();
}

async function all(state, headers) {
  const items = [];
  let before = null;
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await getJson(`/api/alerts/alerts?state=${state}&limit=500${before === null ? "" : `&before=${before}`}`, headers);
    items.push(...answer.items);
    before = answer.next;
    if (before === null) return { items, whole: true };
  }
  return { items, whole: false };
}

/** Our own by colour, then received ones by CAP severity: two scales that are never converted into each other. */
function rank(item) {
  const colour = COLOURS.indexOf(item.colour);
  return colour >= 0 ? colour : COLOURS.length + Math.max(0, SEVERITIES.indexOf(item.severity ?? "Unknown"));
}

function drawn(item) {
  const path = `/api/alerts/alerts/${encodeURIComponent(item.id)}`;
  const now = context.now();
  const begins = item.starts && new Date(item.starts) > now ? [t("from"), when(item.starts, now, false), " · "] : [];
  const ends = item.expires ? [t("until"), when(item.expires, now, false)] : [t("noEnd")];
  const areas = item.areas ?? [];
  const places = areas.slice(0, 3).map(divisionName).join(t("comma"));
  return el(
    "li", { class: `warning ${COLOURS.includes(item.colour) ? item.colour : "grey"}` },
    el("div", { class: "line" }, badge(item), ...notReal(item), foreign(title(item), { class: "headline" })),
    el("div", { class: "muted facts" }, foreign(places), areas.length > 3 ? ` ${t("areas", { n: areas.length })}` : "", places ? " · " : "", ...begins, ...ends),
    el(
      "div", { class: "muted facts" },
      foreign(item.sender ?? ""), item.sender ? " · " : "", t(item.own ? "own" : "received"), " · ",
      ...(item.own || context.signedIn() ? [el("a", { href: `${path}/cap`, "aria-label": `CAP ${item.id}` }, t("cap")), " "] : []), el("a", { href: path, "aria-label": `JSON ${item.id}` }, t("raw")),
    ),
  );
}

/** Which hazard comes first; our own text may not say it. */
function title(item) {
  return item.own ? [item.event, item.headline].filter(Boolean).join(" · ") || item.id : item.headline || item.event || item.id;
}

/** An exercise or a test says so before anything else. */
function notReal(item) {
  return STATUSES.includes(item.status) ? [el("span", { class: "badge" }, t(item.status))] : [];
}

function badge(item) {
  if (COLOURS.includes(item.colour)) return el("span", { class: "badge" }, t(item.colour));
  const severity = SEVERITIES.includes(item.severity) ? item.severity : "Unknown";
  return el("span", { class: "badge", title: t("severity", { severity }) }, t(severity));
}
