"""Languages by BCP 47 tag; the pipeline compares primary subtags."""

from __future__ import annotations

from dataclasses import dataclass

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "ps", "yi", "ckb", "sd", "ug"})


def primary(tag: str) -> str:
    """Return the primary subtag in lower case: "pt-BR" → "pt"."""
    return tag.replace("_", "-").split("-", 1)[0].strip().lower()


def direction(tag: str) -> str:
    """Return "rtl" or "ltr", for the ``dir`` attribute."""
    return "rtl" if primary(tag) in _RIGHT_TO_LEFT else "ltr"


@dataclass(frozen=True, slots=True)
class LanguagePair:
    """From a source to a target language."""

    source: str
    target: str

    def __str__(self) -> str:
        return f"{self.source}→{self.target}"
