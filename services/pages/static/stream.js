// The live stream: EventSource resumes by itself (Last-Event-ID); what it gives up on is opened again from the last id.
import { get, getJson } from "./common.js";
import { learn } from "./names.js";

const AGAIN_MS = 3000;
const ASLEEP_MS = 30000; // a hidden page gives its connection back: browsers have six to a host over HTTP/1.1
const HISTORY = 300; // positions of each log to look back
const HISTORY_FILTERED = 20000;

/** `a12.r99` as it was n positions ago. */
export const back = (vector, n) => vector.replace(/\d+/g, (digits) => String(Math.max(0, Number(digits) - n)));

export class Stream {
  #source = null;
  #types = new Set();
  #filters = {};
  #last = null;
  #timer = 0;
  #asleep = 0;
  #turn = 0; // answers that come after a newer start are dropped

  constructor({ onEvent, onState, onTypes }) {
    Object.assign(this, { onEvent, onState, onTypes });
    document.addEventListener("visibilitychange", () => this.#sleepOrWake());
  }

  /** Show what these filters take: the newest of the past, then everything as it happens. */
  async start(filters) {
    const turn = ++this.#turn;
    this.#close();
    this.#filters = filters;
    this.#last = null;
    this.onState("connecting");
    try {
      const [head, described] = await Promise.all([get("/api/events?after=now"), getJson("/asyncapi.json")]);
      if (turn !== this.#turn) return;
      this.#types = new Set(learn(described));
      this.onTypes([...this.#types]);
      const some = Object.values(filters).some(Boolean);
      this.#last = back(head.headers.get("Ortoo-Vector"), some ? HISTORY_FILTERED : HISTORY);
      this.#open();
    } catch {
      if (turn === this.#turn) this.#later(() => this.start(filters));
    }
  }

  #open() {
    this.#close();
    const asked = new URLSearchParams({ after: this.#last });
    for (const [name, value] of Object.entries(this.#filters)) if (value) asked.set(name, value);
    const source = new EventSource(`/api/events/stream?${asked}`);
    source.onopen = () => this.onState("live");
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) this.#later(() => this.#open()); // it gives up on any answer but 200
      else this.onState("lost");
    };
    const taken = (message) => {
      this.#last = message.lastEventId;
      this.onEvent(JSON.parse(message.data));
    };
    for (const type of this.#types) source.addEventListener(type, taken);
    this.#source = source;
  }

  #later(again) {
    this.#close();
    this.onState("lost");
    this.#timer = setTimeout(again, AGAIN_MS);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  #sleepOrWake() {
    clearTimeout(this.#asleep);
    if (document.hidden) {
      this.#asleep = setTimeout(() => {
        if (this.#source === null) return;
        this.#close();
        this.onState("asleep");
      }, ASLEEP_MS);
    } else if (this.#source === null && this.#last !== null) {
      this.#open();
    }
  }
}
