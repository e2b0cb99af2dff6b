"""Small numbers, hours and centuries as words, by language: what a translator may write for a figure."""

from __future__ import annotations

import re
from functools import cache

_SMALL: dict[str, tuple[str, ...]] = {
    # 0 … 12: cardinals | ordinals, as regular expressions of whole words
    "fr": (
        "zéro|aucune?", "une?|premi(?:er|ère)s?", "deux|second(?:e|s|es)?|deuxièmes?", "trois|troisièmes?|tiers",
        "quatre|quatrièmes?|quart", "cinq|cinquièmes?", "six|sixièmes?", "sept|septièmes?", "huit|huitièmes?",
        "neuf|neuvièmes?", "dix|dixièmes?|dizaine", "onze|onzièmes?", "douze|douzièmes?|douzaine",
    ),
    "es": (
        "cero|ning[uú]na?", "un[ao]?|primer[ao]?s?", "dos|segund[ao]s?", "tres|tercer[ao]?s?|tercio", "cuatro|cuart[ao]s?",
        "cinco|quint[ao]s?", "seis|sext[ao]s?", "siete|séptim[ao]s?", "ocho|octav[ao]s?", "nueve|noven[ao]s?",
        "diez|décim[ao]s?|decena", "once|undécim[ao]|onceav[ao]", "doce|duodécim[ao]|docena|doceav[ao]",
    ),
    "de": (
        "null|keine?[nrs]?", "eins?|eine[mnrs]?|erste[nrms]?", "zwei|zweite[nrms]?|beide[nrms]?", "drei|dritte[nrms]?|drittel",
        "vier|vierte[nrms]?|viertel", "fünf|fünfte[nrms]?", "sechs|sechste[nrms]?", "sieben|siebte[nrms]?",
        "acht|achte[nrms]?", "neun|neunte[nrms]?", "zehn|zehnte[nrms]?", "elf|elfte[nrms]?", "zwölf|zwölfte[nrms]?|dutzend",
    ),
    "it": (
        "zero|nessun[ao]?", "un[ao']?|prim[aoie]", "due|second[aoie]", "tre|terz[aoie]", "quattro|quart[aoie]",
        "cinque|quint[aoie]", "sei|sest[aoie]", "sette|settim[aoie]", "otto|ottav[aoie]", "nove|non[aoie]",
        "dieci|decim[aoie]|decina", "undici|undicesim[aoie]", "dodici|dodicesim[aoie]|dozzina",
    ),
    "pt": (
        "zero|nenhuma?", "uma?|primeir[ao]s?", "dois|duas|segund[ao]s?", "três|terceir[ao]s?|terço", "quatro|quart[ao]s?",
        "cinco|quint[ao]s?", "seis|sext[ao]s?", "sete|sétim[ao]s?", "oito|oitav[ao]s?", "nove|non[ao]s?",
        "dez|décim[ao]s?|dezena", "onze|décim[ao] primeir[ao]", "doze|dúzia|décim[ao] segund[ao]",
    ),
    "en": (
        "zero|no|none", "one|an?|first|once", "two|second|twice|both|half", "three|third|thirds", "four|fourth|quarter",
        "five|fifth", "six|sixth", "seven|seventh", "eight|eighth", "nine|ninth", "ten|tenth", "eleven|eleventh",
        "twelve|twelfth|dozen",
    ),
    "ru": (
        "нол\\w*|нул\\w*", "од(?:ин|н\\w+)|перв\\w+", "дв(?:а|е|ух|ум|умя|ое)|втор\\w+|об[ае]",
        "тр(?:и|[её]х|[её]м|емя|ое)|трет\\w+", "четыр\\w+|четверо|четв[её]рт\\w+",
        "пят\\w+", "шест\\w+", "сем\\w+|седьм\\w+", "вос[ье]м\\w*", "девят\\w+",
        "десят\\w+", "одиннадцат\\w+", "двенадцат\\w+|дюжин\\w+",
    ),
}  # fmt: skip

_CENTURIES: dict[str, tuple[str, ...]] = {
    # 13 … 21
    "fr": (
        "treizième", "quatorzième", "quinzième", "seizième", "dix-septième", "dix-huitième", "dix-neuvième", "vingtième",
        "vingt[ -]et[ -]unième",
    ),
    "en": (
        "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
        "twenty-first",
    ),
    "de": (
        "dreizehnten?", "vierzehnten?", "fünfzehnten?", "sechzehnten?", "siebzehnten?", "achtzehnten?", "neunzehnten?",
        "zwanzigsten?", "einundzwanzigsten?",
    ),
    "it": (
        "tredicesimo|duecento", "quattordicesimo|trecento", "quindicesimo|quattrocento", "sedicesimo|cinquecento",
        "diciassettesimo|seicento", "diciottesimo|settecento", "diciannovesimo|ottocento", "ventesimo|novecento",
        "ventunesimo",
    ),
    "ru": (
        "тринадцат\\w+", "четырнадцат\\w+", "пятнадцат\\w+", "шестнадцат\\w+", "семнадцат\\w+", "восемнадцат\\w+",
        "девятнадцат\\w+", "двадцат\\w+", "двадцать перв\\w+",
    ),
}  # fmt: skip

_HOURS: dict[str, tuple[str, str]] = {
    # midnight, noon
    "fr": ("minuit", "midi"), "es": ("medianoche", "mediodía"), "de": ("mitternacht", "mittags?"),
    "it": ("mezzanotte", "mezzogiorno"), "pt": ("meia-noite", "meio-dia"), "en": ("midnight", "noon|midday"),
    "ru": ("полноч\\w+", "полд(?:ень|ня|не|ню)"),
}  # fmt: skip


def spelled(number: int, text: str, lang: str) -> bool:
    """Whether ``text`` has ``number`` (0 to 12) as a word; in a language without a table, whether it might."""
    if not 0 <= number <= 12:
        return False
    table = _SMALL.get(lang)
    return table is None or _word(table[number]).search(text) is not None


def spelled_century(number: int, text: str, lang: str) -> bool:
    """Whether ``text`` has the ordinal ``number`` (up to 21) as a word; in a language without a table, whether it might."""
    if number <= 12:
        return spelled(number, text, lang)
    table = _CENTURIES.get(lang)
    if table is None:
        return lang not in _SMALL
    return number - 13 < len(table) and _word(table[number - 13]).search(text) is not None


def spelled_hour(hour: int, text: str, lang: str) -> bool:
    """Whether ``text`` has the full hour as a word: "midnight", "noon", "six"."""
    words = _HOURS.get(lang)
    if words is not None and hour % 12 == 0 and _word(words[hour % 24 // 12]).search(text):
        return True
    return spelled(hour % 12 or 12, text, lang) or spelled(hour, text, lang)


@cache
def _word(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
