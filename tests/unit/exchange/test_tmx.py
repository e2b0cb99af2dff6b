from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import select

from ivpipe.errors import ExchangeError
from ivpipe.exchange.tmx import TmxReader, write_tmx
from ivpipe.memory import batches, concordance, counts, lookup
from ivpipe.model import LanguagePair, MemoryEntry, MemoryUnit
from ivpipe.steps import memory as step
from ivpipe.store import Store
from ivpipe.text.inline import InlineTag, escape_text, marks, tag_problem
from ivpipe.text.segments import context_key

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
PAIR = LanguagePair("fr", "en")
HEADER = '<header creationtool="x" srclang="fr-FR" segtype="sentence" datatype="xml"/>'

text = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("<>&\"' \t\n\r"), max_size=12
)


@st.composite
def tagged_texts(draw: st.DrawFn) -> tuple[str, str]:
    """A source whose tags are numbered 1 to n in any order, and a target with the same."""
    count = draw(st.integers(0, 4))
    forms = draw(st.lists(st.booleans(), min_size=count, max_size=count))

    def side(numbers: list[int]) -> str:
        out = escape_text(draw(text))
        for number in numbers:
            inside = escape_text(draw(text))
            out = f"{out}<{number}>{inside}</{number}>" if forms[number - 1] else f"{out}<{number}/>{inside}"
            if draw(st.booleans()) and not forms[number - 1]:
                out += escape_text(draw(text))
        return out + "x"

    numbers = list(range(1, count + 1))
    return side(draw(st.permutations(numbers))), side(draw(st.permutations(numbers)))


def read(xml: str, pair: LanguagePair | None = None) -> list[MemoryUnit]:
    return list(TmxReader(io.BytesIO(xml.encode()), "m.tmx", pair))


def tmx(body: str) -> str:
    return (
        f'<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "tmx14.dtd">\n<tmx version="1.4">{HEADER}<body>{body}</body></tmx>'
    )


@given(
    st.lists(tagged_texts(), min_size=1, max_size=4),
    st.sampled_from(["", 'Ada & <Co> "x"', "Éva"]),
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)) | st.none(),
)
def test_what_is_written_is_read_back(pairs: list[tuple[str, str]], who: str, at: datetime | None) -> None:
    at = at.replace(microsecond=0, tzinfo=UTC) if at else None
    units = [MemoryUnit("fr", "en", source, target, who, at, "ab12" if who else "") for source, target in pairs]
    file = io.BytesIO()
    assert write_tmx(file, units, "fr", "1.0") == len(units)
    file.seek(0)
    assert list(TmxReader(file, "m.tmx")) == units


def test_nested_tags_are_read_back() -> None:
    units = [MemoryUnit("fr", "en", "<1>a<2>b</2><3/></1>", "<2>b</2><1>c <3/></1>")]
    file = io.BytesIO()
    write_tmx(file, units, "fr", "1")
    assert b'<bpt i="1" x="1">&lt;1&gt;</bpt>a<bpt i="2" x="2">' in file.getvalue()
    file.seek(0)
    assert [(one.source, one.target) for one in TmxReader(file, "m")] == [
        ("<1>a<2>b</2><3/></1>", "<2>b</2><1>c <3/></1>")
    ]


def test_units_of_other_tools_are_understood() -> None:
    xml = tmx(
        '<tu creationid="bob" creationdate="20200102T030405Z"><note>n</note><prop type="prev">Avant.</prop>'
        '<prop type="next">Après.</prop>'
        '<tuv xml:lang="FR-fr"><seg>Un <bpt i="7" type="bold">&lt;b></bpt>mot<ept i="7">&lt;/b></ept> &amp; <ph type="br"/>'
        "deux</seg></tuv><!-- c -->"
        '<tuv xml:lang="en_GB" changeid="eve" changedate="20210102T030405Z"><seg>A <bpt i="7"/>word<ept i="7"/> &amp; <ph/>'
        'two <hi>hm</hi></seg></tuv><tuv lang="es"><seg>Una <it pos="begin">x</it>palabra</seg></tuv></tu>'
        '<tu><tuv xml:lang="fr"><seg>Rien</seg></tuv></tu>'
        '<tu><tuv xml:lang="fr"><seg>A <hi x="4">b <ph x="9"/></hi></seg></tuv>'
        '<tuv xml:lang="en"><seg><ph x="9"/> <hi x="4">B</hi></seg></tuv></tu>'
    )
    reader = TmxReader(io.BytesIO(xml.encode()), "m.tmx", LanguagePair("fr-CA", "en"))
    assert list(reader) == [
        MemoryUnit(
            "fr", "en", "Un mot &amp; deux", "A word &amp; two hm", "eve",
            datetime(2021, 1, 2, 3, 4, 5, tzinfo=UTC), context_key("Avant.", "Après."),
        ),
        MemoryUnit("fr", "en", "A <1>b <2/></1>", "<2/> <1>B</1>"),
    ]  # fmt: skip
    assert (reader.units, reader.skipped, reader.untagged) == (3, 1, 1)
    assert [(one.target_lang, one.target) for one in read(xml)][:2] == [
        ("en", "A word &amp; two hm"),
        ("es", "Una palabra"),
    ]


