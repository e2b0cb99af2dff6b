"""The configuration: ``config/ivpipe.toml``, one file per source and per target. Secrets come from the environment."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ivpipe import engines, publishers
from ivpipe.errors import ConfigError
from ivpipe.model import Magazine, Policy
from ivpipe.model.magazine import Editions, Labels
from ivpipe.plugins import load_plugin
from ivpipe.sources.spec import SourceSpec


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r}") from None
    return name


class ReviewSettings(_Section):
    """``[review]``: who may approve, and how long a claim holds without a save."""

    four_eyes: bool = True
    hold_minutes: int = Field(default=1440, ge=1)

    @property
    def policy(self) -> Policy:
        """The same as the life cycle reads it."""
        return Policy(four_eyes=self.four_eyes)


class DeskSettings(_Section):
    """``[desk]``: where the web desk listens. ``secure_cookies`` false only for http on one's own machine."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    secure_cookies: bool = True
    session_days: int = Field(default=14, ge=1)


def _public_address(url: str) -> str:
    """An address without its last slash, so that paths can be added."""
    if not url:
        return url
    parts = urlsplit(url)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise ValueError("write it as https://host or https://host/path")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/?", parts.path):
        raise ValueError("its path may consist of letters, digits and . _ ~ - only")
    return url.rstrip("/")


class PrefectSettings(_Section):
    """``[prefect]``: where the Prefect server of ``ivpipe up`` listens, and the address at which a web server in front of it
    shows its page (path included; empty: there is none)."""

    host: str = "127.0.0.1"
    port: int = Field(default=4200, ge=1, le=65535)
    public_url: Annotated[str, AfterValidator(_public_address)] = ""


class ScheduleSettings(_Section):
    """``[schedule]``: cron expressions, one per flow."""

    timezone: Annotated[str, AfterValidator(_time_zone)] = "UTC"
    ingest: str = "*/30 * * * *"
    translate: str = "*/5 * * * *"
    publish: str = "*/5 * * * *"
    reconcile: str = "*/10 * * * *"


class BudgetSettings(_Section):
    """``[budget]``: what engines may bill in a calendar month, in characters or in money; 0: no limit. From the share
    ``soft`` on the status warns; beyond ``monthly`` nothing is sent."""

    monthly: float = Field(default=0.0, ge=0)
    unit: Literal["characters", "money"] = "characters"
    soft: float = Field(default=0.8, gt=0, le=1)
    currency: str = "EUR"


class TargetSettings(_Section):
    """``config/targets/<slug>.toml``: ``type`` names the plug-in; the other keys are the plug-in's own ``Settings``."""

    slug: str
    type: str
    languages: tuple[str, ...] = ()
    """Publish translations into these only; empty: all."""
    enabled: bool = True
    pace: float = Field(default=0.0, ge=0)
    """Seconds between two pages sent there."""
    labels: Labels = Labels()
    options: Any = None


