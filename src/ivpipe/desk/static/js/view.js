// How a segment's atoms stand in the page, and the way from a place in the page to a place in the atoms and back.

import { isChip } from "./tagged.js";

const FILLER = "\u200b";

/** One chip as an element. */
export function chipElement(chip, side) {
  const element = document.createElement("span");
  element.className = `chip ${side} ${chip[2]}`;
  element.textContent = chip[3];
  element.title = chip[4] + (side === "close" ? " (end)" : "");
  return element;
}

/** Show atoms in an element that is not edited. */
export function showReadOnly(element, atoms, chips) {
  element.replaceChildren(...pieces(atoms, chips).map((piece) => pieceNode(piece, chips)));
}

/** Runs of text, each with the kinds of the tags around it, and chips. */
function pieces(atoms, chips) {
  const found = [];
  const inside = [];
  for (const atom of atoms) {
    if (isChip(atom)) {
      if (atom.side === "close") inside.splice(inside.lastIndexOf(chips[atom.n - 1][2]), 1);
      found.push(atom);
      if (atom.side === "open") inside.push(chips[atom.n - 1][2]);
    } else if (found.at(-1)?.text !== undefined) found.at(-1).text += atom;
    else found.push({ text: atom, look: inside.join(" ") });
  }
  return found;
}

function pieceNode(piece, chips) {
  if (piece.text === undefined) return chipElement(chips[piece.n - 1], piece.side);
  const text = document.createTextNode(piece.text);
  if (!piece.look) return text;
  const run = document.createElement("span");
  run.className = `run ${piece.look}`;
  run.append(text);
  return run;
}

export class SegmentView {
  constructor(field, chips) {
    this.field = field;
    this.chips = chips;
    this.fillers = new WeakSet();
    this.shape = null;
  }

  /** Show the atoms. Where only words changed, only text nodes are touched, so that spelling marks and scrolling stay. */
  show(atoms, force) {
    const found = pieces(atoms, this.chips);
    const shape = found.map((piece) => (piece.text === undefined ? `${piece.n}${piece.side}` : `t ${piece.look}`)).join("|");
    if (!force && shape === this.shape) {
      found.forEach((piece, index) => {
        if (piece.text !== undefined) updateText(this.texts[index], piece.text);
      });
      return;
    }
    this.shape = shape;
    this.texts = [];
    const nodes = [];
    let previousIsText = false;
    found.forEach((piece, index) => {
      if (piece.text === undefined) {
        // The cursor needs text to stand in: before, between and after chips.
        if (!previousIsText) nodes.push(this.filler());
        const element = chipElement(this.chips[piece.n - 1], piece.side);
        element.contentEditable = "false";
        element.draggable = true;
        element.dataset.n = piece.n;
        element.dataset.side = piece.side;
        nodes.push(element);
        previousIsText = false;
      } else {
        const node = pieceNode(piece, this.chips);
        this.texts[index] = node.firstChild ?? node;
        nodes.push(node);
        previousIsText = true;
      }
    });
    if (!previousIsText) nodes.push(this.filler());
    this.field.replaceChildren(...nodes);
  }

  filler() {
    const node = document.createTextNode(FILLER);
    this.fillers.add(node);
    return node;
  }

  /** Chips and text nodes in order; nothing inside chips. */
  leaves() {
    const found = [];
    const visit = (node) => {
      for (const child of node.childNodes) {
        if (child.nodeType === Node.TEXT_NODE || child.classList?.contains("chip")) found.push(child);
        else visit(child);
      }
    };
    visit(this.field);
    return found;
  }

  text(leaf) {
    return this.fillers.has(leaf) ? leaf.data.replaceAll(FILLER, "") : leaf.data;
  }

  length(leaf) {
    return leaf.nodeType === Node.TEXT_NODE ? this.text(leaf).length : 1;
  }

  /** The atoms as the page now has them. */
  read() {
    return this.leaves().flatMap((leaf) =>
      leaf.nodeType === Node.TEXT_NODE
        ? this.text(leaf).replace(/[\r\n]+/g, " ").split("")
        : [{ n: Number(leaf.dataset.n), side: leaf.dataset.side }],
    );
  }

  offset(node, offset) {
    const point = document.createRange();
    point.setStart(node, offset);
    let position = 0;
    for (const leaf of this.leaves()) {
      if (leaf === node && leaf.nodeType === Node.TEXT_NODE) {
        const ahead = this.fillers.has(leaf) ? leaf.data.slice(0, offset).replaceAll(FILLER, "").length : offset;
        return position + ahead;
      }
      if (leaf === node || leaf.contains(node)) return position + (offset > 0 ? 1 : 0);
      const parent = leaf.parentNode;
      if (point.comparePoint(parent, [...parent.childNodes].indexOf(leaf)) >= 0) return position;
      position += this.length(leaf);
    }
    return position;
  }

  /** [start, end] of a range of the page in atoms. */
  offsets(range) {
    const start = this.offset(range.startContainer, range.startOffset);
    const end = this.offset(range.endContainer, range.endOffset);
    return start <= end ? [start, end] : [end, start];
  }

  indexOf(chip) {
    return this.offset(chip.parentNode, [...chip.parentNode.childNodes].indexOf(chip));
  }

  point(at) {
    let position = 0;
    let fallback = [this.field, this.field.childNodes.length];
    for (const leaf of this.leaves()) {
      const length = this.length(leaf);
      if (leaf.nodeType === Node.TEXT_NODE && at >= position && at <= position + length) {
        return this.fillers.has(leaf) ? [leaf, leaf.data.length] : [leaf, at - position];
      }
      position += length;
    }
    return fallback;
  }

  selection() {
    const selection = document.getSelection();
    if (!selection.rangeCount || !this.field.contains(selection.anchorNode)) return null;
    if (!this.field.contains(selection.focusNode)) return null;
    const [start, end] = this.offsets(selection.getRangeAt(0));
    return { start, end };
  }

  select(start, end) {
    document.getSelection().setBaseAndExtent(...this.point(start), ...this.point(end));
  }

  /** Move the cursor to where it visibly moves: the fillers between chips are not stops. */
  step(direction, extend) {
    const selection = document.getSelection();
    const place = () => this.offset(selection.focusNode, selection.focusOffset);
    const collapses = !extend && !selection.isCollapsed;
    const before = place();
    for (let tries = 0; tries < 3; tries++) {
      selection.modify(extend ? "extend" : "move", direction, "character");
      if (!this.field.contains(selection.focusNode)) {
        this.select(before, before);
        return;
      }
      if (collapses || place() !== before) return;
    }
  }

  offsetAt(x, y) {
    const found = document.caretPositionFromPoint?.(x, y);
    const range = found ? null : document.caretRangeFromPoint?.(x, y);
    const node = found?.offsetNode ?? range?.startContainer;
    if (!node || !this.field.contains(node)) return null;
    return this.offset(node, found?.offset ?? range.startOffset);
  }
}

/** Change a text node only where it differs. */
function updateText(node, text) {
  const old = node.data;
  if (old === text) return;
  let start = 0;
  while (start < old.length && start < text.length && old[start] === text[start]) start++;
  let end = 0;
  while (end < old.length - start && end < text.length - start && old.at(-1 - end) === text.at(-1 - end)) end++;
  node.replaceData(start, old.length - start - end, text.slice(start, text.length - end));
}
