// Tagged text as a list of atoms: UTF-16 code units as one-letter strings, and chips as {n, side}.
// The list, not the page, is the truth: whatever happens to the DOM, what is saved is always well formed.

const MARK = /<(\/?)([0-9]{1,4})(\/?)>/g;
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const decoder = document.createElement("textarea");

export const isChip = (atom) => typeof atom === "object";

function unescapeText(text) {
  return text.replace(/&(?:#\d+|#x[0-9a-f]+|[a-z][a-z0-9]*);/gi, (entity) => {
    decoder.innerHTML = entity;
    return decoder.value;
  });
}

/** Read tagged text leniently: a placeholder that is unknown, doubled, of the wrong form or badly nested is left out, and is
 * then among the `missing`. `chips` are [number, pair, kind, face, meaning] by number from 1. */
export function parse(tagged, chips) {
  const atoms = [];
  const stack = [];
  const seen = new Set();
  let position = 0;
  const addText = (text) => atoms.push(...unescapeText(text).split(""));
  for (const match of tagged.matchAll(MARK)) {
    addText(tagged.slice(position, match.index));
    position = match.index + match[0].length;
    const n = Number(match[2]);
    const chip = chips[n - 1];
    if (!chip) continue;
    if (match[1]) {
      if (stack.at(-1)?.n === n) {
        stack.pop();
        atoms.push({ n, side: "close" });
      }
    } else if (!seen.has(n) && chip[1] === !match[3]) {
      seen.add(n);
      const atom = { n, side: match[3] ? "empty" : "open" };
      atoms.push(atom);
      if (!match[3]) stack.push(atom);
    }
  }
  addText(tagged.slice(position));
  return stack.length ? atoms.filter((atom) => !stack.includes(atom)) : atoms;
}

/** The inverse of `parse` for well-formed text. */
export function serialize(atoms) {
  return atoms
    .map((atom) => {
      if (!isChip(atom)) return ESCAPES[atom] ?? atom;
      return atom.side === "open" ? `<${atom.n}>` : atom.side === "close" ? `</${atom.n}>` : `<${atom.n}/>`;
    })
    .join("");
}

export const plain = (atoms) => atoms.filter((atom) => !isChip(atom)).join("");

export const plainTagged = (tagged) => unescapeText(tagged.replace(MARK, ""));

/** Whether every pair closes in the order it opened. */
export function nested(atoms) {
  const stack = [];
  for (const atom of atoms) {
    if (!isChip(atom) || atom.side === "empty") continue;
    if (atom.side === "open") stack.push(atom.n);
    else if (stack.pop() !== atom.n) return false;
  }
  return stack.length === 0;
}

/** The chips of the source that the text has not. */
export function missing(atoms, chips) {
  const present = new Set(atoms.filter(isChip).map((atom) => atom.n));
  return chips.filter((chip) => !present.has(chip[0]));
}

/** Take the text out of atoms[start, end) and put `text` there; chips stay, after the text, in their order. */
export function replaceText(atoms, start, end, text) {
  const kept = atoms.slice(start, end).filter(isChip);
  return [...atoms.slice(0, start), ...text.split(""), ...kept, ...atoms.slice(end)];
}

/** Put tag `chip` around atoms[start, end), or at `start` where it has no inside, wherever it was before; null where that
 * would nest badly. */
export function placeTag(atoms, chip, start, end) {
  const n = chip[0];
  const before = (limit) => atoms.slice(0, limit).filter((atom) => isChip(atom) && atom.n === n).length;
  const from = start - before(start);
  const to = end - before(end);
  const rest = atoms.filter((atom) => !isChip(atom) || atom.n !== n);
  const placed = chip[1]
    ? [...rest.slice(0, from), { n, side: "open" }, ...rest.slice(from, to), { n, side: "close" }, ...rest.slice(to)]
    : [...rest.slice(0, from), { n, side: "empty" }, ...rest.slice(from)];
  return nested(placed) ? placed : null;
}

/** Move the chip at `index` to the gap `to`; null where that would nest badly. */
export function moveChip(atoms, index, to) {
  const moved = [...atoms.slice(0, index), ...atoms.slice(index + 1)];
  moved.splice(to > index ? to - 1 : to, 0, atoms[index]);
  return nested(moved) ? moved : null;
}

const segmenters = {};
/** Offsets in `text` at which a grapheme or a word begins or ends. */
export function boundaries(text, granularity) {
  segmenters[granularity] ??= new Intl.Segmenter(undefined, { granularity });
  const found = [...segmenters[granularity].segment(text)].map((piece) => piece.index);
  return [...found, text.length];
}

/** A word-level difference of two texts, as [["same"|"del"|"ins", text], …]. */
export function difference(before, after) {
  const a = before.match(/\s+|[\p{L}\p{N}]+|./gsu) ?? [];
  const b = after.match(/\s+|[\p{L}\p{N}]+|./gsu) ?? [];
  if (a.length * b.length > 1_000_000) return [["del", before], ["ins", after]];
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i][j] = a[i] === b[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  const out = [];
  const add = (kind, text) => {
    if (out.at(-1)?.[0] === kind) out.at(-1)[1] += text;
    else out.push([kind, text]);
  };
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) add("same", a[i++]), j++;
    else if (j >= b.length || (i < a.length && lengths[i + 1][j] >= lengths[i][j + 1])) add("del", a[i++]);
    else add("ins", b[j++]);
  }
  return out;
}
