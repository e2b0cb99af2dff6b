// The editor's page: moving between segments, what is shown of saving, filters, dialogs. Saving is in saving.js, typing in segment.js.

import { post, Saving } from "./saving.js";
import { localTimes, say } from "./desk.js";
import { search, suggest, take } from "./memory.js";
import { offerRestore } from "./restore.js";
import { difference, plainTagged } from "./tagged.js";
import "./segment.js";

const list = document.getElementById("segments");
const editable = "editable" in list.dataset;
const segments = [...list.querySelectorAll("ivp-segment")];
const rowOf = (segment) => segment.closest(".row");
const byId = (id) => document.getElementById(id);
const title = document.querySelector(".work-title h1").textContent;
const saving = new Saving(Number(list.dataset.translation), title);
const countBlocking = () => list.querySelectorAll(".issue.blocking:not(.dismissed)").length;
let current = null;
let blocking = countBlocking();

// --- moving ---

function go(from, step, wanted = () => true) {
  let index = segments.indexOf(from) + step;
  while (segments[index] && (!wanted(segments[index]) || getComputedStyle(rowOf(segments[index])).display === "none"))
    index += step;
  const segment = segments[index];
  if (!segment) return from.field.focus();
  segment.focusEnd();
  rowOf(segment).scrollIntoView({ block: "nearest" });
}

const unconfirmed = (segment) => !rowOf(segment).classList.contains("confirmed");

function confirmAndGo(segment) {
  saving.confirm(segment);
  const later = segments.slice(segments.indexOf(segment) + 1).some(unconfirmed);
  go(segment, 1, later ? unconfirmed : undefined);
}

function copySource(segment) {
  segment.setValue(segment.dataset.source);
  segment.focusEnd();
}

list.addEventListener("keydown", (event) => {
  const segment = event.target.closest("ivp-segment");
  if (!segment || !editable || event.isComposing || event.keyCode === 229) return;
  if (event.getModifierState("AltGraph")) return; // it types a letter: ć, @, €
  const ctrl = event.ctrlKey || event.metaKey;
  const does = (work) => {
    event.preventDefault();
    work();
  };
  if (event.key === "Enter" && ctrl) does(() => confirmAndGo(segment));
  else if (event.key === "Enter") does(() => go(segment, event.shiftKey ? -1 : 1));
  else if (event.altKey && !ctrl && event.key === "ArrowDown") does(() => go(segment, 1));
  else if (event.altKey && !ctrl && event.key === "ArrowUp") does(() => go(segment, -1));
  else if (event.altKey && ctrl && event.code === "KeyC") does(() => copySource(segment));
  else if (event.altKey && ctrl && event.code === "KeyH") does(() => showHistory(segment));
  else if (event.altKey && ctrl && /^Digit[1-9]$/.test(event.code)) does(() => take(segment, Number(event.code.at(-1))));
  else if (event.key === "Escape") does(() => segment.field.blur());
});

list.addEventListener("focusin", (event) => {
  const segment = event.target.closest("ivp-segment");
  if (!segment || segment === current) return;
  current = segment;
  showBar();
  if (editable) suggest(segment);
});
list.addEventListener("focusout", (event) => {
  const segment = event.target.closest("ivp-segment");
  if (segment && editable) saving.leave(segment);
});
list.addEventListener("ivp-change", (event) => {
  saving.changed(event.target);
  showMissing(event.target);
});
list.addEventListener("click", (event) => {
  const text = event.target.closest("[data-use]")?.dataset.use;
  if (text === undefined) return;
  const segment = event.target.closest(".row").querySelector("ivp-segment");
  segment.setValue(text);
  segment.focusEnd();
});
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  event.preventDefault();
  search(current);
});
byId("memory-search").addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
byId("memory-search").addEventListener("click", () => search(current));
list.addEventListener("ivp-say", (event) => say(event.detail));

// --- what is known of the segment at hand ---

function showBar() {
  const bar = byId("bar");
  if (!bar) return;
  byId("bar-number").textContent = rowOf(current).querySelector(".number").textContent;
  byId("bar-tags").replaceChildren(
    ...current.chips.slice(0, 12).map((chip) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small";
      button.title = `${chip[4]}${chip[0] < 10 ? ` (Alt ${chip[0]})` : ""}`;
      button.textContent = `${chip[0]} ${chip[3]}`;
      button.addEventListener("click", () => current.place(chip[0]));
      return button;
    }),
  );
  byId("bar-tags-label").hidden = current.chips.length === 0;
  bar.hidden = false;
}

byId("bar")?.addEventListener("mousedown", (event) => event.preventDefault());
byId("bar")?.addEventListener("click", (event) => {
  const does = event.target.closest("[data-do]")?.dataset.do;
  if (does === "confirm") confirmAndGo(current);
  else if (does === "copy") copySource(current);
  else if (does === "undo") current.undo();
  else if (does === "history") showHistory(current);
  else if (does === "memory") search(current);
});

