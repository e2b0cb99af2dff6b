from __future__ import annotations

from pathlib import Path

import pytest

from ivpipe.engines import EngineOptions, EngineResult, EngineText
from ivpipe.engines.dummy import Dummy
from ivpipe.model.languages import LanguagePair


@pytest.mark.parametrize(
    ("tagged", "marked"),
    [
        ("Bonjour <1>à tous</1>", "[en] Bonjour <1>à tous</1>"),
        ("« <1><2/>Bonjour</1> »", "« <1><2/>[en] Bonjour</1> »"),
        ("&amp; <12>a</12>", "&amp; <12>[en] a</12>"),
        ("<1/>…", "<1/>…"),
        ("", ""),
    ],
)
def test_text_is_marked_and_its_tags_stay(tmp_path: Path, tagged: str, marked: str) -> None:
    dummy = Dummy(Dummy.Settings(), data_dir=tmp_path)
    pair = LanguagePair("fr", "en-GB")
    assert dummy.translate([EngineText(tagged)], pair, EngineOptions()) == [EngineResult(marked)]
