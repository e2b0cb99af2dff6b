"""The example configuration loads, and every key there is stands in docs/configuration.md with its default."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from ivpipe import engines, publishers
from ivpipe.model import Magazine
from ivpipe.model.magazine import Editions, Labels
from ivpipe.plugins import load_plugin
from ivpipe.settings import (
    BudgetSettings,
    DeskSettings,
    PrefectSettings,
    ReviewSettings,
    ScheduleSettings,
    Settings,
    TargetSettings,
    load_settings,
)
from ivpipe.sources.spec import Discovery, Fetch, Fields, Filters, FormerFields, SourceSpec

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "src/ivpipe/demo/example"
MADE_BY_LOADING = {
    "home",
    "data",
    "database_url",
    "engine_order",
    "engine_options",
    "engine_pairs",
    "engine_prices",
    "sources",
    "targets",
}
SECTIONS: dict[str, type[BaseModel]] = {
    "[magazine]": Magazine,
    "[review]": ReviewSettings,
    "[desk]": DeskSettings,
    "[prefect]": PrefectSettings,
    "[schedule]": ScheduleSettings,
    "[labels]": Labels,
    "[editions]": Editions,
    "[budget]": BudgetSettings,
    "[discovery]": Discovery,
    "[filters]": Filters,
    "[fetch]": Fetch,
    "[fields]": Fields,
    "[[fields_before]]": FormerFields,
    "sources/<slug>.toml": SourceSpec,
    "targets/<slug>.toml": TargetSettings,
}
ELSEWHERE: dict[type[BaseModel], set[str]] = {
    SourceSpec: {"slug", "discovery", "filters", "fetch", "fields", "fields_before", "labels"},
    FormerFields: set(Fields.model_fields),
    TargetSettings: {"slug", "options", "labels"},
}
"""Keys of these models that are sections, a file's name, or the plug-in's."""


def _plugins() -> dict[str, type[BaseModel]]:
    return {
        **{f"[engines.{name}]": load_plugin("engines", name, engines.BUILTIN).Settings for name in engines.BUILTIN},
        **{
            f'type = "{name}"': load_plugin("publishers", name, publishers.BUILTIN).Settings
            for name in publishers.BUILTIN
        },
    }


def _documented() -> dict[str, dict[str, list[str]]]:
    """Section → key → the row's other cells."""
    rows: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in (ROOT / "docs/configuration.md").read_text(encoding="utf-8").splitlines():
        heading = re.match(r"(?:#+ )?`([^`]+)`(?: —|$)", line)
        if heading:
            section = heading[1]
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        key = re.fullmatch(r"`(\w+)`", cells[0]) if cells else None
        if key:
            rows.setdefault(section, {})[key[1]] = cells[1:]
    return rows


def _written(default: object) -> object:
    return json.loads(json.dumps(default, default=str))


def test_example_loads_without_faults(monkeypatch):
    monkeypatch.delenv("IVPIPE_DATABASE_URL", raising=False)
    settings = load_settings(EXAMPLE)

    assert settings.magazine.name == "International Viewpoint"
    assert settings.engine_order == ("deepl", "firefox", "apertium")
    assert {slug: (s.enabled, s.platform, s.select) for slug, s in settings.sources.items()} == {
        "demo-anden": (True, "wordpress", "all"),
        "demo-etiage": (True, "spip", "editor"),
        "demo-faubourgs": (True, "drupal", "editor"),
        "lanticapitaliste": (False, "drupal", "editor"),
    }
    assert {slug: (t.type, t.options.base_url) for slug, t in settings.targets.items()} == {
        "site": ("static_site", "http://127.0.0.1:8110/")
    }
    assert settings.database_url == f"sqlite:///{EXAMPLE / 'var' / 'ivpipe.db'}"


def test_repository_config_is_the_example():
    assert (ROOT / "config").resolve() == (EXAMPLE / "config").resolve()


def test_demo_sources_may_reach_their_own_site_and_no_other():
    for slug, spec in load_settings(EXAMPLE).sources.items():
        own = (spec.url.removeprefix("http://"),) if slug.startswith("demo-") else ()
        assert spec.fetch.allow_private == own, slug


@pytest.mark.parametrize("section", [*SECTIONS, "[engines]", *sorted(_plugins())])
def test_every_key_is_documented_and_no_other(section):
    if section == "[engines]":
        expected = {"order", "pairs", "prices"}
    else:
        model = {**SECTIONS, **_plugins()}[section]
        expected = set(model.model_fields) - ELSEWHERE.get(model, set())
    assert set(_documented().get(section, {})) == expected


def test_every_section_of_the_settings_is_documented():
    sections = {section.strip("[]") for section in SECTIONS if section in map("[{}]".format, Settings.model_fields)}
    assert set(Settings.model_fields) - MADE_BY_LOADING == sections
    assert set(_documented()["ivpipe.toml"]) == {"data_dir"}


@pytest.mark.parametrize("section", [name for name in {**SECTIONS, **_plugins()} if name != "[fields]"])
def test_documented_default_is_the_real_one(section):
    model = {**SECTIONS, **_plugins()}[section]
    for key, cells in _documented().get(section, {}).items():
        field = model.model_fields[key]
        if field.is_required():
            assert cells[0] == "required", key
        else:
            said = tomllib.loads(f"value = {cells[0].strip('`')}")["value"]
            assert said == _written(field.get_default(call_default_factory=True)), key
