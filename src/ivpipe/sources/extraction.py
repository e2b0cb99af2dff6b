"""From a fetched page to a Document: find the regions, join the notes, then one walk that keeps the structure."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice, takewhile

from lxml import etree
from lxml.html import HtmlElement

from ivpipe.errors import ExtractionError
from ivpipe.model.document import Block, BlockType, Document, Image
from ivpipe.sources.author_notes import author_notes, author_notes_below
from ivpipe.sources.bylines import clean_authors, signing
from ivpipe.sources.dates import iso_date
from ivpipe.sources.furniture import READ_ALSO, names_a_wall, own_domains
from ivpipe.sources.headings import HEADINGS, clean_headings
from ivpipe.sources.hidden import is_hidden, opened_ids
from ivpipe.sources.kinds import asks_for_a_human
from ivpipe.sources.metadata import PageMetadata
from ivpipe.sources.notes import FoundNote, join_linked_notes
from ivpipe.sources.opening import dated
from ivpipe.sources.parsing import parse_elements
from ivpipe.sources.parsing import parse_page as parse_page
from ivpipe.sources.pictures import alike, file_name, frame_pictures, lead_figures, place_pictures
from ivpipe.sources.plain_notes import join_notes_apart, join_plain_notes, notes_apart
from ivpipe.sources.plain_text import unfold_plain_text
from ivpipe.sources.platforms import GENERIC, detect_platform, platform_named, select
from ivpipe.sources.polish import as_postscript, is_postscript_label, polish
from ivpipe.sources.regions import Weight, clean_body, find_body, prune, take_out_hidden, weigh
from ivpipe.sources.selectors import find_elements, find_values
from ivpipe.sources.spec import Fields, SourceSpec
from ivpipe.sources.standfirst import Lead, find_kicker, find_standfirst
from ivpipe.sources.titles import title_heading
from ivpipe.text.html_reader import BlockReader
from ivpipe.text.inline import escape_text, inline_text, note_labels
from ivpipe.text.inline_reader import read_inline, read_text, short_text
from ivpipe.text.inline_writer import plain_line
from ivpipe.text.media import absolute_url
from ivpipe.text.plain import squeeze

VERSION = 4
"""Stands in a document's ``extractor``: raised in a release that reads the same page otherwise than the one before."""
_SHORT, _TEASER, _LINE, _DATE_LINE = 400, 2500, 160, 60
_NOTICE = 200
"""Characters of text up to which a page titled "Are you a robot?" is no article about that."""
_LONGEST_NOTE = 2500
_MOST_TAKEN_OUT = 500
_OPENERS = ("a", "button", "div", "span", "summary")
_MOST_VALUES, _LONGEST_VALUE, _LONGEST_LEAD = 100, 1000, 10_000
_DEFAULT_PICTURE = re.compile(r"logo|default|placeholder|fallback|share[-_]?(?:image|img)|favicon", re.I)
_EMPHATIC = re.compile(r"<(strong|em)>[^<]{5,50}</\1>")
_LINES = ("h2", "h3", "h4", "p", "div", "span", "strong")
_LAST_TEXT = re.compile(r"(?:\[?…\]?|\.\.\.)\W*$")


def extract(page: bytes | str, url: str, *, spec: SourceSpec | None = None, content_type: str = "") -> Document:
    """Read the article on a page.

    ``page`` is the body as fetched (bytes; ``content_type`` is its header) or text; ``url`` where it came from, which
    relative links are made absolute with. ``spec`` says how this source's pages are read; what it leaves open, or
    what its selectors no longer find, is found generically, with a warning in the latter case.
    Raises ExtractionError naming the url where no article can be read.
    """
    elements = parse_elements(page, url, content_type)
    try:
        document = _Extraction(PageMetadata(elements, url), spec).run()
    except (etree.LxmlError, RecursionError, ValueError) as error:
        raise ExtractionError(
            f"the page cannot be read: {error}", subject=url, advice="look at the page in a browser; is it an article?"
        ) from error
    length = sum(len(block.html) for block in document.blocks)
    if length < _TEASER and asks_for_a_human(page, titled=length < _NOTICE):
        raise ExtractionError(
            "the site shows a captcha instead of the article",
            subject=url,
            advice="ask the partner to let our user agent in without one",
        )
    return document