class Settings(_Section):
    """All of it, validated. ``home`` is the folder that holds ``config/``; ``data`` where we keep ours."""

    home: Path
    data: Path
    database_url: str
    magazine: Magazine
    review: ReviewSettings = ReviewSettings()
    desk: DeskSettings = DeskSettings()
    prefect: PrefectSettings = PrefectSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    budget: BudgetSettings = BudgetSettings()
    labels: Labels = Labels()
    editions: Editions = Editions()
    engine_order: tuple[str, ...]
    engine_pairs: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Pair ("fr-en") → names of engines, best first, where it is another order."""
    engine_prices: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """Name of an engine → price of a million characters billed."""
    engine_options: dict[str, Any] = Field(default_factory=dict)
    sources: dict[str, SourceSpec] = Field(default_factory=dict)
    targets: dict[str, TargetSettings] = Field(default_factory=dict)

    @property
    def pictures(self) -> Path:
        """The folder of pictures that were taken from partners."""
        return self.data / "pictures"


def load_settings(home: Path) -> Settings:
    """Read ``home/config``. Raises ConfigError with every fault found: file, key and reason."""
    faults: list[str] = []
    config = home / "config"
    main = config / "ivpipe.toml"
    if not main.is_file():
        raise ConfigError(
            [f"{main}: there is no such file; run `ivpipe init {home}` for an example, or go to your project's folder"]
        )
    values = _read(main, faults)
    data = home / str(values.pop("data_dir", "var"))
    engine_tables = values.pop("engines", {})
    order = engine_tables.pop("order", []) if isinstance(engine_tables, dict) else []
    pairs = _pairs(engine_tables.pop("pairs", {}), main, faults) if isinstance(engine_tables, dict) else {}
    prices = engine_tables.pop("prices", {}) if isinstance(engine_tables, dict) else {}
    options: dict[str, Any] = {}
    for name in dict.fromkeys((*order, *(name for names in pairs.values() for name in names))):
        try:
            plugin = load_plugin("engines", str(name), engines.BUILTIN)
            options[name] = plugin.Settings(**engine_tables.pop(name, {}))
        except ConfigError as error:
            faults.extend(f"{main.name}: engines.order: {fault}" for fault in error.faults)
        except (ValidationError, TypeError) as error:
            faults.extend(_explain(main, error, f"engines.{name}."))
    faults.extend(
        f"{main.name}: engines.{name}: it is configured but not in engines.order or engines.pairs"
        for name in engine_tables
    )
    if not order:
        faults.append(f"{main.name}: engines.order: name at least one engine, best first")
    sources: dict[str, SourceSpec] = {}
    for path in sorted((config / "sources").glob("*.toml")):
        try:
            sources[path.stem] = SourceSpec(slug=path.stem, **_read(path, faults))
        except (ValidationError, TypeError) as error:
            faults.extend(_explain(path, error))
    targets: dict[str, TargetSettings] = {}
    for path in sorted((config / "targets").glob("*.toml")):
        target = _target(path, faults)
        if target is not None:
            targets[path.stem] = target
    try:
        settings = Settings(
            home=home,
            data=data,
            database_url=os.environ.get("IVPIPE_DATABASE_URL") or f"sqlite:///{data / 'ivpipe.db'}",
            engine_order=tuple(order),
            engine_pairs=pairs,
            engine_prices=prices,
            engine_options=options,
            sources=sources,
            targets=targets,
            **values,
        )
    except (ValidationError, TypeError) as error:
        faults.extend(_explain(main, error))
    if faults:
        raise ConfigError(faults)
    return settings


def _pairs(table: Any, main: Path, faults: list[str]) -> dict[str, tuple[str, ...]]:
    """``[engines.pairs]``: each value a list of names."""
    if not isinstance(table, dict):
        faults.append(f'{main.name}: engines.pairs: it is a table of pairs, as "fr-en" = ["deepl"]')
        return {}
    pairs: dict[str, tuple[str, ...]] = {}
    for pair, names in table.items():
        if not re.fullmatch(r"[a-z]{2,3}-[a-z]{2,3}", pair):
            faults.append(f'{main.name}: engines.pairs.{pair}: a pair is written as "fr-en"')
        elif not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            faults.append(f'{main.name}: engines.pairs.{pair}: name engines, best first, as ["deepl"]')
        else:
            pairs[pair] = tuple(names)
    return pairs


def _target(path: Path, faults: list[str]) -> TargetSettings | None:
    values = _read(path, faults)
    if "type" not in values:
        faults.append(f"targets/{path.name}: type: which kind of target is it? one of: {', '.join(publishers.BUILTIN)}")
        return None
    common = {key: values.pop(key) for key in ("type", "languages", "enabled", "pace", "labels") if key in values}
    try:
        plugin = load_plugin("publishers", str(common["type"]), publishers.BUILTIN)
        options = plugin.Settings.model_validate(values, context={"home": path.parents[2]})
        return TargetSettings(slug=path.stem, options=options, **common)
    except ConfigError as error:
        faults.extend(f"targets/{path.name}: type: {fault}" for fault in error.faults)
    except (ValidationError, TypeError) as error:
        faults.extend(_explain(path, error))
    return None


def _read(path: Path, faults: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(f"{_short(path)}: not valid TOML: {error}")
    except OSError as error:
        faults.append(f"{_short(path)}: cannot be read: {error.strerror}")
    return {}


def _short(path: Path) -> str:
    return path.name if path.parent.name == "config" else f"{path.parent.name}/{path.name}"


def _explain(path: Path, error: ValidationError | TypeError, prefix: str = "") -> list[str]:
    if isinstance(error, TypeError):
        return [f"{_short(path)}: {prefix}{error}"]
    return [
        f"{_short(path)}: {prefix}{'.'.join(str(part) for part in fault['loc'])}: "
        + ("there is no such key" if fault["type"] == "extra_forbidden" else fault["msg"])
        for fault in error.errors()
    ]
