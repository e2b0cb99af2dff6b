// <ivp-segment>: one segment's target text, edited as plain text in which frozen tags are unbreakable chips.
//
// Every edit is made on the list of atoms (tagged.js) and then shown; the browser's own editing is always prevented, but for
// input methods, whose result is read back and taken only where every chip is still in its place.

import * as tagged from "./tagged.js";
import { SegmentView } from "./view.js";

const CHIP = "application/x-ivpipe-chip";
const TYPING_PAUSE = 1000;

export class IvpSegment extends HTMLElement {
  connectedCallback() {
    if (this.field) return;
    this.field = this.querySelector(".text");
    this.chips = JSON.parse(this.dataset.chips);
    this.atoms = tagged.parse(this.dataset.target, this.chips);
    this.loaded = this.value;
    this.past = [];
    this.future = [];
    this.last = { start: this.atoms.length, end: this.atoms.length };
    if (!this.closest("[data-editable]")) return;
    this.view = new SegmentView(this.field, this.chips);
    this.field.contentEditable = "true";
    this.field.spellcheck = true;
    this.view.show(this.atoms, true);
    const on = (name, work) => this.field.addEventListener(name, work.bind(this));
    on("beforeinput", this.onBeforeInput);
    on("input", this.onInput);
    on("compositionstart", this.onCompositionStart);
    on("compositionend", this.onCompositionEnd);
    on("keydown", this.onKeyDown);
    on("paste", this.onPaste);
    on("copy", (event) => this.onCopy(event, false));
    on("cut", (event) => this.onCopy(event, true));
    on("dragstart", this.onDragStart);
    on("dragover", this.onDragOver);
    on("drop", this.onDrop);
    on("blur", () => (this.last = this.selection()));
  }

  get segmentId() {
    return Number(this.dataset.id);
  }

  /** The tagged text; always well formed. */
  get value() {
    return tagged.serialize(this.atoms);
  }

  get plain() {
    return tagged.plain(this.atoms);
  }

  get missing() {
    return tagged.missing(this.atoms, this.chips);
  }

  /** Replace the whole text (a copy of the source, a restored or another person's text); it can be undone. */
  setValue(text) {
    const atoms = tagged.parse(text, this.chips);
    this.change(atoms, atoms.length, atoms.length, "set");
  }

  focusEnd() {
    this.field.focus();
    this.select(this.atoms.length, this.atoms.length);
  }

  selection() {
    const found = this.view.selection();
    if (found) this.last = found;
    const limit = this.atoms.length;
    return { start: Math.min(this.last.start, limit), end: Math.min(this.last.end, limit) };
  }

  select(start, end = start) {
    this.last = { start, end };
    this.view.select(start, end);
  }

  change(atoms, start, end, kind, force = false) {
    const before = this.selection();
    if (tagged.serialize(atoms) === this.value) {
      this.view.show(this.atoms, force);
      this.select(start, end);
      return;
    }
    const now = performance.now();
    const coalesced = kind === "type" && this.lastKind === "type" && now - this.lastAt < TYPING_PAUSE;
    if (!coalesced) this.past.push({ atoms: this.atoms, ...before });
    if (this.past.length > 500) this.past.shift();
    this.future = [];
    this.lastKind = kind;
    this.lastAt = now;
    this.put(atoms, start, end, force);
  }

  put(atoms, start, end, force = false) {
    this.atoms = atoms;
    this.view.show(atoms, force);
    if (this.field === document.activeElement) this.select(start, end);
    else this.last = { start, end };
    this.dispatchEvent(new CustomEvent("ivp-change", { bubbles: true }));
  }

