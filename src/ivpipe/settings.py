"""The configuration: ``config/ivpipe.toml``, one file per source and per target. Secrets come from the environment."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, TypeAdapter, ValidationError

from ivpipe import engines, publishers
from ivpipe.errors import ConfigError
from ivpipe.masking import read_secret
from ivpipe.model import Magazine, Policy
from ivpipe.model.magazine import Editions, Labels
from ivpipe.plugins import load_plugin
from ivpipe.sections import Cron, HostName, Lang, Name, OptionalAddress, Port, Section, Slug, TimeZone
from ivpipe.sources.spec import SourceSpec
from ivpipe.validation import control_characters, explain, shown


def _pair(pair: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}-[a-z]{2,3}", pair):
        raise ValueError('a pair is written as "fr-en"')
    return pair


def _network(text: str) -> str:
    try:
        return str(ip_network(text)) if "/" in text else str(ip_address(text))
    except ValueError:
        raise ValueError(f"{text!r} is neither an address nor a network, as 10.0.0.2 or 10.0.0.0/24") from None


class ReviewSettings(Section):
    """``[review]``: who may approve, and how long a claim holds without a save."""

    four_eyes: bool = True
    hold_minutes: int = Field(default=1440, ge=1, le=525_600)

    @property
    def policy(self) -> Policy:
        """The same as the life cycle reads it."""
        return Policy(four_eyes=self.four_eyes)


class DeskSettings(Section):
    """``[desk]``: where the web desk listens. ``secure_cookies`` false only for http on one's own machine."""

    host: HostName = "127.0.0.1"
    port: Port = 8000
    secure_cookies: bool = True
    session_days: int = Field(default=14, ge=1, le=3650)
    trusted_proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = ("127.0.0.1", "::1")
    """Addresses or networks of the web servers in front of the desk: their ``X-Forwarded-For`` is believed."""

    @property
    def trusted_networks(self) -> list[IPv4Network | IPv6Network]:
        """The same, as networks."""
        return [ip_network(proxy) for proxy in self.trusted_proxies]


def _public_address(url: str) -> str:
    """An address without its last slash, so that paths can be added."""
    if not url:
        return url
    parts = urlsplit(url)
    if parts.query or parts.fragment or not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/?", parts.path):
        raise ValueError("write it as https://host or https://host/path, of letters, digits and . _ ~ -")
    return url.rstrip("/")


class PrefectSettings(Section):
    """``[prefect]``: where the Prefect server of ``ivpipe up`` listens, and the address at which a web server in front of it
    shows its page (path included; empty: there is none)."""

    host: HostName = "127.0.0.1"
    port: Port = 4200
    public_url: Annotated[OptionalAddress, AfterValidator(_public_address)] = ""


class ScheduleSettings(Section):
    """``[schedule]``: cron expressions, one per flow."""

    timezone: TimeZone = "UTC"
    ingest: Cron = "*/30 * * * *"
    translate: Cron = "*/5 * * * *"
    publish: Cron = "*/5 * * * *"
    reconcile: Cron = "*/10 * * * *"


class BudgetSettings(Section):
    """``[budget]``: what engines may bill in a calendar month, in characters or in money; 0: no limit. From the share
    ``soft`` on the status warns; beyond ``monthly`` nothing is sent."""

    monthly: float = Field(default=0.0, ge=0, le=1e15)
    unit: Literal["characters", "money"] = "characters"
    soft: float = Field(default=0.8, gt=0, le=1)
    currency: Annotated[str, Field(max_length=20)] = "EUR"


class TargetSettings(Section):
    """``config/targets/<slug>.toml``: ``type`` names the plug-in; the other keys are the plug-in's own ``Settings``."""

    slug: Slug
    type: str
    languages: tuple[Lang, ...] = ()
    """Publish translations into these only; empty: all."""
    enabled: bool = True
    pace: float = Field(default=0.0, ge=0, le=86_400)
    """Seconds between two pages sent there."""
    labels: Labels = Labels()
    options: Any = None


