// The table of live events. Five times a second at most; the newest on top; each row opens to the whole CloudEvent.
import { byId, count, el, foreign, onLanguage, snippet, t, when } from "./common.js";
import { families, familyName, nameOf } from "./names.js";
import { divisionName, divisions } from "./divisions.js";
import { Stream } from "./stream.js";
import { example } from "./example.js";

const KEPT = matchMedia("(max-width: 720px)").matches ? 50 : 200; // on a phone they stand below each other
const GATHER_MS = 200;
const SETTLE_MS = 1500;

const rows = new Map(); // id -> {event, body}
const said = new Map(); // stream -> its last headline
let waiting = [];
let paused = false;
let settled = false; // the past had its time to arrive: only then is an empty table called empty
let settling = 0;
let timer = 0;
let types = [];
let context;

/** Start the table. `context` gives the node's time and its province, and hears of every event. */
export function startEvents(given) {
  context = given;
  const stream = new Stream({ onEvent: take, onState: given.onState, onTypes: (found) => { types = found; options(); } });
  const form = byId("filters");
  const restart = () => {
    remember(form);
    rows.clear();
    waiting = [];
    for (const body of byId("events").querySelectorAll("tbody")) body.remove();
    begin();
  };
  const begin = () => {
    settled = false;
    clearTimeout(settling);
    settling = setTimeout(() => { settled = true; note(); }, SETTLE_MS);
    note();
    stream.start(filters());
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", restart);
  form.addEventListener("reset", () => setTimeout(() => { form.elements.division.setCustomValidity(""); restart(); }));
  byId("pause").addEventListener("click", () => { paused = !paused; flush(); });
  for (const [name, value] of new URLSearchParams(location.search)) if (form.elements[name]) pick(form.elements[name], value);
  onLanguage(() => { options(); redraw(); note(); });
  begin();
}

/** Names of divisions came: show them. */
export function redraw() {
  for (const row of rows.values()) {
    const fresh = drawn(row.event, row.body.classList.contains("open"));
    row.body.replaceWith(fresh);
    row.body = fresh;
  }
}

function filters() {
  const { division, type, incident } = byId("filters").elements;
  return { division: divisions.codeOf(division.value.trim()), type: type.value, incident: incident.value.trim() };
}

function remember(form) {
  const kept = Object.entries(filters()).filter(([, value]) => value);
  history.replaceState(null, "", kept.length ? `?${new URLSearchParams(kept)}` : location.pathname);
  const division = form.elements.division;
  const known = !division.value || divisions.size() === 0 || divisions.has(divisions.codeOf(division.value.trim()));
  division.setCustomValidity(known ? "" : t("unknownDivision"));
  division.reportValidity();
}

function pick(field, value) {
  if (field.tagName === "SELECT") field.replaceChildren(el("option", { value }, value));
  field.value = value;
}

function options() {
  const select = byId("filters").elements.type;
  const chosen = select.value;
  const known = families(types);
  if (chosen && !known.includes(chosen)) known.push(chosen);
  select.replaceChildren(
    el("option", { value: "" }, t("everything")),
    ...known.map((family) => el("option", { value: family }, `${family.includes(".") ? "\u2003" : ""}${familyName(family)} · ${family}`)),
  );
  select.value = chosen;
  byId("filters").elements.division.placeholder = t("divisionHint");
}

function take(event) {
  if (rows.has(event.id)) return;
  waiting.push(event);
  if (waiting.length > 5 * KEPT) waiting = waiting.slice(-KEPT);
  timer ||= setTimeout(flush, GATHER_MS);
  context.onEvent(event);
}

function flush() {
  clearTimeout(timer);
  timer = 0;
  if (!paused) {
    for (const event of waiting) if (!rows.has(event.id)) rows.set(event.id, { event, body: drawn(event) });
    waiting = [];
    arrange();
  }
  const button = byId("pause");
  button.textContent = !paused ? t("pause") : waiting.length ? t("resumeN", { n: waiting.length }) : t("resume");
  button.setAttribute("aria-pressed", String(paused));
  note();
}

/** Newest first over all logs. Rows that stay are not touched, so that focus and open rows stay too. */
function arrange() {
  const order = [...rows.values()].sort((a, b) => b.event.time.localeCompare(a.event.time) || b.event.position - a.event.position);
  for (const { event, body } of order.splice(KEPT)) {
    rows.delete(event.id);
    body.remove();
  }
  let place = byId("events").tHead.nextElementSibling;
  for (const { body } of order) {
    if (body === place) place = place.nextElementSibling;
    else byId("events").insertBefore(body, place);
  }
}

function drawn(event, open = false) {
  const body = el("tbody", { class: "fresh" });
  const name = el("button", { type: "button", class: "plain", "aria-expanded": "false", title: event.type }, nameOf(event.type));
  const actor = event.actor ? `${event.actor}${event.role ? ` · ${event.role}` : ""}` : "";
  const cells = el(
    "tr", {},
    el("td", { class: "when number" }, when(event.time, context.now())),
    el("td", { class: "kind" }, name),
    el("td", { class: "what" }, el("div", {}, foreign(gist(event), { class: "gist" }), actor ? el("small", { class: "muted" }, foreign(actor)) : null)),
    el("td", { class: "where" }, event.division ? foreign(divisionName(event.division), { title: event.division }) : ""),
    el("td", { class: "place number muted", title: event.log }, `${event.log.split(".").pop()} ${event.position}`),
  );
  const toggle = () => {
    const opened = body.classList.toggle("open");
    name.setAttribute("aria-expanded", String(opened));
    if (opened) body.append(el("tr", {}, el("td", { colspan: "5" }, el("pre", { class: "code", tabindex: "0", "aria-label": event.id, dir: "ltr" }, JSON.stringify(event, null, 2)))));
    else body.lastElementChild.remove();
  };
  name.addEventListener("click", toggle);
  body.append(cells);
  if (open) toggle();
  return body;
}

/** What an event is about: its own words, else the headline of its stream, else the stream's name. A reason is of its event alone. */
function gist(event) {
  const data = event.data ?? {};
  const info = data.message?.infos?.find(({ headline, event: kind }) => headline || kind) ?? {};
  const title = info.headline || info.event || data.content?.headline || data.content?.cautions;
  if (title) said.set(event.streamid, title);
  if (said.size > 10 * KEPT) said.delete(said.keys().next().value);
  return title || data.reason || said.get(event.streamid) || event.streamid;
}

/** How many rows there are; and while nothing has happened yet, what the first step is. */
function note() {
  const shown = rows.size;
  byId("events-count").textContent = shown ? t("shown", { n: count(shown) }) : "";
  const filtered = Object.values(filters()).some(Boolean);
  const onlySetUp = [...rows.values()].every(({ event }) => event.type.startsWith("registry."));
  const place = byId("events-note");
  place.hidden = !settled || !onlySetUp || (filtered && shown > 0);
  const words = place.hidden ? "" : t(filtered ? "eventsFiltered" : shown ? "eventsOnly" : "eventsNone");
  if (place.dataset.words === words) return;
  place.dataset.words = words;
  place.replaceChildren(...(words ? [el("p", {}, words)] : []), ...(words && !filtered ? firstSteps() : []));
}

function firstSteps() {
  const demo = `.venv/bin/ortoo demo --url ${location.origin}`;
  return [snippet(example(context.province(), context.now(), context.realm())), el("p", {}, t("orDemo")), snippet(demo)];
}
