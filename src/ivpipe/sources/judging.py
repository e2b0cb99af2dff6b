"""Whether a fetched page is still the article, judged before it becomes a version: pure, from what was fetched and known.

A page that keeps much of the last version's text is the article, whatever else it says; one that keeps next to nothing of
it is not. Only where there is no text to compare with, at the first look, do titles, addresses and notices decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from rapidfuzz import fuzz

from ivpipe.model.document import Block, BlockType, Document
from ivpipe.model.doubt import Doubt, DoubtKind
from ivpipe.sources.filters import fold
from ivpipe.sources.notices import (
    consent_themes,
    has_bot_check,
    named_by_address,
    named_by_heading,
    named_by_lines,
    names_a_list,
    needs_scripts,
)
from ivpipe.sources.reading import FetchedPage, is_teaser
from ivpipe.sources.sameness import address_key
from ivpipe.sources.signs import FEED, PageSigns, page_signs, pieces
from ivpipe.text.inline import inline_text
from ivpipe.text.likeness import Likeness, compare, words_of
from ivpipe.text.plain import block_text

STILL = 0.5
"""Share of the last version's words that makes a page the article without a further look. Of another article of the same
site 1–10 % of the words are found (3-word runs that a language or a house style repeats), of one half rewritten over 40 %."""
LITTLE = 0.25
"""With less of it a page is another text: midway between the two."""
LITTLE_TITLED = 0.1
"""The same where address and title have stayed: tickers drop what is old, and reports are rewritten under their title."""
TAIL = 0.02
"""Share of the last version's end whose lack counts where the page breaks off in the middle; less may be a signature."""
TAIL_WORDS = 12
"""The same in words, for short texts: fewer may be a sentence taken out."""
LOST = 0.5
"""Share of the last version whose lack, with nothing much in its place, makes a whole page one that is cut off: editors
take out paragraphs, seldom most of an article."""
LOST_WORDS = 40
"""The same in words: of a brief of three sentences two may go."""
FRESH = 60
"""New words that do not yet stand in the place of those lost: an appeal to subscribe has as many."""
FRESH_SHARE = 0.25
"""The same as a share of the words lost."""
SHORT = 120
"""Words of a page, or of what was read from it, up to which notices ("not found", "log in") are looked for in its text.
Sites write such pages in under a hundred; longer texts may be articles that speak of notices."""
EMPTY = 25
"""Words up to which a page with scripts has no text of its own."""
TOMBSTONE = 16
"""Words of a line that stands for an article taken down; sites say it in under a dozen."""
CONSENT_THEMES = 4
"""Of the eight things that consent walls speak of, how many make one; an article about cookies names two or three in as
few words, and says them of others."""
CONSENT_DENSITY = 0.04
"""Share of words that speak of these: walls have 6–15 %, an article with a placeholder for an embedded video under 2 %."""
ALIKE = 78.0
"""Likeness (0–100) of two titles that are one, with a word changed or a part cut off."""
SAID = 0.34
"""Share of an announcement's words that a page must have to be what was announced, where its title is another."""
SAID_LONG = 0.17
"""The same for a long page at the article's own address, which may well speak of it in other words."""
OPENING = 6
"""Lines at the beginning of a page, without its navigation, in which a site says that something was not found, before it
lists what else it has."""
LIST_POINTS = 3
"""Signs (see ``_list_points``) that make a page a list of articles; a single one is common on articles. One more is
needed where nothing is known of the article, so that its title tells nothing."""
NAMED_LIST = LIST_POINTS + 1
"""What a heading counts that is a list's own ("Search results", "Category: Politics"): enough by itself."""

