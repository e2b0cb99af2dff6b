"""Sentence boundaries, by language."""

from __future__ import annotations

import sentencex

from ivpipe.model.languages import primary


def sentence_starts(text: str, lang: str) -> list[int]:
    """Offsets at which a new sentence starts, in order; 0 is not among them."""
    starts = []
    for boundary in sentencex.get_sentence_boundaries(primary(lang) or "en", text):
        at = boundary["start_index"]
        while at < len(text) and text[at].isspace():
            at += 1
        if 0 < at < len(text) and text[:at].strip():
            starts.append(at)
    return starts