class EngineSettings(Section):
    """``[engines]``, without the engines' own tables: which are tried, in which order, at what price."""

    order: tuple[Name, ...] = Field(min_length=1)
    pairs: dict[Annotated[str, AfterValidator(_pair)], Annotated[tuple[Name, ...], Field(min_length=1)]] = Field(
        default_factory=dict
    )
    """Pair ("fr-en") → names of engines, best first, where it is another order."""
    prices: dict[str, Annotated[float, Field(ge=0, le=1e9)]] = Field(default_factory=dict)
    """Name of an engine → price of a million characters billed."""


class Settings(Section):
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


class _Main(Section):
    """``config/ivpipe.toml`` as it is written, without ``[engines]``."""

    data_dir: Name = "var"
    magazine: Magazine
    review: ReviewSettings = ReviewSettings()
    desk: DeskSettings = DeskSettings()
    prefect: PrefectSettings = PrefectSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    budget: BudgetSettings = BudgetSettings()
    labels: Labels = Labels()
    editions: Editions = Editions()


Model = TypeVar("Model", bound=BaseModel)


def load_settings(home: Path) -> Settings:
    """Read ``home/config``. Raises ConfigError with every fault found: file, key and reason."""
    config = home / "config"
    main = config / "ivpipe.toml"
    if not os.path.lexists(main):
        raise ConfigError(
            [f"{main}: there is no such file; run `ivpipe init {home}` for an example, or go to your project's folder"]
        )
    reading = _Reading(home)
    values = reading.table(main)
    if values is None:
        raise ConfigError(reading.faults)  # nothing else can be judged without it
    sources = {path.stem: spec for path in reading.files(config / "sources") if (spec := reading.source(path))}
    targets = {path.stem: target for path in reading.files(config / "targets") if (target := reading.target(path))}
    chosen, options = reading.engines(main, values.pop("engines", {}))
    read = reading.checked(_Main, main, values)
    if read is not None and (fault := _data_fault(home, read.data_dir)):
        reading.faults.append(f"{main.name}: data_dir: {fault}")
    if reading.faults or read is None or chosen is None:
        raise ConfigError(reading.faults)
    data = home / read.data_dir
    return Settings(
        home=home,
        data=data,
        database_url=read_secret("IVPIPE_DATABASE_URL") or f"sqlite:///{data / 'ivpipe.db'}",
        engine_order=chosen.order,
        engine_pairs=chosen.pairs,
        engine_prices=chosen.prices,
        engine_options=options,
        sources=sources,
        targets=targets,
        **{name: getattr(read, name) for name in _Main.model_fields if name != "data_dir"},
    )


