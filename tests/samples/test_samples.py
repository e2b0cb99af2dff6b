"""Saved pages, each with the document expected of it.

The pages in ``pages/`` were written for this: one per CMS and per footnote habit. To add one, save ``NAME.html``, run
``ivpipe extract NAME.html --url https://revue.example/2025/article --json``, read what it prints, correct it where it is
wrong, and save it as ``NAME.json``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ivpipe.cli.extract import public_document
from ivpipe.sources.extraction import extract

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_sample_is_read_as_expected(page: Path) -> None:
    document = extract(page.read_bytes(), "https://revue.example/2025/article")
    assert public_document(document) == json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_note_of_a_sample_has_its_reference(page: Path) -> None:
    document = extract(page.read_bytes(), "https://revue.example/2025/article")
    references = re.findall(r'data-note="([^"]*)"', "".join(block.html for block in document.blocks))
    assert document.notes
    assert [note.label for note in document.notes] == list(dict.fromkeys(references))
    assert document.warnings == ()