@st.composite
def foreign_segs(draw: st.DrawFn) -> str:
    """The inside of a ``<seg>`` with another tool's codes in any order, one in another or crossing."""
    codes = st.sampled_from(
        ['<bpt i="1"/>', '<bpt i="2" x="3"/>', '<ept i="1"/>', '<ept i="2"/>', '<ph x="5"/>', "<it>x</it>", "word"]
    )
    inside = st.recursive(codes, lambda some: st.lists(some, max_size=5).map(lambda of: f"<hi>{''.join(of)}</hi>"))
    return "".join(draw(st.lists(inside, max_size=8))) + "x"


@given(foreign_segs(), foreign_segs())
@example('<hi>a<bpt i="1"/>b</hi>c<ept i="1"/>', '<hi>a<bpt i="1"/>b</hi>c<ept i="1"/>')
def test_tags_of_other_tools_come_well_nested_or_not_at_all(source: str, target: str) -> None:
    xml = f'<tu><tuv xml:lang="fr"><seg>{source}</seg></tuv><tuv xml:lang="en"><seg>{target}</seg></tuv></tu>'
    (unit,) = read(tmx(xml))
    forms = {number: "" if kind == "empty" else "close" for kind, number in marks(unit.source)}
    for side in (unit.source, unit.target):
        problem = tag_problem(side, [InlineTag("", forms.get(number, "")) for number in range(1, len(forms) + 1)])
        assert problem is None or problem.startswith("missing")
    assert {number for _, number in marks(unit.target)} <= {number for _, number in marks(unit.source)}


def test_what_is_read_needs_no_garbage_collection() -> None:
    unit = '<tu><tuv xml:lang="fr"><seg><ph/>a <hi>b</hi></seg></tuv><tuv xml:lang="en"><seg>c</seg></tuv></tu>'
    gc.collect()
    gc.disable()
    try:
        (batch,) = batches(read(tmx(unit * 300)))
        assert batch.units == 300
        assert gc.collect() < 300
    finally:
        gc.enable()


def test_source_language_of_all_asks_for_the_pair() -> None:
    xml = tmx('<tu srclang="*all*"><tuv xml:lang="fr"><seg>a</seg></tuv><tuv xml:lang="en"><seg>b</seg></tuv></tu>')
    with pytest.raises(ExchangeError, match="--from and --to"):
        read(xml)
    assert [(one.source, one.target) for one in read(xml, LanguagePair("en", "fr"))] == [("b", "a")]


UNIT = '<tu>\n<tuv xml:lang="fr"><seg>Un.</seg></tuv><tuv xml:lang="en"><seg>One.</seg></tuv></tu>\n'


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("", "not well-formed"),
        ("nonsense", "line 1: not well-formed"),
        ("<html/>", "outermost element is <html>"),
        (f"<tmx>{HEADER}<body>\n{UNIT}{UNIT}<tu></body>", "line 6: not well-formed"),
        (f"<tmx>{HEADER}<body>\n{UNIT}", "line 4: not well-formed"),
        (f'<!DOCTYPE tmx [<!ENTITY a "b">]><tmx>{HEADER}<body>{UNIT}</body></tmx>', "declares entities"),
        (tmx(UNIT.replace("Un.", "U&nbsp;n.")), "line 2: the entity &nbsp;"),
        (f"<tmx>{HEADER}<body><tu><tuv><seg>{'<hi>' * 400}", "not well-formed.*depth"),
    ],
)
def test_a_file_that_is_broken_or_hostile_is_told_by_its_line(xml: str, message: str) -> None:
    with pytest.raises(ExchangeError, match=message) as caught:
        read(xml)
    assert "m.tmx: " in str(caught.value)


def test_entities_that_grow_are_refused_before_they_do() -> None:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    xml = f'<!DOCTYPE tmx [<!ENTITY a0 "ha">{levels}]><tmx>{HEADER}<body><tu><seg>&a11;</seg></tu></body></tmx>'
    with pytest.raises(ExchangeError, match="declares entities"):
        read(xml)


def test_a_unit_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivpipe.exchange.tmx._UNIT_BYTES", 1 << 18)
    with pytest.raises(ExchangeError, match="without the end of a unit"):
        read(f"<tmx>{HEADER}<body><tu>" + "<tuv><seg>a</seg></tuv>" * 50_000)