class _Reading:
    """The files of one project being read; ``faults`` are those found so far, one line each."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.faults: list[str] = []

    def files(self, folder: Path) -> list[Path]:
        """The TOML files of a folder by name; none where there is no such folder."""
        try:
            return sorted(path for path in folder.iterdir() if path.suffix == ".toml")
        except FileNotFoundError:
            return []
        except OSError as error:
            self._note(folder, f"cannot be read: {error.strerror}")
            return []

    def table(self, path: Path) -> dict[str, Any] | None:
        """What a file says; None where it cannot be read."""
        try:
            values = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        except OSError as error:
            self._note(path, f"cannot be read: {error.strerror}")
        except UnicodeDecodeError as error:
            self._note(path, f"not valid TOML: it is not UTF-8 (byte {error.start + 1}); save it as UTF-8")
        except ValueError as error:  # also a number of more digits than Python reads
            self._note(path, f"not valid TOML: {error}")
        except RecursionError:
            self._note(path, "not valid TOML: its tables or lists are nested too deeply")
        else:
            bad = control_characters(values)
            for fault in bad:
                self._note(path, fault)
            return None if bad else values
        return None

    def source(self, path: Path) -> SourceSpec | None:
        """``config/sources/<slug>.toml``."""
        if (values := self.table(path)) is None or not self._well_named(path, values):
            return None
        return self.checked(SourceSpec, path, {**values, "slug": path.stem})

    def target(self, path: Path) -> TargetSettings | None:
        """``config/targets/<slug>.toml``."""
        if (values := self.table(path)) is None or not self._well_named(path, values):
            return None
        kind = values.get("type")
        if not isinstance(kind, str) or not kind:
            found = f" (it is {shown(kind)})" if kind is not None else ""
            self._note(path, f"type: which kind of target is it? one of: {', '.join(publishers.BUILTIN)}{found}")
            return None
        try:
            plugin = load_plugin("publishers", kind, publishers.BUILTIN)
        except ConfigError as error:
            self._note(path, *(f"type: {fault}" for fault in error.faults))
            return None
        common = {key: values.pop(key) for key in ("type", "languages", "enabled", "pace", "labels") if key in values}
        options = self.checked(plugin.Settings, path, values)
        target = self.checked(TargetSettings, path, {**common, "slug": path.stem, "options": options})
        return target if options is not None else None

    def engines(self, main: Path, table: Any) -> tuple[EngineSettings | None, dict[str, Any]]:
        """``[engines]``, and the options of each engine that is named in it."""
        if not isinstance(table, dict):
            self._note(main, f"engines: expected a table, found {shown(table)}")
            return None, {}
        own = {key: table[key] for key in EngineSettings.model_fields if key in table}
        chosen = self.checked(EngineSettings, main, own, "engines.")
        options: dict[str, Any] = {}
        named: dict[str, str] = {}
        for name, place in _named(own):
            named.setdefault(name, place)
        for name, place in named.items():
            try:
                plugin = load_plugin("engines", name, engines.BUILTIN)
                options[name] = self.checked(plugin.Settings, main, table.get(name, {}), f"engines.{name}.")
            except ConfigError as error:
                self._note(main, *(f"engines.{place}: {fault}" for fault in error.faults))
        for name in table:
            if name not in own and name not in named:
                self._note(main, f"engines.{name}: it is configured but not in engines.order or engines.pairs")
        return chosen, options

    def checked(self, model: type[Model], path: Path, values: Any, prefix: str = "") -> Model | None:
        """A table as its model; None, with the faults noted, where it is not one."""
        try:
            return model.model_validate(values, context={"home": self.home})
        except ValidationError as error:
            self._note(path, *explain(error, values, prefix))
        return None

    def _well_named(self, path: Path, values: Mapping[str, Any]) -> bool:
        """Whether the file's name can be a slug; what it says is its own nowhere."""
        if "slug" in values:
            self._note(path, "slug: there is no such key; the name of the file is the slug")
            return False
        try:
            TypeAdapter(Slug).validate_python(path.stem)
        except ValidationError:
            self._note(path, "slug: name the file with small letters, digits and hyphens, as la-revue.toml")
            return False
        return True

    def _note(self, path: Path, *faults: str) -> None:
        name = path.name if path.parent.name == "config" else f"{path.parent.name}/{path.name}"
        self.faults += [f"{os.fsencode(name).decode(errors='replace')}: {' '.join(fault.split())}" for fault in faults]


def _named(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(engine, key) for each engine named in ``order`` or ``pairs``, as far as these are what they should be."""
    pairs = table.get("pairs")
    lists = [("pairs", names) for names in pairs.values()] if isinstance(pairs, dict) else []
    for key, names in [("order", table.get("order")), *lists]:
        if isinstance(names, list):
            yield from ((name, key) for name in names if isinstance(name, str) and name)


def _data_fault(home: Path, data_dir: str) -> str:
    """Why a folder cannot hold what is ours and nobody else's; "" where it can."""
    try:
        project, data = home.resolve(), (home / data_dir).resolve()
        if data == project or data in project.parents:
            return f"give it a folder of its own: {data} holds the project itself, and what is in data_dir is closed to others"
        if os.path.lexists(data) and not data.is_dir():
            return f"{data} is no folder"
    except (OSError, RuntimeError) as error:
        return f"it cannot be a folder: {getattr(error, 'strerror', None) or error}"
    return ""