_ARTICLE_TYPE = re.compile(r"article|posting|report|review|interview|opinion")
_LIST_TYPES = frozenset({"collectionpage", "searchresultspage", "itemlist", "blog"})
_LIST_CLASSES = frozenset(
    "home blog archive category tag search author front frontpage page_sommaire sommaire page_rubrique rubrique path-frontpage "
    "home-template tag-template author-template archive-template page-archive is-home homepage front-page page_plan".split()
)
_ONE_CLASSES = frozenset(
    "single single-post single-article post-template article page_article node-type-article page-node-type-article "
    "page-node-type-story post-template-default articlepage article-page".split()
)
_ERROR_CLASSES = frozenset("error404 page_404 error-404 error-template page-404 not-found path-404 notfound".split())
_FRONTS = re.compile(
    r"/*(?:(?:[a-z]{2}(?:[-_][a-z]{2})?)/*)?(?:(?:index|home|default|accueil|start|startseite|inicio|portada|homepage|main|sommaire|welcome)"
    r"(?:\.\w{2,5})?/*)?",
    re.I,
)
_SENTENCE_ENDS = re.compile(r"[.!?…:;。！？।؟»”\"'’)\]*]\W*$")
_ELLIPSIS = re.compile(r"(?:…|\.\.\.|\[…\])\W*$")
_QUOTED = 200


@dataclass(frozen=True, slots=True)
class Announced:
    """What a feed or listing said of an article: plain text, "" for nothing."""

    title: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """A look at an article's page, and what was known before.

    ``asked`` is the article's address; ``document`` what was read from the page (None: no article was found on it);
    ``before`` its newest version, None at the first look; ``stored_ended``: whether the page of that version had an end
    (``</html>``); ``front`` the site's own address; ``other`` the id of another article known under the address it came
    from, or calls its own.
    """

    asked: str
    page: FetchedPage
    document: Document | None
    before: Document | None = None
    stored_ended: bool = True
    announced: Announced = Announced()
    front: str = ""
    other: int | None = None


def judge_page(look: Look) -> Doubt | None:
    """Whether there is reason to doubt that the page is the article; None where there is none.

    Where nothing was read from the page (``document`` is None) and None is returned, it is not known what it is.
    """
    return _Judgement(look, page_signs(look.page)).doubt()


