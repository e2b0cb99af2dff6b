"""Any value of any type at any key of any file is answered by file, key and reason; and what is let through works."""

import contextlib
import json
import math
import re
import shutil
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from ivpipe import engines, publishers
from ivpipe.errors import ConfigError, IvpipeError
from ivpipe.model.magazine import in_language
from ivpipe.plugins import load_plugin
from ivpipe.settings import EngineSettings, Settings, TargetSettings, load_settings
from ivpipe.sources.spec import FormerFields, SourceSpec
from ivpipe.steps.imprint import markup_fault
from ivpipe.store import Store
from ivpipe.wiring import App

MAIN: dict[str, Any] = {
    "magazine": {"name": "The Test Review", "url": "https://review.example/", "languages": ["en"]},
    "engines": {"order": list(engines.BUILTIN)},
}
SOURCE: dict[str, Any] = {
    "name": "La Semaine",
    "url": "https://semaine.example/",
    "languages": ["fr"],
    "discovery": {"urls": ["https://semaine.example/feed"]},
}
TARGETS: dict[str, dict[str, Any]] = {
    "email": {"to": ["desk@review.example"], "sender": "desk@review.example", "host": "mail.review.example"},
    "folder": {},
    "markdown": {"remote": "site.git", "base_url": "https://review.example/"},
    "spip": {"url": "https://review.example/", "login": "ivpipe", "section": 1},
    "static_site": {"base_url": "https://review.example/"},
    "webhook": {"url": "https://review.example/hook"},
    "wordpress": {"url": "https://review.example/", "user": "ivpipe"},
}
FILES = {
    "ivpipe.toml": MAIN,
    "sources/semaine.toml": SOURCE,
    **{
        f"targets/{kind.replace('_', '-')}.toml": {"type": kind, **TARGETS[kind]} for kind in sorted(publishers.BUILTIN)
    },
}
LOADED = {"home", "data", "database_url", "engine_order", "engine_pairs", "engine_prices", "engine_options"}


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def keys_of(model: type[BaseModel], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of a section, and of the sections in it."""
    for name, field in model.model_fields.items():
        yield (*before, name)
        for inner in models_in(field.annotation):
            if inner is not FormerFields:
                yield from keys_of(inner, (*before, name))


def all_keys() -> list[tuple[str, tuple[str, ...]]]:
    main = [key for key in keys_of(Settings) if key[0] not in {*LOADED, "sources", "targets"}]
    main += [("data_dir",), ("engines",), *keys_of(EngineSettings, ("engines",))]
    main += [("slug",), ("home",), ("data",), ("database_url",), ("engine_order",), ("sources",), ("path", "faults")]
    for name in engines.BUILTIN:
        main += [("engines", name), *keys_of(load_plugin("engines", name, engines.BUILTIN).Settings, ("engines", name))]
    found = [("ivpipe.toml", key) for key in main]
    found += [("sources/semaine.toml", key) for key in [*keys_of(SourceSpec), ("home",), ("labels", "a b")]]
    found += [("sources/semaine.toml", ("fields", "replace", name)) for name in ("title", "body")]
    for file, values in FILES.items():
        if file.startswith("targets/"):
            plugin = load_plugin("publishers", values["type"], publishers.BUILTIN)
            found += [(file, key) for key in [*keys_of(plugin.Settings), *keys_of(TargetSettings), ("home",)]]
    return found


KEYS = all_keys()

odd_texts = st.sampled_from(
    [
        "", " ", "\0", "a\0b", "\x1b[31m", "a\nb", "a\r\nb", "\u2028", "\ufeff", "é", "日本語", "x" * 10_000, "/", ".", "..", "~",
        "../../..", "/dev/null", "/proc/self/mem/x", "a/" * 3000, "-rf", "%s", "{}", "{0}", "{magazine", "{magazine.name}",
        "{year!r:>{month}}", "http://", "http://[", "http://a:b@c/", "https://a:99999/", "https://exa mple/", "http://..",
        "https://" + "a" * 70 + ".example/", "ftp://a/", "javascript:alert(1)", "css:", "css:p:has(", "css:::x", "xpath://[",
        "xpath:count(//p)", "xpath:foo:bar()", "xpath:$x", "meta:", "jsonld:a..b", "(", "*", "(?P<", "a{99999999}", "[",
        "* * * * *", "60 * * * *", "0 0 30 2 *", "*/0 * * * *", "@hourly", "* * * * * *", "Mars/Olympus", "../etc", "Europe",
        "true", "3", "1e999", "deepl", "order", "static_site", "127.0.0.1:80", "[::1]:99999", "a@b", "a:b", "fr-en", "xx_YY",
        "os:system", "\\1", "\\g<9>",
    ]
)  # fmt: skip
texts = odd_texts | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
scalars = (
    texts
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([2**31, 2**63, 2**64, -(2**63), 10**30, 10**4000, -1])
    | st.floats()
    | st.dates(date(1, 1, 1))
    | st.datetimes(datetime(1, 1, 1))
    | st.times()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def toml(value: Any) -> str:
    """A value in one line of TOML."""
    if isinstance(value, str):
        quoted = json.dumps(value, ensure_ascii=False)
        return re.sub("[\x7f-\x9f\u2028\u2029\ufeff]", lambda match: f"\\u{ord(match[0]):04x}", quoted)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return "nan" if math.isnan(value) else ("inf" if value > 0 else "-inf") if math.isinf(value) else repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    return "{" + ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items()) + "}"


def text_of(table: dict[str, Any]) -> str:
    return "".join(f"{toml(key)} = {toml(value)}\n" for key, value in table.items())


def changed(table: dict[str, Any], key: tuple[str, ...], value: Any) -> dict[str, Any]:
    first, *rest = key
    inner = table.get(first)
    new = changed(inner if isinstance(inner, dict) else {}, tuple(rest), value) if rest else value
    return {**table, first: new}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("any") / "project"
    for name, table in FILES.items():
        file = home / "config" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text_of(table), encoding="utf-8")
    return home


def use(configured: Settings) -> None:
    """What every run does with the configuration before it asks anybody anything."""
    app = App(configured, Store("sqlite://"))
    with app:
        for engine in app.engines:
            engine.capabilities()
        for slug in configured.targets:
            app.publisher(slug)
        for spec in app.sources:
            assert spec.credit
            markup_fault(spec.attribution)
        for lang in configured.magazine.languages:
            in_language(configured.magazine.attribution, lang)
        assert app.fetcher
        assert app.zone
        assert app.terms


def test_the_project_that_is_changed_is_sound(home: Path) -> None:
    use(load_settings(home))


@example(("ivpipe.toml", ("engines",)), 3)
@example(("ivpipe.toml", ("engines", "order")), 3)
@example(("ivpipe.toml", ("engines", "pairs")), 1)
@example(("ivpipe.toml", ("data_dir",)), [])
@example(("ivpipe.toml", ("magazine", "languages")), 5)
@example(("ivpipe.toml", ("desk", "port")), math.nan)
@given(st.sampled_from(KEYS), values)
@settings(max_examples=400)
def test_any_value_at_any_key_is_answered_by_file_and_key(
    home: Path, place: tuple[str, tuple[str, ...]], value: Any
) -> None:
    name, key = place
    file = home / "config" / name
    file.write_text(text_of(changed(FILES[name], key, value)), encoding="utf-8")
    try:
        configured = load_settings(home)
    except ConfigError as error:
        for fault in error.faults:
            assert "\n" not in fault
            assert "Input should" not in fault
            where, _, rest = fault.partition(": ")
            told, _, reason = rest.partition(": ")
            assert (where, bool(reason)) == (name, True), fault
            assert told == "not valid TOML" or told.split(".")[0] in {*key, "slug", "type"}, fault
    else:
        with contextlib.suppress(IvpipeError):
            use(configured)
    finally:
        file.write_text(text_of(FILES[name]), encoding="utf-8")


@pytest.mark.parametrize("name", ["ivpipe.toml", "sources/semaine.toml", "targets/folder.toml"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe\x00", "not valid TOML: it is not UTF-8 (byte 1); save it as UTF-8"),
        (b"a = " + b"9" * 5000, "not valid TOML: "),
        (b"a = " + b"[" * 20_000, "not valid TOML: "),
        (b"a = 1\na = 2", "not valid TOML: "),
        (b"[[magazine]]\nname = 'x'\n[[discovery]]\n[[labels]]\n", ""),
        (None, "cannot be read: Is a directory"),
    ],
)
def test_any_file_is_answered_by_its_name(home: Path, name: str, content: bytes | None, reason: str) -> None:
    file = home / "config" / name
    before = file.read_bytes()
    file.unlink()
    try:
        if content is None:
            file.mkdir()
        else:
            file.write_bytes(content)
        with pytest.raises(ConfigError) as caught:
            load_settings(home)
        assert all(fault.startswith(f"{name}: {reason}") for fault in caught.value.faults), caught.value.faults
    finally:
        shutil.rmtree(file) if file.is_dir() else file.unlink()
        file.write_bytes(before)


def test_a_file_with_a_byte_order_mark_is_read(home: Path) -> None:
    file = home / "config" / "sources" / "semaine.toml"
    before = file.read_bytes()
    file.write_bytes(b"\xef\xbb\xbf" + before)
    try:
        assert list(load_settings(home).sources) == ["semaine"]
    finally:
        file.write_bytes(before)


@pytest.mark.parametrize("name", ["La Semaine.toml", "..toml", "x\n.toml", "été.toml", "_x.toml"])
def test_a_file_whose_name_is_no_slug_is_answered(home: Path, name: str) -> None:
    for folder in ("sources", "targets"):
        file = home / "config" / folder / name
        file.write_text("type = 'folder'\n")
        try:
            with pytest.raises(ConfigError, match="slug: name the file with small letters"):
                load_settings(home)
        finally:
            file.unlink()


def test_a_key_in_the_place_of_a_variables_name_is_not_told(home: Path) -> None:
    file = home / "config" / "ivpipe.toml"
    file.write_text(text_of(changed(MAIN, ("engines", "deepl", "key_env"), "3f9c-canary-77:fx")))
    try:
        with pytest.raises(ConfigError, match="give the name of an environment variable") as caught:
            load_settings(home)
        assert "canary" not in str(caught.value)
    finally:
        file.write_text(text_of(MAIN))
