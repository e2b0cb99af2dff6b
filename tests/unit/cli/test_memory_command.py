from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivpipe.cli import main

TMX = """<?xml version="1.0"?>
<tmx version="1.4"><header srclang="fr"/><body>
<tu><tuv xml:lang="fr"><seg>La grève tient &amp; dure.</seg></tuv>
<tuv xml:lang="en"><seg>The strike holds &amp; lasts.</seg></tuv></tu>
<tu><tuv xml:lang="fr"><seg>Rien.</seg></tuv></tu>
</body></tmx>
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    assert CliRunner().invoke(main, ["init", str(home)]).exit_code == 0
    return home


def memory(home: Path, *arguments: str | Path, given: str = "") -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "memory", *map(str, arguments)], input=given)


def test_memory_import_lookup_concordance_stats_and_export(home: Path, tmp_path: Path) -> None:
    assert memory(home, "stats").output.startswith("the memory is empty")
    file = tmp_path / "m.tmx"
    file.write_text(TMX)
    imported = memory(home, "import", file)
    assert (imported.exit_code, imported.output.partition(": ")[2]) == (
        0,
        "1 pairs added, 0 known already, 1 units without both languages or without text, 0 pairs without their tags\n",
    )
    answer = memory(
        home,
        "lookup",
        "--from",
        "fr",
        "--to",
        "en",
        "--json",
        given="La grève tient & dure.\nLa grève tient & dura.\n\n",
    )
    lines = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [(line["query"], [(m["target"], m["score"], m["kind"]) for m in line["matches"]]) for line in lines] == [
        ("La grève tient & dure.", [("The strike holds & lasts.", 100, "exact")]),
        ("La grève tient & dura.", [("The strike holds & lasts.", 95, "fuzzy")]),
        ("", []),
    ]
    assert all(line["ms"] >= 0 for line in lines)
    found = memory(home, "concordance", "strike holds", "--from", "fr", "--to", "en", "--side", "target")
    assert found.output == "La grève tient & dure.\n  The strike holds & lasts.\n"
    [counted] = [json.loads(line) for line in memory(home, "stats", "--json").stdout.splitlines()]
    assert (counted["from"], counted["to"], counted["origin"], counted["entries"]) == ("fr", "en", "", 1)
    out = tmp_path / "out.tmx"
    assert memory(home, "export", out, "--from", "fr", "--to", "en").output.startswith("1 pairs written")
    assert "<seg>The strike holds &amp; lasts.</seg>" in out.read_text()


def test_memory_import_of_a_broken_file_names_the_line_and_fails(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "m.tmx"
    file.write_text(TMX.replace("</body>", "<tu>"))
    result = memory(home, "import", file)
    assert result.exit_code == 1
    assert "m.tmx: line 6: not well-formed XML" in result.stderr
    assert "1 pairs before that are in the memory" in result.stderr


def test_memory_half_a_pair_is_refused(home: Path, tmp_path: Path) -> None:
    assert memory(home, "export", tmp_path / "x.tmx", "--from", "fr").exit_code == 2
    assert memory(home, "lookup", "--from", "fr", given="x").exit_code == 2
