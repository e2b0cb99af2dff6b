"""The article's visible structure around its segments, as the editor shows it: pure, from a document and the draft's rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import unescape
from types import MappingProxyType

from markupsafe import Markup

from ivpipe.desk.chips import Chip, chips_of, tagged_html
from ivpipe.model import Block, BlockType, Change, Document, DraftSegment, Image, Origin, Severity
from ivpipe.text.difference import words_difference
from ivpipe.text.html_writer import inline_plain, safe_address
from ivpipe.text.inline import plain_text
from ivpipe.text.merging import REMOVED_PART


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue beside its segment."""

    id: int
    check: str
    severity: Severity
    message: str
    dismissed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One segment, ready to be shown. ``number`` counts from 1 through the article as it is."""

    id: int
    number: int
    kind: str
    source: str
    target: str
    chips: list[Chip]
    version: int
    origin: Origin
    engine: str
    issues: list[IssueView]
    source_html: Markup
    target_html: Markup
    confirmed: bool
    """Whether a person stands behind the text, for this wording of the source."""
    change: Change
    reworded: Markup
    """Of a changed segment: the source as it was and as it is, in one."""
    suggestion: str
    suggestion_html: Markup

    @property
    def chip_values(self) -> list[list[object]]:
        """The chips for the editor's script: [number, pair, kind, face, meaning]."""
        return [list(chip) for chip in self.chips]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is known of a picture. Its ``address`` at the partner is linked, never loaded; ``taken`` is the hash by which
    the desk shows what we have of it ("": nothing)."""

    address: str
    credit: str
    taken: str = ""


@dataclass(slots=True)
class Group:
    """The segments of one part. ``look`` are CSS classes, ``label`` stands in the margin; ``plain`` is a block that has
    nothing to translate."""

    label: str
    look: str
    rows: list[Row] = field(default_factory=list)
    picture: Picture | None = None
    plain: str = ""


@dataclass(slots=True)
class Section:
    """ "Head", "Text", "Pictures", "Notes"."""

    title: str
    groups: list[Group] = field(default_factory=list)


def issue_views(row: DraftSegment) -> list[IssueView]:
    """The issues of a segment, the gravest first, dismissed ones last."""
    order = [Severity.BLOCKING, Severity.WARNING, Severity.HINT]
    views = [
        IssueView(issue.id, issue.check, issue.severity, issue.message, not issue.open, issue.dismissed_reason)
        for issue in row.issues
    ]
    return sorted(views, key=lambda issue: (issue.dismissed, order.index(issue.severity), issue.id))


def arrange(
    document: Document, segments: Sequence[DraftSegment], taken: Mapping[str, str] = MappingProxyType({})
) -> list[Section]:
    """Put the segments into the article's sections and blocks, in reading order; every segment appears exactly once.

    ``taken``: address of a picture → hash, of those that were taken.
    """
    waiting: dict[str, list[Row]] = defaultdict(list)
    number = 0
    for segment in segments:
        number += segment.change is not Change.REMOVED
        chips = chips_of(segment.tags)
        reworded = segment.old_source if segment.change is Change.CHANGED else ""
        waiting[segment.part].append(
            Row(
                segment.id,
                number,
                segment.kind,
                segment.source,
                segment.target,
                chips,
                segment.version,
                segment.origin,
                segment.engine,
                issue_views(segment),
                tagged_html(segment.source, chips),
                tagged_html(segment.target, chips),
                segment.confirmed,
                segment.change,
                marked_difference(reworded, segment.source) if reworded else Markup(""),
                segment.suggestion,
                tagged_html(segment.suggestion, chips) if segment.suggestion else Markup(""),
            )
        )
    head = Section("Head")
    for part, label in (("kicker", "Kicker"), ("title", "Title"), ("standfirst", "Standfirst")):
        _take(head, waiting, part, label, part)
    if document.lead_image is not None:
        _take_picture(head, waiting, document, document.lead_image)
    text = Section("Text")
    for index, block in enumerate(document.blocks):
        _take_block(text, waiting, document, index, block)
    pictures = Section("Pictures")
    for index in range(len(document.images)):
        _take_picture(pictures, waiting, document, index)
    notes = Section("Notes")
    for index, note in enumerate(document.notes):
        _take(notes, waiting, f"note:{index}", f"Note {note.label or index + 1}", "note")
    gone = Section("No longer in the source")
    _take(gone, waiting, REMOVED_PART, "Removed", "removed")
    others = Section("Other")
    for part in list(waiting):
        _take(others, waiting, part, part, "paragraph")
    sections = [section for section in (head, text, pictures, notes, others, gone) if section.groups]
    for section in sections:
        for group in section.groups:
            if group.picture is not None:
                group.picture = replace(group.picture, taken=taken.get(group.picture.address, ""))
    return sections


def all_rows(sections: Sequence[Section]) -> Iterator[Row]:
    """Every row in the order shown, without those that are gone from the source."""
    for section in sections:
        for group in section.groups:
            yield from (row for row in group.rows if row.change is not Change.REMOVED)


def marked_difference(before: str, after: str) -> Markup:
    """Two tagged texts in one, word by word: what is gone in ``<del>``, what has come in ``<ins>``; "" where none differs."""
    pieces = words_difference(plain_text(before), plain_text(after))
    return marked(pieces) if any(kind != "same" for kind, _ in pieces) else Markup("")


def marked(pieces: Iterable[tuple[str, str]]) -> Markup:
    """The pieces of ``text.difference.words_difference`` as the page shows them."""
    marks = {"same": "%s", "removed": "<del>%s</del>", "added": "<ins>%s</ins>"}
    return Markup("").join(Markup(marks[kind]) % text for kind, text in pieces)  # noqa: S704  escaped by %


def _take(
    section: Section,
    waiting: dict[str, list[Row]],
    part: str,
    label: str,
    look: str,
    picture: Picture | None = None,
) -> bool:
    rows = waiting.pop(part, [])
    if rows:
        section.groups.append(Group(label, look, rows, picture))
    return bool(rows)


def _take_picture(section: Section, waiting: dict[str, list[Row]], document: Document, index: int) -> None:
    if not 0 <= index < len(document.images):
        return
    picture: Picture | None = _picture(document.images[index])
    if _take(section, waiting, f"image:{index}:caption", "Caption", "caption", picture):
        picture = None
    _take(section, waiting, f"image:{index}:alt", "Alt text", "alt", picture)


def _picture(image: Image) -> Picture:
    return Picture(safe_address(image.src), inline_plain(image.credit))


def _take_block(section: Section, waiting: dict[str, list[Row]], document: Document, index: int, block: Block) -> None:
    look = [str(block.type).replace("_", "-")]
    if block.quoted or block.type is BlockType.QUOTE:
        look.append("quoted")
    if block.role:
        look.append(f"role-{block.role.replace('_', '-')}")
    label = {
        BlockType.HEADING: f"H{block.level or 2}",
        BlockType.QUOTE: "Quote",
        BlockType.LIST_ITEM: "1." if block.ordered else "•",
        BlockType.FIGURE: "Caption",
        BlockType.VERSE: "Verse",
        BlockType.TABLE: "Table",
    }.get(block.type, block.role.replace("_", " ").capitalize())
    if block.type in (BlockType.HEADING, BlockType.LIST_ITEM):
        look.append(f"level-{block.level or (2 if block.type is BlockType.HEADING else 1)}")
    if block.type is BlockType.RULE:
        section.groups.append(Group("", "rule"))
    elif block.type is BlockType.CODE:
        section.groups.append(Group("Code", "code", plain=unescape(block.html)))
    elif block.type is BlockType.TABLE:
        prefix = f"block:{index}:"
        for part in [part for part in waiting if part.startswith(prefix)]:
            _take(section, waiting, part, f"Cell {int(part.removeprefix(prefix)) + 1}", " ".join(look))
    else:
        image = block.image if block.image is not None and 0 <= block.image < len(document.images) else None
        picture = None if image is None else _picture(document.images[image])
        if _take(section, waiting, f"block:{index}", label, " ".join(look), picture):
            picture = None
        if image is not None:
            _take(section, waiting, f"image:{image}:alt", "Alt text", "alt", picture)
