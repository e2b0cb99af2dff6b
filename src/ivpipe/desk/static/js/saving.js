// Saving segments: a while after typing, one request per segment at a time, tried again until the server has answered.

import { csrf } from "./desk.js";
import { forget, keep, user } from "./keep.js";

const PAUSE = 600;
const WAITS = [1000, 2000, 5000, 10000, 20000];
const WORDS = { saving: "saving", saved: "saved", retrying: "not saved: retrying", refused: "refused", typing: "" };

export class Saving extends EventTarget {
  /** `title` and `translation` are kept with each text, to be found again by. */
  constructor(translation, title) {
    super();
    this.translation = translation;
    this.title = title;
    this.records = new Map();
    addEventListener("online", () => this.retryAll());
    addEventListener("pagehide", () => this.flushNow());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.flushNow());
    addEventListener("beforeunload", (event) => {
      // Typing is kept in this browser, so leaving is safe, unless the browser keeps nothing.
      if ([...this.records.values()].some((record) => record.unkept && this.dirty(record))) event.preventDefault();
    });
  }

  record(segment) {
    let record = this.records.get(segment.segmentId);
    if (!record) {
      record = { segment, version: Number(segment.dataset.version), saved: segment.loaded, tries: 0, state: "" };
      this.records.set(segment.segmentId, record);
    }
    return record;
  }

  dirty(record) {
    return record.segment.value !== record.saved || record.confirm;
  }

  get unsaved() {
    return [...this.records.values()].filter((record) => this.dirty(record) || record.flight);
  }

  changed(segment) {
    const record = this.record(segment);
    record.unkept = !keep(segment.segmentId, {
      text: segment.value,
      version: record.version,
      translation: this.translation,
      title: this.title,
      source: segment.dataset.source,
    });
    if (record.state !== "retrying") this.state(record, "typing");
    record.tries = 0;
    this.later(record, PAUSE);
  }

  /** Save although nothing changed: a person stands behind the text now. */
  confirm(segment) {
    const record = this.record(segment);
    record.confirm = true;
    return this.save(record);
  }

  leave(segment) {
    const record = this.records.get(segment.segmentId);
    if (record && this.dirty(record) && !record.conflict) this.save(record);
  }

  later(record, wait) {
    clearTimeout(record.timer);
    record.timer = setTimeout(() => this.save(record), wait);
  }

  retryAll() {
    for (const record of this.records.values()) if (this.dirty(record) && !record.conflict) this.save(record);
  }

  /** Save all and say whether all is saved. */
  async settle() {
    for (let round = 0; round < 3 && this.unsaved.length; round++)
      await Promise.all(this.unsaved.map((record) => record.flight ?? this.save(record)));
    return this.unsaved.length === 0;
  }

  /** The page is going: one last request that outlives it. The text stays kept here until a later load sees it saved. */
  flushNow() {
    for (const record of this.records.values()) {
      if (record.flight || record.conflict || record.segment.value === record.saved) continue;
      clearTimeout(record.timer);
      record.last = record.segment.value;
      this.save(record, true);
    }
  }

  save(record, keepalive = false) {
    clearTimeout(record.timer);
    record.flight ??= this.send(record, keepalive).finally(() => {
      record.flight = null;
      if (record.again) {
        record.again = false;
        this.later(record, 0);
      }
    });
    return record.flight;
  }

  async send(record, keepalive) {
    const text = record.segment.value;
    const confirmed = record.confirm;
    this.state(record, "saving");
    let response;
    let body;
    try {
      response = await post(`/segments/${record.segment.segmentId}`, { target: text, version: record.version }, keepalive);
      body = await response.json();
    } catch {
      this.failed(record, "The desk does not answer.");
      return;
    }
    if (response.ok) this.accepted(record, text, confirmed, body);
    else if (body.code === "stale" && body.current === text) {
      // An earlier save of ours got through, only its answer was lost: save once more, to be told issues and version.
      record.version = body.version;
      record.again = true;
    } else if (body.code === "stale") {
      record.conflict = body;
      record.confirm = false;
      this.state(record, "refused", "somebody else saved it");
      this.dispatchEvent(new CustomEvent("conflict", { detail: record }));
    } else if (response.status === 401) {
      this.state(record, "retrying", "log in again");
      this.dispatchEvent(new Event("login"));
    } else if (body.code === "csrf") await this.renew(record);
    else if (response.status >= 500) this.failed(record, `${body.title}.`);
    else {
      record.confirm = false;
      this.state(record, "refused", [body.error, body.advice].filter(Boolean).join("; "));
    }
  }

  accepted(record, text, confirmed, body) {
    record.version = body.version;
    record.saved = text;
    record.tries = 0;
    record.conflict = null;
    if (confirmed) record.confirm = false;
    if (record.segment.value === text) {
      forget(record.segment.segmentId);
      this.state(record, "saved");
    } else record.again = true;
    this.dispatchEvent(new CustomEvent("saved", { detail: { record, body } }));
  }

  failed(record, why) {
    this.state(record, "retrying", why);
    this.later(record, WAITS[Math.min(record.tries++, WAITS.length - 1)]);
  }

  /** The session is another one than this page's (a login in another tab): take its token, if it is the same person's. */
  async renew(record) {
    try {
      const response = await fetch("/session", { headers: { Accept: "application/json" } });
      if (response.status === 401) this.dispatchEvent(new Event("login"));
      else if (response.ok && this.loggedIn(await response.json())) {
        record.again = true;
        return;
      }
    } catch {
      // Tried again below.
    }
    this.failed(record, "The login has changed.");
  }

  /** Take over a new session's token; false where somebody else has logged in. */
  loggedIn(session) {
    if (String(session.user) !== user) return false;
    document.querySelector("meta[name=csrf]").content = session.csrf;
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = session.csrf;
    return true;
  }

  state(record, state, why = "") {
    record.state = state;
    record.why = why;
    this.dispatchEvent(new CustomEvent("state", { detail: { record, state, word: WORDS[state], why } }));
  }
}

/** POST JSON, asking for JSON. */
export function post(address, values, keepalive = false) {
  return fetch(address, {
    method: "POST",
    keepalive,
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf() },
    body: JSON.stringify(values),
  });
}