/** Tags that an engine lost, each with a button that puts it at the cursor. */
function showMissing(segment) {
  const row = rowOf(segment);
  const missing = segment.missing;
  let tools = row.querySelector(".row-tools");
  row.classList.toggle("has-missing", missing.length > 0);
  if (!missing.length) return tools?.remove();
  if (!tools) {
    tools = document.createElement("div");
    tools.className = "row-tools";
    tools.addEventListener("mousedown", (event) => event.preventDefault());
    row.append(tools);
  }
  const line = document.createElement("span");
  line.className = "missing";
  line.append("Missing:");
  for (const chip of missing) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = `${chip[3]} ${chip[4].length > 40 ? `${chip[4].slice(0, 39)}…` : chip[4]}`;
    button.title = `Put it at the cursor, or around the selected words: ${chip[4]}`;
    button.addEventListener("click", () => {
      if (document.activeElement !== segment.field) segment.field.focus();
      segment.place(chip[0]);
    });
    line.append(button);
  }
  tools.replaceChildren(line);
}

// --- what is known of saving ---

saving.addEventListener("state", ({ detail: { record, state, word, why } }) => {
  const mark = rowOf(record.segment).querySelector(".mark");
  let shown = mark.querySelector(".save-mark");
  if (!shown) {
    shown = document.createElement("span");
    mark.append(shown);
  }
  shown.className = `save-mark ${state}`;
  shown.textContent = word;
  shown.title = why;
  if (state === "refused") {
    shown.tabIndex = 0;
    shown.setAttribute("role", "button");
    if (!record.conflict) say(`Not saved: ${why}. The text is kept in this browser.`);
  }
  showSaveState();
});

function showSaveState() {
  const states = [...saving.records.values()].map((record) => record.state);
  const worst = ["refused", "retrying", "saving", "typing", "saved"].find((state) => states.includes(state)) ?? "";
  const words = {
    refused: "A segment was refused: see its mark",
    retrying: "Not saved: retrying. Your text is kept in this browser",
    saving: "Saving …",
    typing: "…",
    saved: "All saved",
  };
  const shown = byId("save-state");
  if (shown.textContent !== words[worst]) shown.textContent = words[worst] ?? "";
  shown.className = `save-state ${worst}`;
}

saving.addEventListener("saved", ({ detail: { record, body } }) => {
  const row = rowOf(record.segment);
  row.classList.add("confirmed", "kept");
  row.querySelector(".change")?.remove();
  const origin = row.querySelector(".origin");
  origin.className = "origin human";
  origin.textContent = "✓";
  origin.title = "confirmed";
  showIssues(row, body);
});

function showIssues(row, body) {
  const issues = row.querySelector(".issues");
  issues.innerHTML = body.issues_html; // written and escaped by the server
  issues.hidden = issues.children.length === 0;
  row.dataset.openIssues = body.open;
  count();
}

function count() {
  const confirmed = list.querySelectorAll(".row.confirmed").length;
  byId("progress").value = confirmed;
  byId("progress-text").textContent = `${confirmed} of ${segments.length} confirmed`;
  byId("count-unconfirmed").textContent = segments.length - confirmed;
  byId("count-issues").textContent = list.querySelectorAll('.row:not([data-open-issues="0"])').length;
  showActions();
}

for (const button of document.querySelectorAll("[data-filter]")) {
  button.addEventListener("click", () => {
    for (const row of list.querySelectorAll(".row.kept")) row.classList.remove("kept");
    list.className = button.dataset.filter ? `segments filter-${button.dataset.filter}` : "segments";
    for (const other of document.querySelectorAll("[data-filter]")) other.ariaPressed = String(other === button);
  });
}

// --- dialogs ---

function showDifference(element, before, after, kind) {
  element.replaceChildren(
    ...difference(before, after)
      .filter(([what]) => what === "same" || what === kind)
      .map(([what, text]) => {
        if (what === "same") return document.createTextNode(text);
        const marked = document.createElement(kind);
        marked.textContent = text;
        return marked;
      }),
  );
}

/** Show two texts side by side and let the person choose; `labels`: heading and what each side is called. */
function choose(record, mine, theirs, labels, onChoice) {
  const dialog = byId("conflict-dialog");
  byId("conflict-title").textContent = labels.title;
  dialog.querySelectorAll("h3")[1].textContent = labels.theirs;
  showDifference(byId("conflict-mine"), plainTagged(theirs), plainTagged(mine), "ins");
  showDifference(byId("conflict-theirs"), plainTagged(theirs), plainTagged(mine), "del");
  dialog.onclick = (event) => {
    const choice = event.target.closest("[data-choose]")?.dataset.choose;
    if (!choice) return;
    dialog.close();
    onChoice(choice);
  };
  if (!dialog.open) dialog.showModal();
}

