"""A thousand histories of an article that its partner keeps changing while people translate it."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from ivpipe.model import Change, DraftSegment, Origin
from ivpipe.text.inline import InlineTag, plain_text, tag_problem
from ivpipe.text.merging import REMOVED_PART, merged_rows
from ivpipe.text.segments import Segment

WORDS = ["port", "grève", "nuit", "quai", "école", "pluie", "accord", "train", "ville", "canal", "soupe", "usine"]
EM = InlineTag("<em>", "</em>")


def sentence(source: random.Random) -> Segment:
    words = [source.choice(WORDS) for _ in range(source.randint(2, 9))]
    if source.random() < 0.3:
        words[0] = f"<1>{words[0]}</1>"
        return Segment("block:0", "paragraph", " ".join(words) + ".", (EM,), " ")
    return Segment("block:0", "paragraph", " ".join(words) + ".", (), " ")


def edited_by_the_partner(text: list[Segment], source: random.Random) -> list[Segment]:
    text = list(text)
    for _ in range(source.randint(1, 4)):
        kind = source.choice(["reword", "drop", "add", "move", "double", "tag"])
        if not text or kind == "add":
            text.insert(source.randint(0, len(text)), sentence(source))
            continue
        at = source.randrange(len(text))
        if kind == "drop":
            del text[at]
        elif kind == "move":
            text.insert(source.randint(0, len(text) - 1), text.pop(at))
        elif kind == "double":
            text.insert(source.randint(0, len(text)), text[at])
        elif kind == "tag":
            text[at] = Segment("block:0", "paragraph", f"<1>{plain_text(text[at].source)}</1>", (EM,), " ")
        else:
            words = plain_text(text[at].source).split()
            words[source.randrange(len(words))] = source.choice(WORDS)
            text[at] = Segment("block:0", "paragraph", " ".join(words), (), " ")
    return text


def type_over(rows: list[DraftSegment], source: random.Random, typed: dict[str, str], number: int) -> None:
    """A person confirms or rewrites some rows; ``typed`` is the newest text of each line of work."""
    for row in rows:
        if row.change is Change.REMOVED or source.random() > 0.5:
            continue
        typed.pop(plain_text(row.target), None)
        row.target = f"text {number}.{row.position}" if not row.tags else f"<1>text</1> {number}.{row.position}"
        row.origin, row.change, row.old_source = Origin.HUMAN, Change.NONE, ""
        typed[plain_text(row.target)] = row.source


@settings(max_examples=1000)
@given(st.integers(0, 2**32))
def test_merge_loses_no_human_text_in_any_history(seed: int) -> None:
    source = random.Random(seed)
    text = [sentence(source) for _ in range(source.randint(1, 8))]
    rows = merged_rows(text, [], {})
    typed: dict[str, str] = {}
    for number in range(source.randint(1, 5)):
        type_over(rows, source, typed, number)
        text = edited_by_the_partner(text, source)
        rows = merged_rows(text, rows, {})
        standing = [row for row in rows if row.change is not Change.REMOVED]
        assert [(row.source, row.part) for row in standing] == [(s.source, s.part) for s in text]
        assert [row.position for row in rows] == list(range(len(rows)))
        kept = {plain_text(row.target): row for row in rows if row.origin is Origin.HUMAN}
        for words, written_for in typed.items():
            row = kept[words]
            if row.change is Change.NONE:
                assert plain_text(row.source) == plain_text(written_for), "not silently moved to another wording"
            elif row.change is Change.CHANGED:
                assert row.old_source == written_for
            else:
                assert row.part == REMOVED_PART
        for row in standing:
            if row.origin is Origin.HUMAN and row.change is Change.NONE:
                assert tag_problem(row.target, [InlineTag(*tag) for tag in row.tags]) is None


def test_merge_of_an_unchanged_source_keeps_every_row() -> None:
    source = random.Random(1)
    text = [sentence(source) for _ in range(6)]
    rows = merged_rows(text, [], {})
    for row in rows:
        row.target, row.origin, row.engine = row.source.upper(), Origin.ENGINE, "recording"
    again = merged_rows(text, rows, {})
    assert [(r.source, r.target, r.origin, r.change) for r in again] == [
        (r.source, r.target, r.origin, Change.NONE) for r in rows
    ]
    fresh = merged_rows(text, rows, {}, fresh=True)
    assert {row.origin for row in fresh} == {Origin.NONE}


def test_merge_takes_back_a_sentence_that_was_removed() -> None:
    source = random.Random(2)
    text = [sentence(source) for _ in range(3)]
    rows = merged_rows(text, [], {})
    rows[1].target, rows[1].origin = "Mine.", Origin.HUMAN
    without = merged_rows([text[0], text[2]], rows, {})
    assert [(r.target, r.change) for r in without if r.origin is Origin.HUMAN] == [("Mine.", Change.REMOVED)]
    back = merged_rows(text, without, {})
    assert (back[1].target, back[1].change, back[1].part) == ("Mine.", Change.NONE, "block:0")


def test_merge_marks_a_text_that_lost_its_tags_to_a_wording_that_was_taken_back() -> None:
    first = Segment("block:0", "paragraph", "<1>Le port</1> dort la nuit.", (EM,), " ")
    other = Segment("block:0", "paragraph", "Le port dort le jour.", (), " ")
    rows = merged_rows([first], [], {})
    rows[0].target, rows[0].origin = "<1>The harbour</1> sleeps at night.", Origin.HUMAN
    (row,) = merged_rows([other], rows, {})
    assert (row.target, row.change) == ("The harbour sleeps at night.", Change.CHANGED)
    (row,) = merged_rows([first], [row], {})
    assert (row.target, row.change) == ("The harbour sleeps at night.", Change.CHANGED)
    row.target = "<1>The harbour</1> sleeps at night."
    (row,) = merged_rows([first], [row], {})
    assert (row.target, row.change) == ("<1>The harbour</1> sleeps at night.", Change.NONE)
