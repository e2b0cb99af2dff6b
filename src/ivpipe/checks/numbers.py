"""The numbers, dates, times and centuries of the source stand in the target.

Only figures of the source are looked for, each once: a translator may add a figure, or name it twice. A figure is
compared by value, whatever separators, ordinal endings, units or clock its language uses; where a figure can be read in
two ways (1,234), both count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ivpipe.checks import CheckContext, Finding, SegmentPair
from ivpipe.checks.number_words import spelled, spelled_century, spelled_hour
from ivpipe.checks.reading import LINK, is_blank, readable
from ivpipe.model.languages import primary
from ivpipe.model.translation import Severity

_SPACE = "\u0020\u00a0\u2009\u202f"
_NUMBER = re.compile(
    rf"(?<!\d)\d{{1,3}}(?:[{_SPACE}'’]\d{{3}}(?!\d))+(?:[.,]\d+)?"  # 1 234,5 — 1'234.50
    r"|\d+(?:[.,]\d+)*"  # 1,234.5 — 1.234,5 — 7
)
_DATE = re.compile(
    r"(?<![\d./-])(?:(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
    r"|(?P<d2>\d{1,2})(?P<sep>[./-])\s?(?P<m2>\d{1,2})(?P=sep)\s?(?P<y2>\d{4}|\d\d))(?![\d/-])"
)
_HALF_DAY = r"[ap]\.?\s?m\b"
_TIME = re.compile(
    r"(?<![\d.,:])(?:"
    rf"(?P<h1>0?\d|1\d|2[0-4])[{_SPACE}]?(?:heures?|horas?|hrs?|h)(?![^\W\d_])[{_SPACE}]?(?P<m1>[0-5]\d)?(?!\d)"
    r"|(?P<h2>0?\d|1\d|2[0-4]):(?P<m2>[0-5]\d)(?![\d:])"
    rf"|(?P<h3>0?\d|1\d|2[0-4])[.,](?P<m3>[0-5]\d)(?=\s?(?:Uhr|uur|{_HALF_DAY}))"
    rf"|(?P<h4>0?\d|1[0-2])(?=\s?{_HALF_DAY})"
    r"|(?P<h5>0?\d|1\d|2[0-4])\s?Uhr(?:\s(?P<m5>[0-5]\d)(?!\d))?"
    r")",
    re.IGNORECASE,
)
_LOOSE_TIME = re.compile(r"(?<![\d.,:])(0?\d|1\d|2[0-4])[.:,h](?:\s?)([0-5]\d)(?![\d:])")
_ROMAN = r"[IVX]{1,6}"
_ROMAN_CENTURY = re.compile(
    rf"\b(?P<a>{_ROMAN})(?:e|ème|ᵉ|è)?[{_SPACE}](?:siècles?|secol[oi]|век\w*|в{{1,2}}\.)"
    rf"|\b(?:siglos?|séculos?|secol[oi])[{_SPACE}](?P<b>{_ROMAN})\b"
    rf"|\b(?P<c>{_ROMAN})(?:e|ème|ᵉ)(?!\w)"
)
_ANY_ROMAN = re.compile(r"\b([IVX]{1,6})(?:e|ème|ᵉ|°|º)?(?!\w)")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_POINT_LANGUAGES = frozenset({"en", "ja", "zh", "ko", "he", "th", "ga", "mt", "hi", "bn", "ur", "sw"})
"""Languages whose decimal mark is the point; the others' is the comma."""
_SCALES = (
    (10**3, re.compile(r"thousand|\bmil(?:a|le)?\b|tausend|тысяч|тыс\b", re.IGNORECASE)),
    (10**6, re.compile(r"milli[oó]n|mill[oó]n|milh|milion|\bmio\b|миллион|млн", re.IGNORECASE)),
    (10**9, re.compile(r"billion|milliard|miliard|\bmil millones|bilh|\bmrd\b|миллиард|млрд", re.IGNORECASE)),
)


def check(pair: SegmentPair, context: CheckContext) -> Iterator[Finding]:
    """Warning: one for each number, date, time or century of the source that the target lacks."""
    if is_blank(pair.target):
        return
    target = _Target(_plain(pair.target), primary(context.languages.target))
    for what, written, present in _figures(_plain(pair.source), primary(context.languages.source), target):
        if not present:
            yield Finding("numbers", Severity.WARNING, f"The {what} {written} of the source is missing.")


def _plain(tagged: str) -> str:
    return LINK.sub(" ", readable(tagged)).translate(_SUBSCRIPTS)