function resolve(record) {
  const { current: theirs, version } = record.conflict;
  const labels = { title: "This segment was saved elsewhere meanwhile", theirs: "As saved now" };
  choose(record, record.segment.value, theirs, labels, (choice) => {
    record.version = version;
    record.conflict = null;
    if (choice === "mine") saving.confirm(record.segment);
    else {
      record.segment.setValue(theirs);
      saving.confirm(record.segment);
    }
  });
}

saving.addEventListener("conflict", ({ detail: record }) => {
  if (!byId("conflict-dialog").open) resolve(record);
});
list.addEventListener("click", (event) => {
  const mark = event.target.closest(".save-mark.refused");
  if (mark) {
    const record = saving.record(mark.closest(".row").querySelector("ivp-segment"));
    if (record.conflict) resolve(record);
    else saving.save(record);
  }
  const dismiss = event.target.closest("[data-dismiss]");
  if (dismiss) dismissIssue(dismiss);
});
list.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches(".save-mark.refused")) event.target.click();
});

function dismissIssue(button) {
  const dialog = byId("dismiss-dialog");
  const row = button.closest(".row");
  const form = dialog.querySelector("form");
  byId("dismiss-text").textContent = button.closest(".issue").querySelector(".issue-text").textContent;
  form.reset();
  form.onsubmit = async (event) => {
    event.preventDefault();
    try {
      const response = await post(`/issues/${button.dataset.dismiss}/dismiss`, { reason: form.reason.value });
      const body = await response.json();
      if (response.ok) {
        showIssues(row, body);
        dialog.close();
      } else if (response.status === 401) askLogin();
      else say(`${body.error}. ${body.advice ?? ""}`);
    } catch {
      say("The desk does not answer. Try again.");
    }
  };
  dialog.showModal();
}

async function showHistory(segment) {
  const body = byId("history-body");
  const response = await fetch(`/segments/${segment.segmentId}/history`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!response?.ok) return say("The history cannot be shown now.");
  body.innerHTML = await response.text(); // written and escaped by the server
  localTimes(body);
  for (const button of body.querySelectorAll("[data-use]")) {
    button.hidden = !editable;
    button.addEventListener("click", () => {
      byId("history-dialog").close();
      segment.setValue(button.dataset.use);
      segment.focusEnd();
    });
  }
  byId("history-dialog").showModal();
}

// --- a session that ended ---

async function askLogin() {
  const dialog = byId("login-dialog");
  if (dialog.open) return;
  const response = await fetch("/login?in_place=1").catch(() => null);
  if (!response?.ok) return;
  byId("login-body").innerHTML = await response.text(); // written and escaped by the server
  const form = dialog.querySelector("form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = form.querySelector(".problem");
    try {
      const answer = await fetch("/login", {
        method: "POST",
        headers: { Accept: "application/json" },
        body: new URLSearchParams(new FormData(form)),
      });
      const body = await answer.json();
      if (answer.ok && saving.loggedIn(body)) {
        dialog.close();
        saving.retryAll();
        return;
      }
      problem.textContent = answer.ok
        ? "That is another person's login: what you typed belongs to the one before."
        : `${body.error}${body.advice ? `: ${body.advice}` : ""}`;
    } catch {
      problem.textContent = "The desk does not answer. Try again.";
    }
    problem.hidden = false;
  });
  if (!dialog.open) dialog.showModal();
}
saving.addEventListener("login", askLogin);

// --- buttons that leave the page: first everything is saved ---

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("form[data-action]") || !saving.unsaved.length) return;
  event.preventDefault();
  if (await saving.settle()) event.target.submit();
  else say("Not everything is saved yet; this waits until it is.");
});

// Blocking issues decide what may be done: where there are more or fewer, these parts of the page are had anew.
async function showActions() {
  const now = countBlocking();
  if (now === blocking) return;
  blocking = now;
  try {
    const response = await fetch(location.pathname);
    if (!response.ok || response.redirected) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (now !== blocking || byId("work-actions").querySelector("dialog[open]")) return;
    for (const part of ["work-actions", "impossible"]) byId(part).replaceWith(fresh.getElementById(part));
  } catch {
    // What is shown is old; the server refuses what is not possible.
  }
}

if (editable) {
  for (const segment of segments) showMissing(segment);
  offerRestore(byId("restore"), segments, Number(list.dataset.translation), (segment, text) => {
    segment.setValue(text);
    rowOf(segment).scrollIntoView({ block: "center" });
  }, choose);
} else offerRestore(byId("restore"), [], Number(list.dataset.translation), null, choose);
if (editable && /^#s\d+$/.test(location.hash)) document.querySelector(`${location.hash} ivp-segment`)?.focusEnd();
