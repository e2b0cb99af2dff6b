// What the translation memory has: matches for the segment at hand, asked for when it gets the focus and never waited for, and
// a search. Nothing of it is written anywhere unless a person says so.

import { localTimes } from "./desk.js";
import { plain } from "./tagged.js";

const PAUSE = 150;
const byId = (id) => document.getElementById(id);

let shown = null;
let asked = null;
let timer;
let pressed = false;
addEventListener("pointerdown", () => (pressed = true), true);
for (const ends of ["pointerup", "pointercancel"]) addEventListener(ends, () => (pressed = false), true);

/** Show what the memory has under the segment that has got the focus, and take away what stood under another. */
export function suggest(segment) {
  clearTimeout(timer);
  asked?.abort();
  const row = segment.closest(".row");
  const top = row.getBoundingClientRect().top;
  shown?.remove();
  shown = null;
  // What went from above must not move the row that a pointer may just be pressed on.
  scrollBy(0, row.getBoundingClientRect().top - top);
  timer = setTimeout(() => ask(segment), PAUSE);
}

async function ask(segment) {
  asked = new AbortController();
  const told = byId("memory-told");
  told.textContent = "";
  try {
    const answer = await fetch(`/segments/${segment.segmentId}/suggestions`, {
      headers: { "HX-Request": "true" },
      signal: asked.signal,
    });
    const html = answer.ok ? await answer.text() : "";
    if (!html.trim()) return;
    segment.closest(".row").insertAdjacentHTML("beforeend", html); // written and escaped by the server
  } catch {
    return; // The focus has gone on, or the desk does not answer, which saving tells; it is asked again at the next focus.
  }
  shown = segment.closest(".row").querySelector(".matches");
  localTimes(shown);
  if (!pressed) shown.scrollIntoView({ block: "nearest" }); // else what is being selected would move
  const count = shown.children.length;
  told.textContent = `${count} ${count > 1 ? "suggestions" : "suggestion"} from the memory`;
}

/** Take the number-th suggestion into its segment; undoing brings back what stood there. */
export function take(segment, number) {
  const button = shown?.closest(".row").contains(segment) && shown.querySelectorAll("[data-use]")[number - 1];
  if (!button) return;
  segment.setValue(button.dataset.use);
  segment.focusEnd();
}

/** Open the search, with the selected words where there are some, and come back to the same place. */
export function search(segment) {
  const dialog = byId("memory-dialog");
  if (dialog.open) return;
  const form = dialog.querySelector("form");
  let back = segment?.contains(document.activeElement) ? segment.selection() : null;
  const [words, side] = selected(segment, back);
  if (words) {
    form.phrase.value = words;
    form.side.value = side;
    form.requestSubmit();
  }
  const goBack = () => {
    if (back) {
      segment.field.focus();
      segment.select(back.start, back.end);
    }
    back = null;
  };
  dialog.onclose = goBack;
  dialog.oncancel = (event) => {
    // Close and go back at once: a key pressed between the two would be lost.
    event.preventDefault();
    dialog.close();
    goBack();
  };
  dialog.showModal();
  form.phrase.select();
}

/** [the selected words without chips, the side they stand on]. */
function selected(segment, within) {
  if (within && within.end > within.start) return [plain(segment.atoms.slice(within.start, within.end)).trim(), "target"];
  const selection = document.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return ["", ""];
  const range = selection.getRangeAt(0);
  const around = range.commonAncestorContainer;
  const text = (around.closest ? around : around.parentElement).closest(".source, .target");
  if (!text) return ["", ""];
  const copy = range.cloneContents();
  for (const chip of copy.querySelectorAll(".chip")) chip.remove();
  return [copy.textContent.trim(), text.classList.contains("source") ? "source" : "target"];
}