  insert(text) {
    const { start, end } = this.selection();
    const clean = text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, " ").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b]/g, "");
    const at = start + clean.length;
    this.change(tagged.replaceText(this.atoms, start, end, clean), at, at, clean.length === 1 ? "type" : "insert");
  }

  undo() {
    this.travel(this.past, this.future);
  }

  redo() {
    this.travel(this.future, this.past);
  }

  travel(from, to) {
    const step = from.pop();
    if (!step) return;
    to.push({ atoms: this.atoms, ...this.selection() });
    this.lastKind = "";
    this.put(step.atoms, step.start, step.end);
  }

  shake(why) {
    this.field.classList.remove("shake");
    void this.field.offsetWidth;
    this.field.classList.add("shake");
    this.dispatchEvent(new CustomEvent("ivp-say", { bubbles: true, detail: why }));
  }

  /** Put tag n around the selection, or at the cursor. */
  place(n) {
    const chip = this.chips[n - 1];
    if (!chip) return;
    const { start, end } = this.selection();
    const atoms = tagged.placeTag(this.atoms, chip, start, end);
    if (!atoms) this.shake("There the tag would overlap another one.");
    else {
      const at = atoms.findLastIndex((atom) => tagged.isChip(atom) && atom.n === n) + 1;
      this.change(atoms, at, at, "tag");
    }
  }

  // --- what the browser wants to do ---

  onBeforeInput(event) {
    const type = event.inputType;
    if (type === "insertCompositionText" || type === "deleteCompositionText") return;
    event.preventDefault();
    if (this.composing) return;
    if (type === "insertText" && event.data) this.insert(event.data);
    else if (type === "insertReplacementText") {
      const range = event.getTargetRanges()[0];
      const text = event.dataTransfer?.getData("text/plain") ?? event.data ?? "";
      if (range) this.select(...this.view.offsets(range));
      if (text) this.insert(text);
    } else if (type === "historyUndo") this.undo();
    else if (type === "historyRedo") this.redo();
    else if (type.startsWith("delete") && type !== "deleteByDrag" && type !== "deleteByCut") this.delete(type, event);
  }

  delete(type, event) {
    const { start, end } = this.selection();
    const forward = type.endsWith("Forward");
    let [from, to] = [start, end];
    if (start === end) {
      const range = event.getTargetRanges?.()[0];
      const wanted = range ? this.view.offsets(range) : [start, start];
      const inText = wanted[0] < wanted[1] && !this.atoms.slice(...wanted).some(tagged.isChip);
      [from, to] = inText && wanted[0] <= start && wanted[1] >= start ? wanted : this.reach(start, type, forward);
    }
    const atoms = tagged.replaceText(this.atoms, from, to, "");
    const kept = this.atoms.slice(from, to).filter(tagged.isChip).length;
    const at = forward && start === end ? from + kept : from; // stepped over, or the start of what was selected
    this.change(atoms, at, at, start === end ? "delete" : "deleteRange");
  }

  /** What a deletion from a collapsed cursor would take: to the next grapheme, word or line end; a chip is stepped over. */
  reach(at, type, forward) {
    const beside = this.atoms[forward ? at : at - 1];
    if (beside === undefined) return [at, at];
    if (/Line/.test(type)) return forward ? [at, this.atoms.length] : [0, at];
    if (tagged.isChip(beside)) return forward ? [at, at + 1] : [at - 1, at];
    let edge = at;
    const step = forward ? 1 : -1;
    while (this.atoms[forward ? edge : edge - 1] !== undefined && !tagged.isChip(this.atoms[forward ? edge : edge - 1]))
      edge += step;
    const [low, high] = forward ? [at, edge] : [edge, at];
    const text = this.atoms.slice(low, high).join("");
    let stops = tagged.boundaries(text, /Word/.test(type) ? "word" : "grapheme");
    if (/Word/.test(type)) {
      const blank = forward ? /^\s+/ : /\s+$/;
      const skipped = text.match(blank)?.[0].length ?? 0;
      stops = forward ? stops.filter((stop) => stop > skipped) : stops.filter((stop) => stop < text.length - skipped);
    } else stops = forward ? stops.filter((stop) => stop > 0) : stops.filter((stop) => stop < text.length);
    return forward ? [at, low + (stops[0] ?? text.length)] : [low + (stops.at(-1) ?? 0), at];
  }

  /** A change the browser made although it was not asked: take it where all chips are in place, else show ours again. */
  onInput() {
    if (!this.composing) this.takeFromPage("");
  }

  onCompositionStart() {
    const { start, end } = this.selection();
    if (start !== end) {
      // The input method would replace the selection in the page, chips included: empty it first, by our own rules.
      this.change(tagged.replaceText(this.atoms, start, end, ""), start, start, "deleteRange");
    }
    this.composing = this.selection();
  }

  onCompositionEnd(event) {
    const at = this.composing;
    this.composing = null;
    this.takeFromPage(event.data ?? "", at);
  }

  takeFromPage(typed, at = this.selection()) {
    const atoms = this.view.read();
    const chipsOf = (list) => tagged.serialize(list.filter(tagged.isChip));
    if (chipsOf(atoms) === chipsOf(this.atoms)) {
      const { start, end } = this.view.selection() ?? this.last;
      this.change(atoms, start, end, "compose", true);
    } else {
      const caret = at.start + typed.length;
      this.change(tagged.replaceText(this.atoms, at.start, at.end, typed), caret, caret, "compose", true);
    }
  }

  onKeyDown(event) {
    if (event.isComposing || event.keyCode === 229 || event.getModifierState("AltGraph")) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const does = (work) => {
      event.preventDefault();
      work();
    };
    if (ctrl && !event.altKey && key === "z") does(() => (event.shiftKey ? this.redo() : this.undo()));
    else if (ctrl && !event.altKey && !event.shiftKey && key === "y") does(() => this.redo());
    else if (event.altKey && !ctrl && /^Digit[1-9]$/.test(event.code)) does(() => this.place(Number(event.code.at(-1))));
    else if (event.altKey && event.shiftKey && !ctrl && (key === "ArrowLeft" || key === "ArrowRight"))
      does(() => this.moveBeside(key === "ArrowRight"));
    else if (!event.altKey && !ctrl && (key === "ArrowLeft" || key === "ArrowRight"))
      does(() => this.view.step(key === "ArrowLeft" ? "left" : "right", event.shiftKey));
  }

  /** Move the chip beside the cursor over the next word, or over the chip that stands there. */
  moveBeside(right) {
    const rightToLeft = getComputedStyle(this.field).direction === "rtl";
    const forward = right !== rightToLeft;
    const { start } = this.selection();
    const beside = (index) => this.atoms[index] !== undefined && tagged.isChip(this.atoms[index]);
    const index = beside(start - 1) ? start - 1 : beside(start) ? start : -1;
    if (index < 0) return this.shake("Put the cursor beside a tag to move it.");
    const gap = forward ? index + 1 : index;
    const [low, high] = this.reach(gap, forward ? "deleteWordForward" : "deleteWordBackward", forward);
    const to = forward ? high : low;
    const atoms = to === gap ? null : tagged.moveChip(this.atoms, index, to);
    if (!atoms) return this.shake("The tag cannot go further that way.");
    const now = forward ? to : to + 1;
    this.change(atoms, now, now, "tag");
  }

  onPaste(event) {
    event.preventDefault();
    this.insert(event.clipboardData.getData("text/plain"));
  }

  onCopy(event, cut) {
    const { start, end } = this.selection();
    event.preventDefault();
    if (start === end) return;
    event.clipboardData.setData("text/plain", tagged.plain(this.atoms.slice(start, end)));
    if (cut) this.change(tagged.replaceText(this.atoms, start, end, ""), start, start, "cut");
  }

  onDragStart(event) {
    const element = event.target.nodeType === Node.TEXT_NODE ? event.target.parentElement : event.target;
    const chip = element.closest(".chip");
    event.dataTransfer.effectAllowed = "copyMove";
    if (chip) {
      event.dataTransfer.clearData();
      event.dataTransfer.setData(CHIP, `${this.segmentId} ${this.view.indexOf(chip)}`);
    } else {
      const { start, end } = this.selection();
      this.dragged = [start, end];
      event.dataTransfer.clearData();
      event.dataTransfer.setData("text/plain", tagged.plain(this.atoms.slice(start, end)));
    }
    this.addEventListener("dragend", () => (this.dragged = null), { once: true });
  }

  onDragOver(event) {
    event.preventDefault();
    const at = this.view.offsetAt(event.clientX, event.clientY);
    if (at === null || this.dragged) return;
    this.field.focus();
    this.select(at);
  }

  onDrop(event) {
    event.preventDefault();
    const at = this.view.offsetAt(event.clientX, event.clientY) ?? this.selection().end;
    const chip = event.dataTransfer.getData(CHIP);
    this.field.focus();
    if (chip) {
      const [segment, index] = chip.split(" ").map(Number);
      if (segment !== this.segmentId) return this.shake("A tag stays in its own segment.");
      const atoms = tagged.moveChip(this.atoms, index, at);
      if (!atoms) return this.shake("There the tag would overlap another one.");
      return this.change(atoms, at, at, "tag");
    }
    const text = event.dataTransfer.getData("text/plain");
    if (this.dragged && (at < this.dragged[0] || at > this.dragged[1])) {
      const [start, end] = this.dragged;
      const kept = this.atoms.slice(start, end).filter(tagged.isChip).length;
      const without = tagged.replaceText(this.atoms, start, end, "");
      const to = at > start ? at - (end - start - kept) : at;
      this.change(tagged.replaceText(without, to, to, text), to, to + text.length, "drag");
    } else if (!this.dragged) {
      this.select(at);
      this.insert(text);
    }
    this.dragged = null;
  }
}

customElements.define("ivp-segment", IvpSegment);