@dataclass
class _Judgement:
    look: Look
    signs: PageSigns

    def __post_init__(self) -> None:
        document = self.look.document
        self.text = document_text(document) if document else ""
        self.words = words_of(self.text)
        self.moved = address_key(self.look.page.url) != address_key(self.look.asked)
        self.titled = self._is_titled()

    def doubt(self) -> Doubt | None:
        """The verdict."""
        if self.look.before is not None:
            return self._changed(self.look.before)
        kind = self._first()
        return self._doubt(kind) if kind else None

    def _doubt(self, kind: DoubtKind, common: float | None = None) -> Doubt:
        document = self.look.document
        title = next(iter((*self.signs.titles, *self.signs.headings)), "")
        text = self.text or " ".join(self.signs.lines) or self.signs.noscript
        if document is not None and not title:
            title = inline_text(document.title)
        quote = f"{title}: {text}" if title and not text.startswith(title) else text
        return Doubt(
            kind,
            self.look.page.url,
            quote if len(quote) <= _QUOTED else f"{quote[:_QUOTED].rsplit(' ', 1)[0]} …",
            None if common is None else round(common, 3),
            self.look.other,
        )

    # A later look

    def _changed(self, before: Document) -> Doubt | None:
        old = words_of(document_text(before))
        if self.look.document is None:
            kind = self._notice(short=True) or self._elsewhere() or (DoubtKind.CUT_OFF if self._unfinished else None)
            return self._doubt(kind, 0.0) if kind else None
        like = compare(old, self.words)
        if self._sent_to_list():
            return self._doubt(DoubtKind.FRONT_PAGE, like.kept)
        if kind := self._lost(before, like):
            return self._doubt(kind, like.kept)
        if like.kept >= STILL:
            return None
        same_place = self.titled and not (self.moved and self.look.other is not None)
        if like.kept < (LITTLE_TITLED if same_place else LITTLE):
            kind = self._notice(short=len(self.words) < SHORT) or self._elsewhere() or DoubtKind.ANOTHER
            return self._doubt(kind, like.kept)
        if not self.titled and (kind := self._notice(short=len(self.words) < SHORT) or self._elsewhere()):
            return self._doubt(kind, like.kept)
        return self._doubt(DoubtKind.ANOTHER, like.kept) if self.moved and self.look.other is not None else None

    def _lost(self, before: Document, like: Likeness) -> DoubtKind | None:
        """Whether a page has what the last version had, without its end or most of it, and nothing in its place."""
        document = self.look.document
        assert document is not None
        if like.lost < TAIL_WORDS:
            return None
        if self._unfinished and like.kept < STILL:
            return DoubtKind.CUT_OFF
        if like.fresh > max(FRESH, FRESH_SHARE * like.lost) or like.head < STILL:
            return None
        behind_wall = is_teaser(document) and not is_teaser(before)
        ends_so = _ELLIPSIS.search(_last_text(document)) and not _ELLIPSIS.search(_last_text(before))
        if like.kept < LOST and like.lost >= LOST_WORDS:
            return DoubtKind.TEASER if behind_wall or ends_so else DoubtKind.CUT_OFF
        if behind_wall:
            return DoubtKind.TEASER
        broken = self._unfinished or self._breaks_off()
        if broken or (like.tail >= TAIL and _ends_within(before, document)):
            return DoubtKind.CUT_OFF
        return None

    @property
    def _unfinished(self) -> bool:
        """Whether the page lacks the end that the last version's had."""
        return self.look.stored_ended and not self.signs.ended

    def _breaks_off(self) -> bool:
        """Whether the page ends in the middle: with elements left open, or with nothing after the article's text."""
        if self.signs.ended or self.look.document is None:
            return False
        if self.signs.open:
            return True
        last = "".join(words_of(self.signs.last))[-40:]
        return bool(last) and "".join(self.words).endswith(last)

    # The first look

    def _first(self) -> DoubtKind | None:
        document = self.look.document
        short = len(self.words) < SHORT
        if kind := self._notice(short=short):
            return kind
        if document is None:
            return self._elsewhere()
        if kind := self._elsewhere():
            return kind
        if self.titled:
            return DoubtKind.CUT_OFF if self._breaks_off() else None
        announced = self.look.announced
        if announced.title:
            if DoubtKind.NOT_FOUND in named_by_lines(self.signs.lines[:OPENING]):
                return DoubtKind.NOT_FOUND
            said = self._said()
            if said < (SAID if short or self.moved else SAID_LONG):
                return DoubtKind.ANOTHER
            if self.look.other is not None and self.moved:
                return DoubtKind.ANOTHER
        return DoubtKind.CUT_OFF if self._breaks_off() else None

    def _is_titled(self) -> bool:
        """Whether the page has the article's title: the last version's, the announced one, or that in its address."""
        document, before = self.look.document, self.look.before
        shown = [piece for title in self.signs.titles for piece in pieces(title)]
        shown += [*self.signs.headings]
        if document is not None and not self.signs.linked:
            shown.append(inline_text(document.title))
        known = [self.look.announced.title] + ([inline_text(before.title)] if before is not None else [])
        if any(_alike(one, other) for one in known if one for other in shown):
            return True
        return not any(known) and self._as_addressed(shown)

    def _as_addressed(self, shown: Iterable[str]) -> bool:
        """Whether a title has half of the words of the address's last part: all there is where nothing was announced."""
        last = unquote(urlsplit(self.look.asked).path.rstrip("/").rpartition("/")[2])
        slug = [word for word in words_of(re.sub(r"[-_.+]", " ", last)) if len(word) > 3 and word.isalpha()]
        return len(slug) > 1 and any(
            2 * sum(word in words for word in slug) >= len(slug)
            for words in (set(words_of(one)) for one in shown if not names_a_list([one]))
        )

    def _said(self) -> float:
        """Share of what was announced (title and summary, words of four letters and more) that the page says."""
        announced = self.look.announced
        wanted = {word[:6] for word in words_of(f"{announced.title} {announced.summary}") if len(word) > 3}
        if len(wanted) < 2:
            return 1.0  # one word ("Editorial") may be in no text of that name
        texts = [*self.signs.titles, *self.signs.headings, self.text]
        there = {word[:6] for text in texts for word in words_of(text)}
        return len(wanted & there) / len(wanted)

    # What else it may be

    def _notice(self, *, short: bool) -> DoubtKind | None:
        """What the page says it is, if it is a notice; ``short``: what was read from it is short enough for one."""
        signs = self.signs
        if not self.titled:
            heads = [*signs.headings, *(piece for title in signs.titles for piece in pieces(title))]
            if signs.classes & _ERROR_CLASSES:
                return DoubtKind.NOT_FOUND
            if kind := named_by_heading(heads):
                return kind
            if self._asks_consent(self.text):
                return DoubtKind.CONSENT
            if self.moved and (kind := named_by_address(*_place(self.look.page.url))):
                return kind
        elif not self._shows_title() and self._asks_consent(self.text):
            return DoubtKind.CONSENT
        if not short:
            return None
        few = signs.words < SHORT
        if signs.refresh is not None and few and (len(self.words) < EMPTY or not self.titled):
            return DoubtKind.FORWARDING
        marked = few and has_bot_check(self.look.page.body)
        read = self.text or " ".join(signs.lines)
        if not (self.titled and self.text) and self._asks_consent(read):
            return DoubtKind.CONSENT
        said = set(named_by_lines(self._few_lines()))
        if needs_scripts(signs.noscript) and len(self.words) < EMPTY and signs.words < EMPTY:
            said.add(DoubtKind.SHELL)
        if marked and (DoubtKind.BOT_CHECK in said or len(self.words) < EMPTY):
            return DoubtKind.BOT_CHECK
        if self.titled and len(self.words) >= EMPTY:
            # A short article under its own title; of walls with that title above them two say what they are.
            if DoubtKind.LOGIN in said and signs.password and few and not self._is_teaser():
                return DoubtKind.LOGIN
            return DoubtKind.NOT_FOUND if few and self._is_tombstone() else None
        for kind in (DoubtKind.BOT_CHECK, DoubtKind.NOT_FOUND, DoubtKind.MAINTENANCE, DoubtKind.SHELL, DoubtKind.LOGIN):
            if kind in said and (kind is not DoubtKind.LOGIN or (few and not self._is_teaser())):
                return kind
        if signs.password and few:
            return DoubtKind.LOGIN
        if signs.scripts and signs.words < EMPTY and len(self.words) < EMPTY and not self.titled:
            return DoubtKind.SHELL
        if self.look.document is None and signs.scripts and signs.words < EMPTY:
            return DoubtKind.SHELL
        return None

    def _shows_title(self) -> bool:
        """Whether readers see the article's title, which walls may keep in the head only."""
        shown = [*self.signs.headings, *self.signs.lines[:OPENING]]
        named = [max(pieces(title), key=len) for title in self.signs.titles]  # its longest part is not the site's name
        return any(_alike(title, one) for title in named for one in shown)

    def _is_tombstone(self) -> bool:
        """Whether all that is left under the title is one short line saying that the article was taken down; beside it
        there may be an author's name or a banner."""
        if named_by_heading([self.look.announced.title, *self.signs.headings]):
            return False  # the article is about this
        left = found = 0
        for line in self.text.split("\n"):
            count = len(line.split())
            if count <= TOMBSTONE and DoubtKind.NOT_FOUND in named_by_lines([line]):
                found += 1
            else:
                left += count
        return found == 1 and left < EMPTY

    def _asks_consent(self, text: str) -> bool:
        themes, times = consent_themes(text)
        return themes >= CONSENT_THEMES and times >= CONSENT_DENSITY * len(text.split())

    def _is_teaser(self) -> bool:
        return self.look.document is not None and is_teaser(self.look.document)

    def _few_lines(self) -> Iterable[str]:
        """The lines that say what a short page is: those read from it, and all of it where that is not much more."""
        if self.text:
            yield from self.text.split("\n")
        if not self.text or self.signs.words < SHORT:
            yield from self.signs.lines

    def _elsewhere(self) -> DoubtKind | None:
        """Whether the page is the front page or another list of articles."""
        if FEED in self.signs.types:
            return DoubtKind.FRONT_PAGE
        if self.titled:
            return None
        if self.moved and self._above(self.look.page.url):
            return DoubtKind.FRONT_PAGE
        needed = LIST_POINTS if self.look.announced.title or self.look.before else LIST_POINTS + 1
        return DoubtKind.FRONT_PAGE if self._list_points() >= needed else None

    def _sent_to_list(self) -> bool:
        """Whether the address leads to the front page, or to a list above the article's place: these may show its text too,
        between others, as long as it is new."""
        address = self.look.page.url
        if self.titled or not self.moved or not self._above(address):
            return False
        return self._is_front(address) or self._list_points() >= LIST_POINTS

    def _is_front(self, address: str) -> bool:
        if self.look.front and address_key(address) == address_key(self.look.front):
            return True
        parts = urlsplit(address)
        return _FRONTS.fullmatch(parts.path) is not None and not parts.query

    def _above(self, address: str) -> bool:
        """Whether an address is the site's front page, or a section that the article's own address stands in."""
        if not address or address_key(address) == address_key(self.look.asked):
            return False
        if self._is_front(address):
            return True
        one, asked = urlsplit(address), urlsplit(self.look.asked)
        path = one.path.rstrip("/")
        return f"{asked.path.rstrip('/')}/".startswith(f"{path}/") and path != asked.path.rstrip("/")

    def _list_points(self) -> int:
        signs = self.signs
        points = NAMED_LIST * names_a_list(
            [*signs.headings, *(piece for title in signs.titles for piece in pieces(title))]
        )
        article = bool(signs.classes & _ONE_CLASSES) or any(_ARTICLE_TYPE.search(one) for one in signs.types)
        if signs.classes & _LIST_CLASSES and not signs.classes & _ONE_CLASSES:
            points += 2
        if signs.types & _LIST_TYPES and not article:
            points += 2
        if "website" in signs.types and not article:
            points += 1
        if signs.canonical and self._above(signs.canonical):
            points += 2
        points += (signs.linked >= 5) + (signs.linked >= 10)
        return points - article


