// The first page: how the node is, who is looking, what is in force, what happens.
import { beijing, byId, count, el, foreign, getJson, onLanguage, startLanguages, t, when } from "./common.js";
import { divisionName, loadDivisions, offerDivisions } from "./divisions.js";
import { redraw, startEvents } from "./events.js";
import { draw as drawIncidents, startIncidents, touched as touchedIncident } from "./incidents.js";
import { draw as drawWarnings, startWarnings, touched } from "./warnings.js";

const POLL_MS = 5000;
let node = null;
let silent = false;
let me = null;
let connection = "connecting";
let ahead = 0; // the node's clock minus this machine's
let timer = 0;
let names = 0;

/** The node's time: a story clock stands still, a real one goes on between two answers. */
function now() {
  return node?.clock.story ? new Date(node.clock.now) : new Date(Date.now() + ahead);
}

async function loadNode() {
  clearTimeout(timer);
  timer = setTimeout(loadNode, POLL_MS);
  if (document.hidden && node !== null) return;
  try {
    node = await getJson("/pages.json");
    ahead = new Date(node.clock.now).getTime() - Date.now();
    silent = false;
  } catch {
    silent = true;
  }
  drawNode();
}

let soon = 0;
function loadNodeSoon() {
  soon ||= setTimeout(() => { soon = 0; loadNode(); }, 1000);
}

function drawNode() {
  if (node === null) {
    byId("node").replaceChildren(el("p", { class: silent ? "wrong" : "muted" }, t(silent ? "silent" : "connecting")));
    return;
  }
  byId("place").textContent = divisionName(node.node);
  byId("version").textContent = `Ortoo ${node.version}`;
  byId("clock-kind").textContent = t(node.clock.story ? "story" : "beijing");
  const realm = byId("realm");
  realm.hidden = node.realm === "real";
  realm.textContent = t("drill", { realm: node.realm });
  byId("node").replaceChildren(health(), ...node.logs.map(card));
}

function health() {
  const ill = silent || node.faults.length > 0;
  const words = silent ? t("silent") : ill ? t("ill", { engines: node.faults.join(", ") }) : t("well");
  return el(
    "div", { class: "card" },
    el("h3", {}, t("wellTitle")),
    el("p", { class: ill ? "wrong" : "right", id: "health" }, words, ...(ill && !silent ? [" ", el("a", { href: "/health/ready" }, t("illMore"))] : [])),
    el("dl", {}, el("dt", {}, t("clients")), el("dd", { class: "number" }, t("clientsN", { n: count(node.clients) })), el("dt", {}, t("version")), el("dd", {}, node.version)),
  );
}

function card(log) {
  const behind = log.position - log.read;
  const about = t(`${log.service}Log`);
  return el(
    "div", { class: "card", "data-log": log.name },
    el("h3", {}, foreign(log.name), about.endsWith("Log") ? "" : el("small", { class: "muted" }, ` ${about}`)),
    el("p", { class: "big number" }, count(log.position), el("small", { class: "muted" }, ` ${t("position")}`)),
    el(
      "dl", {},
      ...(log.chain ? [el("dt", {}, t("chain")), el("dd", {}, el("code", { title: log.chain }, `${log.chain.slice(0, 8)}…${log.chain.slice(-4)}`))] : []),
      el("dt", {}, t("lag")), el("dd", { class: "number" }, behind > 0 ? t("lagSome", { n: count(behind) }) : t("lagNone")),
      el("dt", {}, t("written")), el("dd", { class: "number" }, log.time ? when(log.time, now()) : t("never")),
    ),
  );
}

function drawMe() {
  if (me === null) return;
  const place = byId("me");
  if (me.actor === null) return place.replaceChildren(t("anonymous"));
  const parts = [el("strong", {}, t("me", { actor: me.actor })), ` · ${t("roles", { roles: me.roles.join(t("comma")) })}`];
  if (me.division) parts.push(` · ${divisionName(me.division)}`);
  return place.replaceChildren(...parts, " · ", el("a", { href: "/leave" }, t("leave")));
}

function drawConnection() {
  const place = byId("connection");
  place.dataset.state = { live: "right", lost: "wrong" }[connection] ?? "wait";
  if (place.textContent !== t(connection)) place.textContent = t(connection);
}

function tick() {
  if (node !== null) byId("clock").textContent = beijing(now());
}

startLanguages();
await Promise.all([loadNode(), loadDivisions(offerDivisions), getJson("/api/me").then((found) => { me = found; }, () => { me = { actor: null }; })]);
const opened = now();
const context = { now, province: () => node?.node ?? "", realm: () => node?.realm ?? "real", signedIn: () => Boolean(me?.actor) };
startWarnings(context);
startIncidents(context);
startEvents({
  ...context,
  onEvent: (event) => { touched(event); touchedIncident(event); loadNodeSoon(); if (event.type.startsWith("registry.division") && new Date(event.time) > opened) namesAgain(); },
  onState: (state) => { connection = state; drawConnection(); if (state === "live") loadNodeSoon(); },
});
onLanguage(() => { drawNode(); drawMe(); drawConnection(); offerDivisions(); });
setInterval(tick, 1000);
tick();

function namesAgain() {
  names ||= setTimeout(() => loadDivisions(() => { names = 0; offerDivisions(); redraw(); drawWarnings(); drawIncidents(); drawNode(); drawMe(); }), 2000);
}
