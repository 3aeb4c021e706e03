// Names of divisions, asked for once. Without them codes show, and everything works.
import { byId, el, getJson, language } from "./common.js";

const PAGES = 6; // of 500: enough for all counties and many townships; the filter takes any code
const units = new Map();

export const divisions = {
  size: () => units.size,
  has: (code) => units.has(code),
  /** The code of what somebody typed: a code stays, a name in either language is looked up. */
  codeOf(text) {
    if (!text || units.has(text)) return text;
    const wanted = text.toLowerCase();
    for (const unit of units.values()) if (unit.zh === text || unit.en?.toLowerCase() === wanted) return unit.code;
    return text;
  },
};

export function divisionName(code) {
  const unit = units.get(code);
  return (unit && (language.now === "zh" ? unit.zh : unit.en || unit.zh)) || code;
}

/** Load the names; `changed` is called when there are some. */
export async function loadDivisions(changed) {
  let after = "";
  try {
    for (let page = 0; page < PAGES && after !== null; page += 1) {
      const answer = await getJson(`/api/registry/divisions?limit=500${after ? `&after=${encodeURIComponent(after)}` : ""}`);
      for (const unit of answer.items) units.set(unit.code, unit);
      after = answer.next;
    }
  } catch (error) {
    console.info(`division names are not there yet: ${error.message}`);
  }
  changed();
}

export function offerDivisions() {
  byId("divisions").replaceChildren(...[...units.values()].map((unit) => el("option", { value: unit.code }, divisionName(unit.code))));
}
