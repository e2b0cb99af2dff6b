from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivpipe.engines import Capabilities, EngineText
from ivpipe.engines.apertium import Apertium
from ivpipe.engines.deepl import DeepL
from ivpipe.engines.dummy import Dummy
from ivpipe.engines.selection import batches, usable_engine
from ivpipe.errors import EngineUnavailable
from ivpipe.model.languages import LanguagePair

PAIR = LanguagePair("tlh", "en")


def test_first_usable_engine_in_order_is_taken(tmp_path: Path) -> None:
    apertium = Apertium(Apertium.Settings(), data_dir=tmp_path)
    first, second = Dummy(Dummy.Settings(), data_dir=tmp_path), Dummy(Dummy.Settings(), data_dir=tmp_path)
    assert usable_engine([apertium, first, second], PAIR) is first


def test_no_usable_engine_says_of_each_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEEPL_AUTH_KEY", raising=False)
    chosen = [
        DeepL(DeepL.Settings(), data_dir=tmp_path),
        Apertium(Apertium.Settings(program="not-installed"), data_dir=tmp_path),
    ]
    with pytest.raises(EngineUnavailable) as caught:
        usable_engine(chosen, LanguagePair("fr", "en"))
    assert caught.value.reasons == {
        "deepl": "there is no key; set the environment variable DEEPL_AUTH_KEY",
        "apertium": "the program 'not-installed' is not installed; "
        "apt install apertium apertium-eng-cat apertium-fra-cat",
    }
    assert all(reason in str(caught.value) for reason in caught.value.reasons.values())
    assert caught.value.retryable


def test_no_engine_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"no engine is configured .*engines\.order"):
        usable_engine([], PAIR)


TEXTS = st.lists(st.builds(EngineText, st.text(max_size=30), st.sampled_from(["", "à côté", "x" * 40])), max_size=40)


@given(TEXTS, st.integers(1, 8), st.integers(20, 200))
def test_batches_keep_order_and_limits(texts: list[EngineText], max_texts: int, max_bytes: int) -> None:
    cut = list(batches(texts, Capabilities(markup=True, context=True, max_texts=max_texts, max_bytes=max_bytes)))
    assert [text for batch in cut for text in batch] == texts
    for batch in cut:
        size = sum(
            len(part.encode()) for part in [text.tagged for text in batch] + list({text.context for text in batch})
        )
        assert 1 <= len(batch) <= max_texts
        assert size <= max_bytes or len(batch) == 1
