// Judgements on their way: kept in the browser until the desk has said that they are on disk.
import { call, LostConnection, Refusal } from "./api.js";

const WAITS_MS = [500, 1000, 2000, 4000, 8000, 15000];

export class Outbox {
  // `tell(state, n)`: "stored", "sending" or "waiting" and how many are kept here;
  // `stored(entry, answer)` and `refused(entry, error)` for each one that left.
  constructor(who, { tell, stored, refused, signedOut }) {
    this.key = `undertone-outbox-${who}`;
    this.handlers = { tell, stored, refused, signedOut };
    this.sending = null;
    this.flight = null;
    this.tries = 0;
    this.memory = null;
    window.addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.flush(); });
  }

  entries() {
    if (this.memory) return this.memory;
    try {
      return JSON.parse(localStorage.getItem(this.key) || "[]");
    } catch {
      return [];
    }
  }

  keep(entries) {
    try {
      localStorage.setItem(this.key, JSON.stringify(entries));
      this.memory = null;
    } catch {
      this.memory = entries; // no room or no right to store: kept as long as the page is open
    }
  }

  put(entry) {
    this.keep([...this.entries(), entry]);
    this.flush();
  }

  // Take back the newest one, if it has not been sent yet; else null.
  takeBack(batch) {
    const entries = this.entries();
    const last = entries.at(-1);
    if (!last || last.batch !== batch || last.body.key === this.flight) return null;
    this.keep(entries.slice(0, -1));
    this.tell();
    return last;
  }

  tell(state) {
    const n = this.entries().length;
    this.handlers.tell(n === 0 ? "stored" : state || "sending", n);
  }

  // Send what is kept, in order; the promise ends when nothing is left or the connection is lost.
  flush() {
    if (!this.sending) {
      clearTimeout(this.timer);
      this.sending = this.#send().finally(() => { this.sending = null; this.flight = null; });
    }
    return this.sending;
  }

  async #send() {
    for (let entry = this.entries()[0]; entry; entry = this.entries()[0]) {
      this.flight = entry.body.key;
      this.tell(this.tries ? "waiting" : "sending");
      try {
        const answer = await call("POST", "/api/judgements", entry.body);
        this.#drop(entry);
        this.handlers.stored(entry, answer);
      } catch (error) {
        if (!(error instanceof LostConnection) && !(error instanceof Refusal)) throw error;
        if (error instanceof LostConnection || [401, 403, 429].includes(error.status)) {
          if (error.status === 401 || error.status === 403) this.handlers.signedOut();
          this.#later();
          return;
        }
        this.#drop(entry);
        this.handlers.refused(entry, error);
      }
    }
    this.tries = 0;
    this.tell();
  }

  #drop(entry) {
    this.tries = 0;
    this.keep(this.entries().filter((one) => one.body.key !== entry.body.key));
  }

  #later() {
    const wait = WAITS_MS[Math.min(this.tries, WAITS_MS.length - 1)];
    this.tries += 1;
    this.tell("waiting");
    this.timer = setTimeout(() => this.flush(), wait);
  }
}

export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
