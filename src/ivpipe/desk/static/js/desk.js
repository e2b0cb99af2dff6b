// What every page of the desk needs. Without it the forms still work.

import { discard, leftOver } from "./keep.js";

export const csrf = () => document.querySelector("meta[name=csrf]").content;

let toastTimer;
/** Say something in the corner for a while. */
export function say(text) {
  const toast = document.getElementById("toast");
  toast.textContent = text;
  toast.hidePopover();
  toast.showPopover(); // above a dialog that is open
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toast.hidePopover(), 6000);
}

/** Show times in the reader's own zone; the pages are written in UTC. */
export function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const local = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    if (time.title) time.title = local;
    else time.textContent = local;
  }
}

/** Texts left unsaved in other translations than the one open: say where. A text whose save arrived after its page had gone is
 * not unsaved, so the server is asked first. */
async function unsavedElsewhere() {
  const here = document.getElementById("segments")?.dataset.translation;
  const entries = leftOver().filter((entry) => String(entry.translation) !== here);
  const others = new Map();
  for (const entry of entries.slice(-50)) {
    try {
      const response = await fetch(`/segments/${Number(entry.segment)}`, { headers: { Accept: "application/json" } });
      if (response.ok && (await response.json()).target === entry.text) {
        discard(entry);
        continue;
      }
    } catch {
      // Not known, so it counts as unsaved.
    }
    others.set(String(entry.translation), entry);
  }
  if (!others.size) return;
  const banner = document.getElementById("unsaved-elsewhere");
  banner.append("You have unsaved text in: ");
  for (const [translation, entry] of others) {
    const link = document.createElement("a");
    link.href = `/translations/${encodeURIComponent(translation)}`;
    link.textContent = entry.title || `translation ${translation}`;
    banner.append(link, " ");
  }
  banner.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.open) document.getElementById(button.dataset.open).showModal();
  else if ("close" in button.dataset) button.closest("dialog").close();
  else if ("back" in button.dataset) history.back();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});
document.addEventListener("htmx:configRequest", (event) => (event.detail.headers["X-CSRF-Token"] = csrf()));
document.addEventListener("htmx:afterSettle", (event) => localTimes(event.target));
document.addEventListener("htmx:responseError", (event) => {
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  say([...page.querySelectorAll("p")].map((p) => p.textContent).join(" ") || "That did not work.");
});
document.addEventListener("htmx:sendError", () => say("The desk does not answer. Check your connection and try again."));

for (const button of document.querySelectorAll("[data-back]")) button.hidden = history.length < 2;
localTimes(document);
unsavedElsewhere();