@dataclass
class _Extraction:
    page: PageMetadata
    spec: SourceSpec | None
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root, self.url = self.page.root, self.page.url

    def run(self) -> Document:
        fields = self.spec.fields if self.spec else Fields()
        page = self.page
        base = next((node.get("href") for node in page.elements["base"] if node.get("href")), None)
        origin = self.url if self.url.startswith(("http://", "https://")) else page.canonical_url or self.url
        self.base = absolute_url(base or "", origin, ("http", "https")) or origin
        lang = page.lang or (self.spec.languages[0] if self.spec else "")
        clean_headings(self.root, (node for tag in HEADINGS for node in page.elements[tag]))
        document = self._metadata(page, fields, lang)
        platform = platform_named(self.spec.platform) if self.spec and self.spec.platform != "generic" else None
        self.platform = platform or detect_platform(page)

        unfold_plain_text(self.root)
        self._mark_notes(fields)
        notes = join_linked_notes(self.root, self.url, lang, inline=page.may_have("note"))
        for rule in fields.strip:
            for node in islice(find_elements(self.root, (rule,)), _MOST_TAKEN_OUT):
                if node.getparent() is not None:
                    node.drop_tree()
        title = inline_text(document.title)
        heading = title_heading(self.root, title)
        named = self._named(fields)
        links = [] if named else [link.get("href") or "" for link in self.root.iter("a")]
        self.own = own_domains((self.url, page.canonical_url), links)
        self._frame_pictures(heading, named)
        kicker, standfirst = self._leads(page, fields, heading, title, lang, named)
        figures = lead_figures(self.root, heading, named)
        order = {node: at for at, node in enumerate(self.root.iter())} if figures and not named else {}
        apart = notes_apart(self.root) if not notes and page.may_have("note", "nota", "anmerkungen") else []
        postscript = _taken_out([*select(page, self.platform.postscript), *author_notes(page, document.authors)])
        bodies, extractor = self._bodies(
            page, named, heading, {lead.element for lead in (kicker, standfirst) if lead is not None}
        )
        if not postscript and not named:
            postscript = _taken_out(author_notes_below(bodies[-1], document.authors))
        for lead in (kicker, standfirst):
            if (
                lead is not None
                and lead.element.getparent() is not None
                and not any(body is lead.element for body in bodies)
            ):
                lead.element.drop_tree()
        if order:
            start = min((order.get(body, 0) for body in bodies), default=0)
            figures = [figure for figure in figures if order.get(figure, start) < start]
        lead_pictures = self._lead_pictures(page, figures)
        for body in bodies:
            notes += join_plain_notes(body, self.base, lang)
        if apart and not notes:
            notes = join_notes_apart(bodies[-1], apart, self.base, lang)
        reader = BlockReader(self.base, lang)
        for body in bodies:
            reader.read(body)
        read = len(reader.blocks)
        for node in postscript:
            reader.read(node)
        document = replace(
            document,
            kicker=kicker.html if kicker else "",
            standfirst=standfirst.html if standfirst else "",
            extractor=extractor,
        )
        if not fields.authors and not any(" " in name or not name.isascii() for name in document.authors):
            document = replace(document, authors=_signed(reader.blocks, page.site_names) or document.authors)
        if not document.published and not fields.published:
            document = replace(document, published=_dated(reader.blocks, lang))
        blocks = polish(
            reader.blocks[:read],
            title=inline_text(document.title),
            standfirst=document.standfirst,
            kicker=document.kicker,
            authors=document.authors,
            pulled=reader.pull_quotes,
            own=self.own,
        )
        if not any(block.type not in (BlockType.FIGURE, BlockType.RULE, BlockType.HEADING) for block in blocks):
            raise ExtractionError(
                "no article text was found in the page",
                subject=self.url,
                advice="look at the page: is it an article, and does it show its text without scripts?",
            )
        said = {block.html for block in blocks}
        blocks += [
            as_postscript(block, document.authors)
            for block in reader.blocks[read:]
            if not is_postscript_label(block) and block.html not in said
        ]
        document = place_pictures(document, blocks, reader.images, lead_pictures)
        document = self._with_notes(document, notes)
        self._doubts(document, page)
        return replace(document, warnings=tuple(dict.fromkeys(self.warnings)))

    def _frame_pictures(self, heading: HtmlElement | None, named: list[HtmlElement]) -> None:
        """Frame the pictures of what will be read: where a spec names the body, no others."""
        if named:
            frame_pictures(_around(heading, named[0]), named[0])
            for body in named:
                frame_pictures(body)
        else:
            frame_pictures(self.root)

    def _leads(
        self,
        page: PageMetadata,
        fields: Fields,
        heading: HtmlElement | None,
        title: str,
        lang: str,
        named: list[HtmlElement],
    ) -> tuple[Lead | None, Lead | None]:
        """The lines above and below the title."""
        kicker = self._lead(page, fields.kicker, self.platform.kicker, "kicker") or find_kicker(
            page, heading, title, self.base
        )
        if kicker and not fields.kicker and squeeze(title).startswith(squeeze(inline_text(kicker.html))):
            kicker = None  # it is part of the title
        standfirst = self._lead(page, fields.standfirst, self.platform.standfirst, "standfirst") or find_standfirst(
            page, self.root, heading, title, self.base, lang
        )
        if standfirst is not None and not fields.standfirst and _inside(standfirst.element, named):
            standfirst = None  # who wrote the spec has seen it there
        if kicker and not fields.kicker and _is_unseen(kicker.element):
            kicker = None
        if standfirst and not fields.standfirst and _is_unseen(standfirst.element):
            standfirst = None
        return kicker, standfirst

    # Metadata

    def _metadata(self, page: PageMetadata, fields: Fields, lang: str) -> Document:
        title = self._texts(page, fields.title, "title")
        authors = self._texts(page, fields.authors, "authors")
        section = self._texts(page, fields.section, "section")
        return Document(
            url=self.url,
            title=escape_text(title[0] if title else page.title),
            lang=lang,
            canonical_url=page.canonical_url or self.url,
            authors=clean_authors(authors, page.site_names) if authors else page.authors,
            published=self._date(page, fields.published, "published", lang) or page.published,
            modified=self._date(page, fields.modified, "modified", lang) or page.modified,
            section=section[0] if section else page.section,
            tags=tuple(dict.fromkeys(self._texts(page, fields.tags, "tags"))) or page.tags,
        )

    def _texts(self, page: PageMetadata, rules: tuple[str, ...], name: str) -> list[str]:
        values = find_values(page, rules)
        read = (one if isinstance(one, str) else read_text(one) for one in values[:_MOST_VALUES])
        texts = [text for one in read if (text := plain_line(one)[:_LONGEST_VALUE])]
        if rules and not texts:
            self._gone(name, rules)
        return texts

    def _lead_pictures(self, page: PageMetadata, figures: list[HtmlElement]) -> list[Image]:
        """The pictures that open the article above its text, with captions; else the one the page names for sharing."""
        wanted = file_name(page.lead_image) if page.lead_image else ""
        found: list[Image] = []
        for node in figures:
            if sum(1 for _ in islice(node.iter(), 300)) >= 300:
                continue
            reader = BlockReader(self.base, page.lang)
            reader.read(node)
            found += reader.images[:1]
        for at, image in enumerate(found):
            if wanted and alike(file_name(image.src), wanted):
                return [image, *(one for one in found[at + 1 :] if one.caption)]
        opening = [image for image in found if image.caption] or found[:1]
        if opening:
            return opening
        if page.lead_image and not _DEFAULT_PICTURE.search(page.lead_image):
            return [Image(page.lead_image)]
        return []

    def _date(self, page: PageMetadata, rules: tuple[str, ...], name: str, lang: str) -> str:
        for one in find_values(page, rules):
            candidates = (
                [one]
                if isinstance(one, str)
                else [one.get("datetime") or one.get("content") or one.get("title") or "", read_text(one)]
            )
            for text in candidates:
                if date := iso_date(text, lang):
                    return date
        if rules:
            self._gone(name, rules)
        return ""

    def _gone(self, name: str, rules: Iterable[str]) -> None:
        slug = self.spec.slug if self.spec else ""
        self.warnings.append(
            f"{slug}: fields.{name} finds nothing any more ({', '.join(rules)}); found generically instead"
        )

    def _lead(self, page: PageMetadata, rules: tuple[str, ...], hints: tuple[str, ...], name: str) -> Lead | None:
        for one in find_values(page, rules):
            if isinstance(one, str):
                return Lead(escape_text(plain_line(one)[:_LONGEST_LEAD]), self.root.makeelement("span"))
            if (html := read_inline(one, self.base)) and len(html) < _LONGEST_LEAD:
                return Lead(html, one)
        if rules:
            self._gone(name, rules)
        for one in select(self.page, hints):
            if (html := read_inline(one, self.base)) and len(html) < _LONGEST_LEAD:
                return Lead(html, one)
        return None

    # Regions

    def _named(self, fields: Fields) -> list[HtmlElement]:
        """The body's elements, where the spec names them and finds text in them."""
        named = find_elements(self.root, fields.body)
        if fields.body and not named:
            self._gone("body", fields.body)
        return named if any(short_text(one) or read_text(one) for one in named) else []

    def _bodies(
        self, page: PageMetadata, named: list[HtmlElement], heading: HtmlElement | None, keep: set[HtmlElement]
    ) -> tuple[list[HtmlElement], str]:
        opened = cache(lambda: opened_ids(node for tag in _OPENERS for node in page.elements[tag]))
        if self.spec and named:
            for one in named:
                take_out_hidden(one, weigh(one), opened)
            return named, f"spec:{self.spec.slug} {VERSION}"
        for selector in self.platform.strip:
            for node in islice(select(self.page, (selector,)), _MOST_TAKEN_OUT):
                if node.getparent() is not None:
                    node.drop_tree()
        known = squeeze(page.json_text("articleBody"))
        weights = weigh(self.root, known)
        take_out_hidden(self.root, weights, opened)
        prune(self.root, weights, keep)
        body = find_body(self.root, weights, heading)
        hinted, name = self._hinted(weights, body)
        bodies = [hinted] if hinted is not None else [body]
        for one in bodies:
            clean_body(one, weights, self.own)
        return bodies, f"{name} {VERSION}"

    def _hinted(self, weights: dict[HtmlElement, Weight], generic: HtmlElement) -> tuple[HtmlElement | None, str]:
        """The body where the platform's themes put it, if that holds what generic detection found, or nearly."""
        if self.platform is GENERIC:
            return None, GENERIC.name
        needed = 0.5 if self.platform.name == "spip" else 0.85
        for selector in self.platform.body:
            found = [one for one in select(self.page, (selector,)) if one in weights]
            if found:
                best = max(found, key=lambda one: weights[one].mass)
                if weights[best].mass >= needed * weights[generic].mass > 0:
                    return best, self.platform.name
        return None, GENERIC.name

    # Notes

    def _mark_notes(self, fields: Fields) -> None:
        """Where a spec names the notes, what they are in is marked, so that generic joining knows them for notes."""
        for node in find_elements(self.root, fields.notes):
            node.set("class", f"{node.get('class') or ''} footnotes")

    def _with_notes(self, document: Document, notes: list[FoundNote]) -> Document:
        texts = [document.title, document.standfirst, *(block.html for block in document.blocks)]
        used = {label for html in texts for label in note_labels(html)}
        used |= {label for note in notes if note.label in used for label in note_labels(note.html)}
        groups = {note.group for note in notes if note.label in used}
        kept = [note for note in notes if note.label in used or (not note.joined and note.group in groups)]
        for note in kept:
            if note.label not in used:
                self.warnings.append(f"no mark in the text refers to note {note.label}")
        missing = sorted(used - {note.label for note in kept})
        for label in missing:
            self.warnings.append(f"the note for mark {label} was not found")
        return replace(document, notes=tuple(note.note for note in kept))

    def _doubts(self, document: Document, page: PageMetadata) -> None:
        length = sum(len(block.html) for block in document.blocks)
        if not document.title:
            self.warnings.append("no title was found")
        last = next(
            (inline_text(b.html) for b in reversed(document.blocks) if b.type is BlockType.PARAGRAPH and not b.role), ""
        )
        walled = (page.paywalled and (length < _TEASER or _LAST_TEXT.search(last))) or (
            length < _TEASER and _names_a_wall(page, document)
        )
        if walled:
            self.warnings.append("this looks like the teaser of an article behind a paywall")
        elif length < _SHORT:
            self.warnings.append(f"the article is very short ({length} characters): is it whole?")
        if document.notes:
            return
        plain = " ".join(
            inline_text(b.html) for b in document.blocks if b.type is BlockType.PARAGRAPH and "[" in b.html
        )
        marks = sorted({int(one) for one in re.findall(r"\[(?:(?<=\S\[)|(?<=\S\s\[))(\d{1,2})\]", plain)})
        if marks[:2] == [1, 2]:
            self.warnings.append(f"there are marks of notes ([1] … [{marks[-1]}]), but no notes were found")


