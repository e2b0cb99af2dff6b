import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ivpipe.cli.extract import extract
from ivpipe.errors import ExtractionError

SAMPLE = Path(__file__).parents[2] / "samples" / "pages" / "spip.html"
KEYS = [
    "url", "canonical_url", "lang", "title", "kicker", "standfirst", "authors", "published", "modified", "section", "tags",
    "blocks", "notes", "images", "extractor", "warnings",
]  # fmt: skip


def test_file_is_read_in_a_folder_without_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = tmp_path / "page.html.gz"
    packed.write_bytes(gzip.compress(SAMPLE.read_bytes()))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(extract, ["page.html.gz", "--url", "https://revue.example/2025/article", "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert list(document) == KEYS
    assert document == json.loads(SAMPLE.with_suffix(".json").read_text(encoding="utf-8"))


def test_preview_shows_title_blocks_and_notes() -> None:
    result = CliRunner().invoke(extract, [str(SAMPLE), "--url", "https://revue.example/2025/article"])
    assert result.exit_code == 0, result.output
    for text in (
        "L’hiver des entrepôts",
        "## Une ville qui se souvient",
        "Entretien du 12",
        "[1]",
        "blocks: 8, notes: 2, pictures: 1",
    ):
        assert text in result.stdout.replace("\n", " "), text


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(extract, [str(tmp_path / "none.html")])
    assert isinstance(result.exception, ExtractionError)
    assert str(tmp_path / "none.html") in str(result.exception)


def test_file_that_is_no_page_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.html.gz"
    path.write_bytes(b"\x1f\x8bbroken")
    result = CliRunner().invoke(extract, [str(path)])
    assert isinstance(result.exception, ExtractionError)
