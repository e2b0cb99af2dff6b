"""10,000 sentences with nested tags through every engine; the services scramble, drop and double tags on purpose.

Firefox runs a stand-in of its library that upper-cases; Apertium is the real program.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from tests.engine_texts import Losses, losses, tagged_sentences
from tests.servers.deepl_stand_in import KEY, DeepLStandIn
from tests.servers.libretranslate_stand_in import LibreTranslateStandIn
from tests.servers.openai_stand_in import OpenAIStandIn
from tests.servers.tiny_model import write_model

from ivpipe import engines
from ivpipe.engines import Engine
from ivpipe.plugins import load_plugin

SENTENCES = 10_000
LIBRARY = """
class Translator:
    def __init__(self, model, src, trg, lex=None):
        pass
    def translate_long(self, text):
        words = text.upper().split()
        return " ".join(words[1::2] + words[::2]) if len(words) % 3 == 0 else " ".join(words)
"""
"""Every third sentence comes back with its words in another order."""


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", sorted(engines.BUILTIN))
def test_tags_of_ten_thousand_sentences(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "apertium" and shutil.which("apertium") is None:
        pytest.skip("apertium is not installed")
    texts = tagged_sentences(SENTENCES, seed=11)
    with DeepLStandIn(limit=10**9) as deepl, LibreTranslateStandIn() as libre, OpenAIStandIn() as chat:
        monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
        deepl.always = libre.always = chat.always = "chaos"
        settings: dict[str, dict[str, object]] = {
            "deepl": {"server_url": deepl.url},
            "libretranslate": {"server_url": libre.url},
            "openai": {"server_url": f"{chat.url}/v1", "model": "small"},
        }
        if name == "firefox":
            (tmp_path / "library").mkdir()
            (tmp_path / "library" / "fxtranslate.py").write_text(LIBRARY, encoding="utf-8")
            monkeypatch.setenv("PYTHONPATH", str(tmp_path / "library"))
            write_model(tmp_path / "models" / "fr-en")
        plugin = load_plugin("engines", name, engines.BUILTIN)
        made: Engine = plugin(plugin.Settings(**settings.get(name, {})), data_dir=tmp_path)
        began = time.perf_counter()
        counted: dict[str, int] = {}
        found = losses(made, texts, counted)
        took = time.perf_counter() - began
        made.close()
    print(
        f"\n{name:15} {found.sentences:6,} sentences  lost {found.lost}  added {found.added}  "
        f"badly nested {found.badly_nested}  empty {found.empty}  given up {found.failed}  "
        f"uncertain {counted['uncertain']:,}  {took:.0f} s"
    )
    assert found == Losses(sentences=SENTENCES, failed=found.failed)
    assert found.failed == 0 or name == "openai"