def _names_a_wall(page: PageMetadata, document: Document) -> bool:
    """Whether a line that is not the article's says that the page is for subscribers."""
    said = {inline_text(block.html).strip() for block in document.blocks}
    lines = (short_text(node, _LINE + 1) for tag in _LINES for node in page.elements[tag])
    return any(len(line) <= _LINE and line not in said and names_a_wall(line) for line in lines)


def _signed(blocks: list[Block], site_names: Iterable[str]) -> tuple[str, ...]:
    """Who signs an article above or below its text, where the page does not say it."""
    lines = [(block, inline_text(block.html).strip()) for block in blocks if block.type is BlockType.PARAGRAPH]
    for _, text in lines[:5]:
        if people := signing(text, site_names):
            return people
    for block, text in lines[-1:]:
        if not READ_ALSO.match(text):
            return signing(text, site_names, alone=bool(_EMPHATIC.fullmatch(block.html)))
    return ()


def _dated(blocks: list[Block], lang: str) -> str:
    """The date that stands by itself above the text, where the page has no heading to look for it around."""
    lines = (inline_text(block.html) for block in blocks[:5])
    return dated([*takewhile(lambda line: len(line) < _DATE_LINE, lines)], lang)


def _is_unseen(node: HtmlElement) -> bool:
    return any(is_hidden(up) for up in islice((node, *node.iterancestors()), 4))


def _around(heading: HtmlElement | None, body: HtmlElement) -> HtmlElement:
    """The smallest element that holds both; the whole page where there is no heading."""
    above = set() if heading is None else {heading, *heading.iterancestors()}
    return next((up for up in body.iterancestors() if up in above), body.getroottree().getroot())


def _taken_out(elements: list[HtmlElement]) -> list[HtmlElement]:
    """Take elements out of the page, to be read by themselves; none inside another."""
    found: dict[HtmlElement, None] = {}
    for node in islice(elements, _MOST_TAKEN_OUT):
        if not _inside(node, found) and len(short_text(node, _LONGEST_NOTE)) < _LONGEST_NOTE:
            if node.getparent() is not None:
                node.drop_tree()
            found[node] = None
    return [*found]


def _inside(node: HtmlElement, others: Container[HtmlElement]) -> bool:
    return node in others or any(up in others for up in node.iterancestors())
