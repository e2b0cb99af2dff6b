"""Sentence boundaries, by language.

``sentencex`` proposes boundaries for every language it knows; a pattern adds those it leaves out because of quotation
marks; then the rules below decide about each: they know how the press abbreviates (``text.abbreviations``), where
quotations close, and what may begin a sentence. For a language without habits of its own sentencex's word on
abbreviations stands.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

import sentencex

from ivpipe.model.languages import primary
from ivpipe.text.abbreviations import HABITS, Habits

_STOPS = ".!?…‽؟"
_WIDE_STOPS = "。！？｡"
_CLOSERS = "\"'”’»›)]}"
_CLOSING = re.escape(_CLOSERS) + "“«"
_MARKS = r"(?:\[[0-9a-z*]{1,3}\]|\([0-9*]{1,3}\)|[⁰¹²³⁴-⁹*†‡]{1,3})"
"""A note mark written in plain text; one that is markup has no text, and ``segments`` leaves it where it belongs."""

_END = re.compile(
    rf"(?<![{_STOPS}])[{_STOPS}]++"
    rf"(?:[{_CLOSING}]|\s[»›](?!\w)|{_MARKS}|[{_STOPS}]){{0,12}}+"
    r"(?:\s\[[0-9]{1,3}\]){0,4}+(?=\s)"
)
_LEAD = re.compile(r"[\s\"'“”„‘’‚«»‹›(\[{¿¡—–\-•*…._]*")
_DASH = re.compile(r"[—–•*-]")
_TOKEN = re.compile(r"[^\s\"“”„«»‹›(\[{]+\Z")
_FOLLOWER = re.compile(r"[0-9]|[^\W\d_]*\.?")
"""The digit or the word that comes after a candidate, with its full stop; it matches the empty string."""
_ELISION = re.compile(r"^[^\W\d_]{1,2}['’]")
_INITIALS = re.compile(r"(?:[^\W\d_a-zа-яёß-öø-ÿ]\.?-?){1,4}\Z")
_LETTER = re.compile(r"([^\W\d_])\1?\Z")
"""One letter of a row of them ("z. B."), or, in a plural, one letter twice ("EE. UU.")."""
_ROMAN = re.compile(r"[IVXLC]+\Z")
_MID_ELLIPSIS = re.compile(r"[\[(](?:…|\.\.\.)[\])]\Z")

_AFTER_STOP = re.compile(rf"(?:\s?[{_CLOSING}]|\s?{_MARKS})+\Z")

_SHORT_QUOTE = 100
_SHORT_BRACKET = 300
_AFTER_QUOTE = re.compile(r"\s*(?:[,;]|(?:[—–-]\s*)?(?P<letter>[^\W\d_]))")
_AFTER_BRACKET = re.compile(r"\s*(?:[,;:.!?]|(?P<letter>[^\W\d_]))")
_ALNUM = re.compile(r"[^\W_]")
_SPACE = re.compile(r"\s*")
_LINE_BREAK = re.compile(r"\n\s*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def sentence_starts(text: str, lang: str) -> list[int]:
    """Offsets of the first character of each new sentence in ``text``: strictly rising, none at white space, 0 not
    among them. ``lang`` is a BCP 47 tag; "" reads as English. Never raises for any text."""
    language = primary(lang) or "en"
    habits = HABITS.get(language)
    if language == "el":
        text = text.replace(";", "?").replace("\u037e", "?")  # the Greek question mark, in both its codes
    text = _SURROGATE.sub("\ufffd", text)  # half a character, which sentencex cannot be given
    candidates = {match.end() for match in _LINE_BREAK.finditer(text)}
    proposed = {boundary["start_index"] for boundary in sentencex.get_sentence_boundaries(language, text)}
    if habits:
        proposed.update(match.end() for match in _END.finditer(text))
    candidates.update(_SPACE.match(text, at).end() for at in proposed)  # type: ignore[union-attr]
    ordered = sorted(candidates)
    spans = _Spans(text, ordered)
    starts: list[int] = []
    last = 0
    for at in ordered:
        if 0 < at < len(text) and at not in spans.inside and _begins(text, at, last, habits, spans):
            starts.append(at)
            last = at
    return starts


class _Spans:
    """The quotations and brackets of a text, as far as they matter to the candidates."""

    def __init__(self, text: str, candidates: list[int]) -> None:
        self.inside: set[int] = set()
        """Candidates inside a short span after which the sentence around it goes on, or at a closing mark."""
        self.brackets: dict[int, int] = {}
        """Where a bracket opens, by the offset just after its end."""
        for match in _BRACKETS.finditer(text):
            self.brackets[match.end()] = match.start()
            self._mark(match, candidates, _SHORT_BRACKET, _AFTER_BRACKET)
        for pattern in _quotation_patterns(text):
            for match in pattern.finditer(text):
                self._mark(match, candidates, _SHORT_QUOTE, _AFTER_QUOTE)

    def _mark(self, match: re.Match[str], candidates: list[int], short: int, after: re.Pattern[str]) -> None:
        start, end = match.span()
        from_ = bisect_right(candidates, start)
        to = bisect_left(candidates, end)
        if from_ < to:
            goes_on = end - start <= short and _goes_on(match.string, end, after)
            self.inside.update(at for at in candidates[from_:to] if goes_on or at == end - 1)


def _goes_on(text: str, at: int, after: re.Pattern[str]) -> bool:
    match = after.match(text, at)
    return match is not None and (match["letter"] is None or match["letter"].islower())


_PAIRS = (
    re.compile(r"„[^„“”]*[“”]"),
    re.compile(r"“[^“”]*”"),
    re.compile(r'(?<!\w)"[^"\n]*"'),
    re.compile(r"«[^«»]*»"),
    re.compile(r"»[^«»]*«"),
)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")


def _quotation_patterns(text: str) -> list[re.Pattern[str]]:
    """The ways of quoting that ``text`` uses: “ closes in some languages and opens in others, and so does »."""
    low, high, straight, outward, inward = _PAIRS
    patterns = [low if "„" in text else high, straight]
    if "»" in text and "«" in text:
        patterns.append(inward if text.find("»") < text.find("«") else outward)
    return patterns


def _begins(text: str, at: int, last: int, habits: Habits | None, spans: _Spans) -> bool:
    """Whether a sentence begins at ``at``; ``last`` is where the one before began."""
    end = at
    while end > 0 and text[end - 1].isspace():
        end -= 1
    if not _ALNUM.search(text, last, min(end, last + 200)):
        return False
    if end == at:
        return text[end - 1] in _WIDE_STOPS or (text[end - 1] in _CLOSERS and text[end - 2 : end - 1] in _WIDE_STOPS)
    lead_end = _LEAD.match(text, at).end()  # type: ignore[union-attr]  # it matches the empty string
    first = text[lead_end : lead_end + 1]
    if "\n" in text[end:at] and text[end - 1] != "," and (not first.islower() or _DASH.match(text, at)):
        return True
    if first.islower():
        return False
    if habits is None:
        return True
    return _ends(text, end, last, _FOLLOWER.match(text, lead_end)[0], habits, spans)  # type: ignore[index]


def _ends(text: str, end: int, last: int, word: str, habits: Habits, spans: _Spans) -> bool:
    """Whether the text before ``end`` is the end of a sentence, where ``word`` follows."""
    window = text[max(last, end - 64) : end]
    if _MID_ELLIPSIS.search(window):
        return False
    core = _AFTER_STOP.sub("", window)
    if not core or core[-1] not in _STOPS + _WIDE_STOPS:
        return False
    closing = window[len(core) :]
    if ")" in closing or "]" in closing:
        opening = spans.brackets.get(end)
        if opening is not None:
            before = text[max(0, opening - 8) : opening].rstrip()[-1:]
            return opening <= last or before in _STOPS + _CLOSERS
    if core[-1] != "." or core.endswith("..") or closing:
        return True
    return not _abbreviates(core[:-1], max(last, end - 64) == last, word, habits)


def _abbreviates(core: str, whole: bool, word: str, habits: Habits) -> bool:
    """Whether the full stop after ``core`` belongs to an abbreviation, an initial or an ordinal, where ``word`` follows.

    ``whole``: ``core`` reaches back to the start of the sentence.
    """
    match = _TOKEN.search(core)
    if match is None:
        return False
    raw = _ELISION.sub("", match[0])
    before = core[: match.start()].split()
    previous = before[-1].lstrip("(«“„") if before else ""
    if _LETTER.match(raw) and _LETTER.match(word[:-1]) and word[-1] == "." and word[0].isupper():
        return True
    word = word.rstrip(".")
    opens = word.lower() in habits.openers
    for key in (f"{previous} {raw}".lower(), raw.lower()):
        if key in habits.ends:
            return False
        if key in habits.doubtful:
            return not opens
        if key in habits.never:
            return True
        if key in habits.numbered and (len(raw) > 1 or raw.islower()):
            return word.isdigit() or _ROMAN.match(word) is not None
    if raw.endswith("str"):
        return word.isdigit()
    if raw.isdigit():
        if whole and not before and len(raw) <= 3:
            return True
        return habits.ordinals and len(raw) <= 2 and not opens
    if habits.ordinals and _ROMAN.match(raw) and (len(raw) > 1 or previous[:1].isupper()):
        return not opens
    if _INITIALS.match(raw) and ("." in raw or len(raw.replace("-", "")) == 1):
        return not opens or word.lower() in habits.particles
    return False