def test_import_of_a_broken_file_keeps_what_came_before_and_again_adds_the_rest(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "m.tmx"
    units = "".join(UNIT.replace("Un.", f"Phrase {n}.") for n in range(30))
    file.write_text(f"<tmx>{HEADER}<body>{units}<tu><oops</body></tmx>")
    with pytest.raises(ExchangeError, match=r"m\.tmx: line 61: .*30 pairs before that are in the memory"):
        step.import_tmx(store, file, NOW)
    with store.read() as session:
        assert [one.entries for one in counts(session)] == [30]
        assert lookup(session, PAIR, "Phrase 17 !")[0].source == "Phrase 17."
    file.write_text(f"<tmx>{HEADER}<body>{units}{UNIT}</body></tmx>")
    assert step.import_tmx(store, file, NOW) == step.Imported(31, 1, 30, 0, 0)


def test_export_and_import_elsewhere_give_the_same_memory(store: Store, sqlite_store: Store, tmp_path: Path) -> None:
    file, out = tmp_path / "m.tmx", tmp_path / "out.tmx"
    with file.open("wb") as stream:
        write_tmx(
            stream,
            [MemoryUnit("fr", "en", f"<1>Un</1> {n} &amp;", f"{n} <1>a</1>", "Ada", NOW, "c" * n) for n in range(3)],
            "fr",
            "1",
        )
    step.import_tmx(store, file, NOW)
    assert step.export_tmx(store, out, pair=PAIR) == 3
    assert out.read_bytes().replace(b"ivpipe", b"") != b""
    if store is not sqlite_store and store.url != sqlite_store.url:
        step.import_tmx(sqlite_store, out, NOW)

        def facts(of: Store) -> list[tuple[str, ...]]:
            with of.read() as session:
                return [
                    (entry.key, entry.target, entry.translator, entry.context, str(entry.changed_at))
                    for entry in session.scalars(select(MemoryEntry).order_by(MemoryEntry.key))
                ]

        assert facts(store) == facts(sqlite_store)


def test_export_to_a_place_that_is_none_says_so(sqlite_store: Store, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="cannot be written"):
        step.export_tmx(sqlite_store, tmp_path / "none" / "m.tmx")


def a_memory(path: Path, count: int) -> list[MemoryUnit]:
    units = [
        MemoryUnit("fr", "en", f"Le quai {n} est <1>vide</1>.", f"Quay {n} is <1>empty</1>.") for n in range(count)
    ]
    with path.open("wb") as stream:
        write_tmx(stream, units, "fr", "1")
    return units


@pytest.mark.slow
def test_a_large_file_is_read_by_another_process_to_the_same_end(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "_SMALL", 0)
    a_memory(tmp_path / "m.tmx", 300)
    told: list[int] = []
    done = step.import_tmx(store, tmp_path / "m.tmx", NOW, progress=lambda done: told.append(done.read))
    assert (done, told[-1]) == (step.Imported(300, 300, 0, 0, 0), 300)
    (tmp_path / "bad.tmx").write_text(f"<tmx>{HEADER}<body>{UNIT}<tu><oops</body></tmx>")
    with pytest.raises(ExchangeError, match=r"bad\.tmx: line 3: .*1 pairs before that are in the memory"):
        step.import_tmx(store, tmp_path / "bad.tmx", NOW)
    with pytest.raises(ExchangeError, match="cannot be read"):
        step.import_tmx(store, tmp_path / "none.tmx", NOW)


def test_a_reading_process_that_dies_is_told(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "_SMALL", 0)
    monkeypatch.setattr(step, "_send", os.abort)  # called with arguments it does not take, it dies all the same
    a_memory(tmp_path / "m.tmx", 3)
    with pytest.raises(ExchangeError, match="the process that read it has died"):
        step.import_tmx(sqlite_store, tmp_path / "m.tmx", NOW)


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from ivpipe.steps import memory as step
from ivpipe.store import Store

step._CHUNK = 50
step.import_tmx(Store(sys.argv[1]), Path(sys.argv[2]), datetime(2026, 7, 1, tzinfo=UTC),
                progress=lambda done: done.added == 150 and os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.mark.slow
def test_a_killed_import_has_lost_nothing_and_goes_on_where_it_was(store: Store, tmp_path: Path) -> None:
    units = a_memory(tmp_path / "m.tmx", 400)
    url = store.url.render_as_string(hide_password=False)
    killed = subprocess.run([sys.executable, "-c", KILLED, url, str(tmp_path / "m.tmx")], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    with store.read() as session:
        assert [one.entries for one in counts(session)] == [150]
        assert lookup(session, PAIR, "Le quai 149 est vide !")[0].source == units[149].source
        assert [one.target for one in concordance(session, PAIR, "quay 120", side="target")] == [units[120].target]
    assert step.import_tmx(store, tmp_path / "m.tmx", NOW) == step.Imported(400, 250, 150, 0, 0)
    with store.read() as session:
        assert lookup(session, PAIR, "Le quai 399 est vide !")[0].source == units[399].source
