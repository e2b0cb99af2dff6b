// "You have unsaved text": what an earlier visit typed and the server never confirmed, offered again.

import { discard, leftOver } from "./keep.js";
import { plainTagged } from "./tagged.js";

function button(label, work) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "small";
  element.textContent = label;
  element.addEventListener("click", work);
  return element;
}

/** Fill the banner. `segments` are those that may be edited now; `put(segment, text)` puts a text back. */
export function offerRestore(banner, segments, translation, put, choose) {
  const byId = new Map(segments.map((segment) => [segment.segmentId, segment]));
  const newest = new Map();
  for (const entry of leftOver()) {
    if (entry.translation !== translation) continue;
    const segment = byId.get(entry.segment);
    if (segment && segment.value === entry.text) discard(entry);
    else {
      const same = `${entry.segment} ${entry.text}`;
      if (newest.has(same)) discard(newest.get(same));
      newest.set(same, entry);
    }
  }
  const entries = [...newest.values()];
  if (!entries.length) return;

  const list = document.createElement("ul");
  list.className = "restore-list";
  const done = (item) => {
    item.remove();
    banner.hidden = list.children.length === 0;
  };
  const items = entries.map((entry) => {
    const segment = byId.get(entry.segment);
    const item = document.createElement("li");
    const text = document.createElement("p");
    text.className = "restore-text";
    text.textContent = plainTagged(entry.text);
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    const restore = () => {
      put(segment, entry.text);
      discard(entry);
      done(item);
    };
    if (segment) {
      const labels = { title: "Unsaved text and what is saved", theirs: "As saved now" };
      buttons.append(
        button("Restore", restore),
        button("Compare", () =>
          choose(null, entry.text, segment.value, labels, (choice) => {
            if (choice === "mine") restore();
            else {
              discard(entry);
              done(item);
            }
          }),
        ),
      );
    } else buttons.append(button("Copy", () => navigator.clipboard.writeText(plainTagged(entry.text))));
    buttons.append(
      button("Discard", () => {
        discard(entry);
        done(item);
      }),
    );
    item.append(text, buttons);
    item.restore = segment ? restore : null;
    return item;
  });
  list.append(...items);

  const oldest = new Date(entries[0].at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  const head = document.createElement("p");
  head.textContent = `You have unsaved text from ${oldest}, in ${entries.length} segment${entries.length > 1 ? "s" : ""}. `;
  if (segments.length) head.append(button("Restore all", () => items.forEach((item) => item.restore?.())));
  else head.append("The translation is not yours to edit now; claim it to put the text back, or copy it.");
  banner.append(head, list);
  banner.hidden = false;
}
