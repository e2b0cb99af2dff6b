"""How many sentences a second the splitter finds (aim: 20,000 or more on one core)."""

from pathlib import Path

import pytest

from ivpipe.text.sentences import sentence_starts

SAMPLES = Path(__file__).parents[1] / "samples" / "sentences"


@pytest.mark.parametrize("lang", ["de", "en", "es", "fr", "it", "pt", "ru"])
def test_sentences_per_second(benchmark, lang):
    blocks = (SAMPLES / f"{lang}.txt").read_text(encoding="utf-8").strip().split("\n\n")
    paragraphs = [block.replace("\n", " ") for block in blocks]

    def split_all() -> int:
        return sum(1 + len(sentence_starts(paragraph, lang)) for paragraph in paragraphs)

    sentences = benchmark(split_all)
    benchmark.extra_info["sentences_per_second"] = round(sentences / benchmark.stats["mean"])
    assert sentences >= 40
