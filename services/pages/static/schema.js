// JSON Schema made readable: its type in words, its fields as a list, and an example that has its shape.
import { el, t } from "./common.js";

const DEPTH = 4;
const SAMPLES = { "date-time": "2026-07-18T02:30:00+08:00", date: "2026-07-18", duration: "PT30M", uuid: "00000000-0000-0000-0000-000000000000", uri: "https://example.org/" };

/** The schema itself: references followed, an optional null left aside. */
export function resolved(schema, document) {
  let found = schema ?? {};
  for (let hops = 0; hops < 10; hops += 1) {
    if (found.$ref) found = document.components.schemas[found.$ref.split("/").pop()] ?? {};
    else {
      const kinds = (found.anyOf ?? found.oneOf ?? found.allOf ?? []).filter((kind) => kind.type !== "null");
      if (kinds.length !== 1) return found;
      found = { ...kinds[0], description: found.description ?? kinds[0].description };
    }
  }
  return found;
}

export function typeOf(schema, document) {
  const found = resolved(schema, document);
  if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (found.const !== undefined) return JSON.stringify(found.const);
  if (found.anyOf ?? found.oneOf) return [...new Set((found.anyOf ?? found.oneOf).map((kind) => typeOf(kind, document)))].join(" | ");
  if (found.type === "array") return `[${typeOf(found.items ?? found.prefixItems?.[0], document)}]`;
  return found.format ?? found.type ?? t("anyJson");
}

/** The fields of an object, nested ones below. */
export function fieldsOf(schema, document, depth = 0) {
  const found = resolved(schema, document);
  const object = found.type === "array" ? resolved(found.items, document) : found;
  const entries = Object.entries(object.properties ?? {});
  if (entries.length === 0 || depth >= DEPTH) return null;
  const needed = new Set(object.required ?? []);
  return el("ul", { class: "fields" }, ...entries.map(([name, field]) => fieldLine(name, field, needed.has(name), document, depth)));
}

function fieldLine(name, field, needed, document, depth) {
  const about = resolved(field, document).description ?? "";
  return el(
    "li", {},
    el("code", {}, name), " ", el("span", { class: "muted" }, typeOf(field, document)), needed ? el("strong", {}, ` ${t("required")}`) : "",
    about ? ` — ${about.split("\n")[0]}` : "",
    fieldsOf(field, document, depth + 1),
  );
}

/** A value of the schema's shape: all fields at the top, below it those required. Texts are their field's name in capitals. */
export function exampleOf(schema, document, name = "", depth = 0) {
  const found = resolved(schema, document);
  if (schema?.examples?.length || found.examples?.length) return schema.examples?.[0] ?? found.examples[0];
  if (found.const !== undefined) return found.const;
  if (found.enum) return found.enum[0];
  if (![undefined, null, ""].includes(found.default) && !Array.isArray(found.default)) return found.default;
  const kinds = found.anyOf ?? found.oneOf;
  if (kinds) return exampleOf(kinds.find((kind) => kind.type !== "null") ?? {}, document, name, depth);
  switch (found.type) {
    case "object": return depth >= DEPTH ? {} : objectOf(found, document, depth);
    case "array": return depth >= DEPTH ? [] : [exampleOf(found.items ?? found.prefixItems?.[0], document, name, depth + 1)];
    case "integer": case "number": return found.minimum ?? 1;
    case "boolean": return true;
    case "string": return SAMPLES[found.format] ?? (name || "text").toUpperCase();
    default: return name || "text";
  }
}

function objectOf(schema, document, depth) {
  const all = Object.entries(schema.properties ?? {});
  const needed = all.filter(([name]) => schema.required?.includes(name));
  return Object.fromEntries((depth === 0 || needed.length === 0 ? all : needed).map(([name, field]) => [name, exampleOf(field, document, name, depth + 1)]));
}
