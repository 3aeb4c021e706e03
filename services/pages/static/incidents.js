// Incidents now open, for who is signed in: grade, state, responses and the deadlines that run. Three scales, never mixed: the grade is a
// word, the response a Roman number, and only deadlines carry colour.
import { byId, count, el, foreign, getJson, language, onLanguage, t, when } from "./common.js";
import { divisionName } from "./divisions.js";

const SOON_MS = 1000;
const FIRST = 12;
const LEVELS = ["", "I", "II", "III", "IV"];
const ROUNDS = 60000; // what runs out turns amber and red by itself

let found = null; // until it was asked: nobody knows yet whether there is none
let everything = false;
let context;
let timer = 0;
let seen = null;
let took = 0;

export function startIncidents(given) {
  context = given;
  byId("incidents-panel").hidden = !context.signedIn();
  if (!context.signedIn()) return;
  byId("incidents-all").addEventListener("click", () => { everything = true; draw(); });
  onLanguage(draw);
  load();
  setInterval(load, ROUNDS);
}

/** Something happened that an incident's row shows: ask again soon, and not before the read models know of it. */
export function touched(event) {
  if (context === undefined || !context.signedIn() || !/^alerts\.(incident|closure|response|clock|report|release|order|measure)\./.test(event.type)) return;
  seen = event;
  timer ||= setTimeout(load, Math.max(SOON_MS, 4 * took));
}

/** Draw again: names of divisions came. */
export function draw() {
  if (context === undefined || !context.signedIn()) return;
  if (found === null) return waiting();
  const shown = everything ? found.incidents : found.incidents.slice(0, FIRST);
  byId("incidents").replaceChildren(...shown.map(drawn));
  byId("incidents-count").textContent = found.whole ? count(found.incidents.length) : t("more", { n: count(found.incidents.length) });
  const all = byId("incidents-all");
  const left = found.incidents.length - shown.length;
  all.hidden = left === 0;
  all.textContent = t("incidentsMore", { n: count(left), red: count(found.incidents.slice(shown.length).filter((one) => one.clocks.red).length) });
  const note = byId("incidents-note");
  note.hidden = found.incidents.length > 0;
  note.replaceChildren(el("p", {}, found.failed ?? t("incidentsNone")));
}

function waiting() {
  const note = byId("incidents-note");
  note.hidden = false;
  note.replaceChildren(el("p", {}, t("loading")));
}

async function load() {
  clearTimeout(timer);
  timer = 0;
  const began = performance.now();
  const headers = seen ? { "Ortoo-Position": `${seen.log}:${seen.position}` } : {};
  try {
    const [incidents, responses] = await Promise.all([
      getJson("/api/alerts/incidents?open=true&sort=gravity&limit=500", headers),
      getJson("/api/alerts/responses?state=open&limit=500", headers),
    ]);
    found = { incidents: incidents.items, responses: responses.items, whole: incidents.next === null };
  } catch (error) {
    if (error.status === 403) byId("incidents-panel").hidden = true; // not this post's work
    else if (error.status === 503 || error.status === undefined) timer ||= setTimeout(load, 2000);
    if (!found?.incidents.length) found = { incidents: [], responses: [], whole: true, failed: error.message };
  }
  took = performance.now() - began;
  draw();
}

function drawn(item) {
  const now = context.now();
  const responses = found.responses.filter((one) => one.incident === item.incident || item.absorbed.includes(one.incident));
  const { deadlines } = item;
  const more = item.clocks.running - deadlines.length;
  const dead = ["dead", "missing", "hurt"].filter((name) => item.casualties[name] > 0).map((name) => t(name, { n: count(item.casualties[name]) }));
  const path = `/?incident=${encodeURIComponent(item.incident)}#events`; // its events, on this page
  return el(
    "li", { class: "incident" },
    el("div", { class: "line" },
      el("span", { class: "badge grade" }, t(item.grade ?? "UNGRADED")),
      el("span", { class: "headline" }, item[language.now] ?? item.type, " ", foreign(item.incident)),
      el("span", { class: "muted" }, t(item.state)),
    ),
    el("div", { class: "muted facts" },
      item.divisions.map(divisionName).join(t("comma")), " · ", t("leads", { who: item.leads.map(divisionName).join(t("comma")) }), " · ",
      ...(item.at_place ? [foreign(item.at_place), " · "] : []), t("known"), when(item.known_at, now, false), " · ",
      el("a", { href: path, "aria-label": `${t("itsEvents")} ${item.incident}` }, t("itsEvents")),
    ),
    dead.length === 0 ? null : el("div", { class: "facts casualties" }, dead.join(t("comma"))),
    responses.length === 0 ? null : el("div", { class: "facts" }, t("responding"), ...responses.flatMap((one, n) => [n ? t("comma") : "", response(one)])),
    deadlines.length === 0 ? null : el("ul", { class: "deadlines" }, ...deadlines.map((clock) => deadline(clock, now)),
      more > 0 ? el("li", { class: "muted" }, t("deadlinesMore", { n: count(more) })) : null),
  );
}

/** Whose response, under which plan, on which level. */
function response(one) {
  return el("span", { title: one.plan }, one.outside ? foreign(one.authority) : divisionName(one.authority), " ", el("strong", {}, t("level", { level: LEVELS[one.level] ?? one.level })));
}

function deadline(clock, now) {
  const left = Math.round((new Date(clock.due_at) - now) / 60000);
  const colour = left < 0 ? "late" : clock.amber_at && new Date(clock.amber_at) <= now ? "pressing" : "running";
  const words = left < 0 ? t("overdueBy", { time: span(-left) }) : t("leftOf", { time: span(left) });
  return el("li", { class: colour }, el("strong", {}, words), " ", clock[language.now] ?? clock.rule, " ", el("small", { class: "muted", title: clock.source }, clock.rule));
}

/** Minutes as days, hours and minutes, the two largest. */
function span(minutes) {
  const parts = [[Math.floor(minutes / 1440), "days"], [Math.floor(minutes / 60) % 24, "hours"], [minutes % 60, "minutes"]];
  const from = parts.findIndex(([n]) => n > 0);
  return from < 0 ? t("minutes", { n: 0 }) : parts.slice(from, from + 2).filter(([n]) => n > 0).map(([n, unit]) => t(unit, { n })).join(" ");
}