class _Target:
    """The target text, asked for values."""

    def __init__(self, text: str, lang: str) -> None:
        self.text, self.lang = text, lang
        self.values: set[str] = set()
        for match in _NUMBER.finditer(text):
            self.values |= readings(match[0], lang) | parts(match[0])
        self.romans = {roman_value(match[1]) for match in _ANY_ROMAN.finditer(text) if len(match[0]) > 1}
        self.romans |= {number for number, _ in _centuries(text)}
        self.times = {(int(h) % 12, int(m)) for h, m in _LOOSE_TIME.findall(text)}
        self.times |= {(hour % 12, minute) for hour, minute, _ in _times(text)}

    def has_number(self, written: str, lang: str) -> bool:
        wanted = readings(written, lang)
        if wanted & self.values or any(self._has_whole(int(value)) for value in wanted if _is_whole(value)):
            return True
        pieces = parts(written)
        return bool(pieces) and pieces <= self.values

    def _has_whole(self, value: int) -> bool:
        if value in self.romans or spelled(value, self.text, self.lang):
            return True
        if 13 <= value <= 21 and spelled_century(value, self.text, self.lang):
            return True
        for scale, words in _SCALES:
            if value and value % scale == 0 and words.search(self.text):
                count = value // scale
                if str(count) in self.values or spelled(count, self.text, self.lang):
                    return True
        if value % 10 == 0 and 10 <= value < 100:  # "les années 80" — "the 1980s"
            return any(f"{century}{value}" in self.values for century in (18, 19, 20))
        return value % 10 == 0 and 1800 <= value < 2100 and f"{value % 100}" in self.values

    def has_date(self, day: int, month: int, year: str) -> bool:
        """The year and the day; the month may be a name. A short year may be written in full, and the reverse."""
        years = {str(int(year)), str(int(year) % 100), *(f"{century}{year}" for century in (19, 20) if len(year) == 2)}
        days = {str(day), str(month)} if day <= 12 else {str(day)}
        return bool(years & self.values) and (bool(days & self.values) or spelled(day, self.text, self.lang))

    def has_time(self, hour: int, minute: int) -> bool:
        if (hour % 12, minute) in self.times:
            return True
        hours = {str(hour), str(hour % 12 or 12), str(hour % 24)}
        has_hour = bool(hours & self.values) or spelled_hour(hour, self.text, self.lang)
        otherwise = any(at == hour % 12 and minutes for at, minutes in self.times)
        in_words = minute in (0, 15, 30, 45) and not otherwise
        return has_hour and (in_words or str(minute) in self.values)

    def has_century(self, number: int) -> bool:
        return str(number) in self.values or number in self.romans or spelled_century(number, self.text, self.lang)


def _is_whole(value: str) -> bool:
    return value.isdigit() and len(value) <= 15


def _figures(text: str, lang: str, target: _Target) -> Iterator[tuple[str, str, bool]]:
    """What the source has: (kind, as written, whether the target has it), each as written once."""
    seen: set[str] = set()

    def fresh(written: str) -> bool:
        new = written not in seen
        seen.add(written)
        return new

    for match in _DATE.finditer(text):
        day, month, year = (int(match["d"] or match["d2"]), int(match["m"] or match["m2"]), match["y"] or match["y2"])
        if fresh(match[0]):
            yield "date", match[0], target.has_date(day, month, year)
    text = _DATE.sub(" ; ", text)
    for hour, minute, written in _times(text):
        if fresh(written):
            yield "time", written, target.has_time(hour, minute)
    text = _TIME.sub(" ; ", text)
    for number, written in _centuries(text):
        if fresh(written):
            yield "number", written, target.has_century(number)
    for match in _NUMBER.finditer(text):
        if fresh(match[0]):
            yield "number", match[0], target.has_number(match[0], lang)


def _centuries(text: str) -> Iterator[tuple[int, str]]:
    for match in _ROMAN_CENTURY.finditer(text):
        if number := roman_value(match["a"] or match["b"] or match["c"]):
            yield number, match[0]


def _times(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _TIME.finditer(text):
        found = match.groupdict()
        hour = next(int(found[key]) for key in ("h1", "h2", "h3", "h4", "h5") if found[key])
        minute = next((int(found[key]) for key in ("m1", "m2", "m3", "m5") if found[key]), 0)
        yield hour, minute, match[0].strip()


def readings(written: str, lang: str) -> set[str]:
    """The values a figure may have in ``lang``, as canonical strings: "1,234" → {"1234"} in English, {"1.234", "1234"}
    in French; "1 234,50" → {"1234.5"}."""
    bare = re.sub(rf"[{_SPACE}'’]", "", written)
    marks = [character for character in bare if character in ".,"]
    if not marks:
        return {_canonical(bare, "")}
    whole, _, decimals = bare.rpartition(marks[-1])
    joined = re.sub(r"[.,]", "", whole)
    if len(marks) > 1 and len(set(marks)) == 1:
        return {_canonical(joined + decimals, "")}
    if len(marks) == 1 and len(decimals) == 3 and bare == written and len(whole) <= 3 and whole.strip("0"):
        thousands = "," if lang in _POINT_LANGUAGES else "."
        grouped = _canonical(joined + decimals, "")
        return {grouped} if marks[0] == thousands else {grouped, _canonical(joined, decimals)}
    return {_canonical(joined, decimals)}


def parts(written: str) -> set[str]:
    """The runs of digits in what looks like one number but may be a list or a date: "12 300", "3.5.2024"."""
    if len(re.findall(r"[.,]", written)) < 2 and not re.search(rf"[{_SPACE}'’]", written):
        return set()
    return {_canonical(run, "") for run in re.findall(r"\d+", written)}


def _canonical(whole: str, decimals: str) -> str:
    digits = "".join(str(int(digit)) for digit in whole).lstrip("0") or "0"
    fraction = "".join(str(int(digit)) for digit in decimals).rstrip("0")
    return f"{digits}.{fraction}" if fraction else digits


def roman_value(numeral: str) -> int:
    """The value of a Roman numeral of I, V and X; 0 where it is not well formed."""
    if not re.fullmatch(r"X{0,3}(?:IX|IV|V?I{0,3})", numeral):
        return 0
    total = 0
    for numeral_at, letter in enumerate(numeral):
        value = {"I": 1, "V": 5, "X": 10}[letter]
        following = numeral[numeral_at + 1 : numeral_at + 2]
        total += -value if following and {"I": 1, "V": 5, "X": 10}[following] > value else value
    return total
