// What was typed and is not yet confirmed by the server, kept in this browser: by person, segment and page load, so that an
// unsaved text of an earlier load is never overwritten by typing in this one.

const PREFIX = "ivpipe.unsaved";
const LOAD = crypto.getRandomValues(new Uint32Array(2)).join("-");
export const user = document.querySelector("meta[name=user]")?.content ?? "";

const keyOf = (segment) => `${PREFIX}.${user}.${segment}.${LOAD}`;

/** Keep a text; false where the browser refuses (private mode, storage full). */
export function keep(segment, values) {
  try {
    localStorage.setItem(keyOf(segment), JSON.stringify({ ...values, segment, at: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

export function forget(segment) {
  try {
    localStorage.removeItem(keyOf(segment));
  } catch {
    // Nothing was kept, then.
  }
}

/** Texts that earlier loads of this person left unsaved, oldest first: [{key, segment, translation, text, at, …}]. */
export function leftOver() {
  const found = [];
  try {
    for (let index = 0; index < localStorage.length; index++) {
      const key = localStorage.key(index);
      if (!key.startsWith(`${PREFIX}.${user}.`) || key.endsWith(`.${LOAD}`)) continue;
      try {
        found.push({ ...JSON.parse(localStorage.getItem(key)), key });
      } catch {
        localStorage.removeItem(key);
      }
    }
  } catch {
    return [];
  }
  return found.sort((a, b) => a.at - b.at);
}

export function discard(entry) {
  localStorage.removeItem(entry.key);
}
