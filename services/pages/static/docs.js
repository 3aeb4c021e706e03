// Every operation of /openapi.json, to be searched, read and tried with curl. Works without any other host.
import { byId, el, getJson, onLanguage, snippet, startLanguages, t } from "./common.js";
import { exampleOf, fieldsOf, typeOf } from "./schema.js";

const METHODS = ["get", "put", "post", "patch", "delete"];
let api = { info: {}, paths: {} };
let operations = [];

function listed(document) {
  const found = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const words = [operation.operationId, method, path, operation.summary, operation.description].join(" ").toLowerCase();
      found.push({ ...operation, method, path, words, tag: operation.tags?.[0] ?? "", parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])] });
    }
  }
  return found.sort((a, b) => a.tag.localeCompare(b.tag) || a.path.localeCompare(b.path));
}

function show() {
  const asked = byId("search").elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = operations.filter((operation) => asked.every((word) => operation.words.includes(word)));
  byId("found").textContent = t("found", { n: shown.length, all: operations.length });
  const children = [];
  let tag = null;
  for (const operation of shown) {
    if (operation.tag !== tag) children.push(el("h2", { class: "tagged" }, (tag = operation.tag)));
    children.push(folded(operation));
  }
  if (shown.length === 0 && operations.length > 0) children.push(el("p", { class: "empty" }, t("noneFound")));
  byId("operations").replaceChildren(...children);
}

function folded(operation) {
  const details = el(
    "details", { class: "operation", id: operation.operationId },
    el("summary", {}, el("span", { class: "method" }, operation.method.toUpperCase()), el("strong", {}, operation.operationId ?? ""), el("code", {}, operation.path)),
  );
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    if (details.childElementCount === 1) details.append(unfolded(operation));
    history.replaceState(null, "", `#${operation.operationId}`);
  });
  return details;
}

function unfolded(operation) {
  const parts = [el("p", {}, operation.description ?? operation.summary ?? "")];
  if (operation.parameters.length) parts.push(section("parameters", parameters(operation.parameters)));
  parts.push(...bodies(operation));
  const answers = Object.entries(operation.responses ?? {});
  parts.push(section("answers", el("ul", { class: "answers" }, ...answers.map(([status, answer]) => el("li", {}, el("code", {}, status), ` ${answer.description ?? ""}`)))));
  const open = operation.method === "get" && !operation.path.includes("{") ? el("p", {}, el("a", { href: operation.path }, t("open"))) : null;
  parts.push(section("tryOut", el("div", {}, snippet(curl(operation)), open)));
  return el("div", { class: "inside" }, ...parts);
}

/** Each body with its fields; kinds that have none share a line. */
function bodies(operation) {
  const plain = new Map();
  const parts = [];
  for (const [kind, media] of Object.entries(operation.requestBody?.content ?? {})) {
    const fields = fieldsOf(media.schema, api);
    const type = typeOf(media.schema, api);
    if (fields !== null) parts.push(section("body", fields, ` ${kind}`));
    else plain.set(type, [...(plain.get(type) ?? []), kind]);
  }
  for (const [type, kinds] of plain) parts.push(section("body", el("p", { class: "muted" }, type), ` ${kinds.join(", ")}`));
  return parts;
}

function section(title, content, more = "") {
  return el("section", {}, el("h3", {}, t(title), more ? el("code", { class: "muted" }, more) : ""), content);
}

function parameters(all) {
  return el("ul", { class: "fields" }, ...all.map((parameter) => el(
    "li", {},
    el("code", {}, parameter.name), " ", el("span", { class: "muted" }, `${parameter.in} · ${typeOf(parameter.schema, api)}`),
    parameter.required ? el("strong", {}, ` ${t("required")}`) : "", parameter.description ? ` — ${parameter.description}` : "",
  )));
}

/** A line that can be pasted: path parts in capitals are to be replaced, the token comes from `ortoo token`. */
function curl(operation) {
  const needed = operation.parameters.filter((parameter) => parameter.in === "query" && parameter.required);
  const asked = needed.map((parameter) => `${parameter.name}=${parameter.name.toUpperCase()}`).join("&");
  const address = location.origin + operation.path.replace(/{(\w+)(:path)?}/g, (_, name) => name.toUpperCase()) + (asked ? `?${asked}` : "");
  const streaming = "text/event-stream" in (operation.responses?.["200"]?.content ?? {});
  const lines = [`curl -sS ${streaming ? "-N " : ""}${operation.method === "get" ? "" : `-X ${operation.method.toUpperCase()} `}${quoted(address)}`, '  -H "Authorization: Bearer $token"'];
  if (operation.method !== "get") lines.push('  -H "Idempotency-Key: $(date +%s%N)"');
  const [kind, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (kind?.endsWith("json")) lines.push(`  -H ${quoted(`Content-Type: ${kind}`)}`, `  -d ${quoted(JSON.stringify(exampleOf(media.schema, api), null, 2))}`);
  else if (kind) lines.push(`  -H ${quoted(`Content-Type: ${kind}`)}`, "  --data-binary @FILE");
  return lines.join(" \\\n");
}

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function guide() {
  const points = ["guideToken", "guideKey", "guideCosigner", "guidePosition", "guideProblem", "guideCapitals", "guideEnglish"].map((key) => t(key)).filter(Boolean);
  byId("guide").replaceChildren(
    el("ul", {}, ...points.map((point) => el("li", {}, point))),
    snippet(`token=$(.venv/bin/ortoo token --actor DUTY.1 --role EMD.duty --division ${province})`),
  );
}

/** What the address names after # is opened; a search that hides it is cleared. */
function reveal() {
  const name = decodeURIComponent(location.hash.slice(1));
  if (!operations.some((operation) => operation.operationId === name)) return;
  if (byId(name) === null) {
    byId("search").reset();
    show();
  }
  byId(name).open = true;
  byId(name).scrollIntoView();
}

let province = "";
startLanguages();
byId("search").addEventListener("submit", (event) => event.preventDefault());
byId("search").addEventListener("input", show);
addEventListener("hashchange", reveal);
try {
  const [document, node] = await Promise.all([getJson("/openapi.json"), getJson("/pages.json")]);
  api = document;
  province = node.node;
  operations = listed(document);
  byId("version").textContent = api.info.version;
} catch (error) {
  byId("operations").replaceChildren(el("p", { class: "wrong" }, error.message));
}
onLanguage(() => { guide(); show(); reveal(); });