def _place(address: str) -> tuple[str, str, str]:
    parts = urlsplit(address)
    return parts.netloc, parts.path, parts.query


def document_text(document: Document) -> str:
    """What readers read of an article, a line a part: standfirst, text and notes. Where a theme puts a part does not count."""
    parts = [inline_text(document.standfirst)]
    parts += [block_text(block) for block in document.blocks if block.type is not BlockType.FIGURE]
    parts += [inline_text(note.html) for note in document.notes]
    return "\n".join(part for part in parts if part)


def _alike(one: str, other: str) -> bool:
    """Whether two titles are one, however it was shortened, extended or put right."""
    first, second = " ".join(words_of(one)), " ".join(words_of(other))
    if not first or not second:
        return False
    if first == second:
        return True
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) >= 15 and f" {shorter} " in f" {longer} ":
        return True
    return len(shorter) >= 10 and (
        fuzz.ratio(first, second) >= ALIKE
        or (len(shorter) >= 20 and fuzz.token_set_ratio(first, second) >= ALIKE and len(shorter.split()) > 3)
    )


def _last_block(document: Document) -> Block | None:
    return next(
        (one for one in reversed(document.blocks) if one.type in _RUNNING and not one.role and block_text(one)), None
    )


_RUNNING = (BlockType.PARAGRAPH, BlockType.LIST_ITEM, BlockType.QUOTE)


def _last_text(document: Document) -> str:
    block = _last_block(document)
    return block_text(block).strip() if block else ""


def _ends_within(before: Document, after: Document) -> bool:
    """Whether the new version ends in the middle of a sentence that went on in the old one."""
    last = _last_text(after)
    if not last or _SENTENCE_ENDS.search(last):
        return False
    wanted = fold(last)
    return any(
        len(text) > len(wanted) and text.startswith(wanted)
        for text in (fold(block_text(block)) for block in before.blocks)
    )
