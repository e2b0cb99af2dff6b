"""Putting the rooms together: what the configuration names becomes objects the steps can use."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from ivpipe import engines, publishers
from ivpipe.engines import Engine
from ivpipe.errors import ConfigError, NotFound
from ivpipe.model import SourceCredit
from ivpipe.model.magazine import Labels
from ivpipe.modes import private
from ivpipe.plugins import load_plugin
from ivpipe.publishers import Publisher
from ivpipe.publishers.folders import Folder
from ivpipe.settings import Settings, TargetSettings, load_settings
from ivpipe.sources.fetching import Fetcher
from ivpipe.sources.spec import SourceSpec
from ivpipe.steps.cost import Terms
from ivpipe.steps.imprint import Imprint
from ivpipe.store import Store


@dataclass
class App:
    """The pipeline as configured. Objects are made on first use; ``close()`` ends those that were."""

    settings: Settings
    store: Store
    _engines: list[Engine] | None = None
    _publishers: dict[str, Publisher] = field(default_factory=dict)

    @cached_property
    def fetcher(self) -> Fetcher:
        """One polite client for all sources."""
        return Fetcher(
            contact=self.settings.magazine.url or self.settings.magazine.name,
            robots_folder=self.settings.data / "robots",
        )

    @property
    def engines(self) -> list[Engine]:
        """The configured engines, in the order in which they are named; ``terms`` says which are tried for a pair."""
        if self._engines is None:
            self._engines = [
                load_plugin("engines", name, engines.BUILTIN)(
                    self.settings.engine_options[name], data_dir=self.settings.data
                )
                for name in self.settings.engine_options
            ]
            self._refuse_unpriced(self._engines)
        return self._engines

    @property
    def terms(self) -> Terms:
        """On what terms the engines are used: their order, prices, and the budget."""
        settings = self.settings
        return Terms(
            order=settings.engine_order,
            pairs=settings.engine_pairs,
            prices=settings.engine_prices,
            monthly=settings.budget.monthly,
            unit=settings.budget.unit,
            soft=settings.budget.soft,
            currency=settings.budget.currency,
        )

    def _refuse_unpriced(self, made: list[Engine]) -> None:
        """A budget in money says nothing about an engine whose price nobody has set."""
        if not self.settings.budget.monthly or self.settings.budget.unit != "money":
            return
        faults = [
            f"ivpipe.toml: engines.prices.{engine.name}: the budget is in money, so say what a million characters cost"
            for engine in made
            if engine.capabilities().bills and engine.name not in self.settings.engine_prices
        ]
        if faults:
            raise ConfigError(faults)

    def source(self, slug: str) -> SourceSpec:
        """The spec of a source. Raises NotFound naming those there are."""
        try:
            return self.settings.sources[slug]
        except KeyError:
            known = ", ".join(self.settings.sources) or "none"
            raise NotFound(f"there is no source {slug!r}; there are: {known}") from None

    @property
    def sources(self) -> list[SourceSpec]:
        """The sources that are switched on."""
        return [spec for spec in self.settings.sources.values() if spec.enabled]

    @property
    def zone(self) -> ZoneInfo:
        """The magazine's own time zone."""
        return ZoneInfo(self.settings.schedule.timezone)

    @property
    def targets(self) -> list[TargetSettings]:
        """The targets that are switched on."""
        return [target for target in self.settings.targets.values() if target.enabled]

    def targets_for(self, lang: str) -> list[str]:
        """Slugs of the targets that take translations into ``lang``."""
        return [target.slug for target in self.targets if not target.languages or lang in target.languages]

    def publisher(self, slug: str) -> Publisher:
        """The publisher of a target. Raises NotFound."""
        if slug not in self._publishers:
            target = self.settings.targets.get(slug)
            if target is None:
                known = ", ".join(self.settings.targets) or "none"
                raise NotFound(f"there is no target {slug!r}; there are: {known}")
            plugin = load_plugin("publishers", target.type, publishers.BUILTIN)
            self._publishers[slug] = plugin(
                target.options, slug=slug, magazine=self.settings.magazine, data_dir=self.settings.data
            )
        return self._publishers[slug]

    @property
    def public_folders(self) -> list[Path]:
        """Folders of targets that others than this account may read: a web server, say."""
        folders = (getattr(self.publisher(slug), "folder", None) for slug in self.settings.targets)
        return [folder.root for folder in folders if isinstance(folder, Folder) and folder.public]

    def imprint(self, target: str = "") -> Imprint:
        """What stands on the pages of a target, or of a preview that is for none; there, a partner no longer configured
        is named by its slug."""

        def credit_of(slug: str) -> SourceCredit:
            if not target and slug not in self.settings.sources:
                return SourceCredit(slug=slug, name=slug, url="")
            return self.source(slug).credit

        settings = self.settings
        return Imprint(
            settings.magazine,
            credit_of,
            target,
            settings.labels,
            settings.targets[target].labels if target in settings.targets else Labels(),
            settings.editions,
            self.zone,
            self.settings.pictures,
        )

    def close(self) -> None:
        """End engines' workers, connections and clients."""
        for engine in self._engines or []:
            engine.close()
        for publisher in self._publishers.values():
            publisher.close()
        if "fetcher" in self.__dict__:
            self.fetcher.close()
        self.store.close()

    def __enter__(self) -> App:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


def home_folder(given: Path | None = None) -> Path:
    """The project folder: as given, else ``IVPIPE_HOME``, else the current folder."""
    return (given or Path(os.environ.get("IVPIPE_HOME", "."))).resolve()


def open_app(home: Path | None = None, *, check: bool = True) -> App:
    """Load the configuration and open the database. Raises ConfigError, StoreError.

    ``check`` false skips asking the database whether it is there and of this version. What this process writes from here
    on is for its own account; see ``ivpipe.modes``.
    """
    folder = home_folder(home)
    settings = load_settings(folder)
    private()
    if str(folder) not in sys.path:
        sys.path.append(str(folder))  # where a source's own extractor may lie
    store = Store(settings.database_url)
    if check:
        store.check()
    return App(settings, store)


def has_project(home: Path) -> bool:
    """Whether a folder holds a project."""
    return (home / "config" / "ivpipe.toml").is_file()


def bare_engine(name: str, data: Path) -> Engine:
    """An engine with nothing configured: its defaults, its key from the environment. Raises ConfigError."""
    plugin = load_plugin("engines", name, engines.BUILTIN)
    made: Engine = plugin(plugin.Settings(), data_dir=data)
    return made


def bare_engines(data: Path) -> list[Engine]:
    """The built-in engines as they come, best first, without the dummy, for use without a project."""
    return [bare_engine(name, data) for name in engines.BUILTIN if name != "dummy"]
