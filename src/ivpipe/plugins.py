"""Finding plug-ins: one ``BUILTIN`` table per seam, entry points for other people's packages."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from ivpipe.errors import ConfigError


def load_plugin(seam: str, name: str, builtin: Mapping[str, str]) -> Any:
    """Return the plug-in class called ``name``.

    ``seam`` is the entry-point group without its prefix ("engines", "publishers", "checks"); ``builtin`` maps
    names to "module:Class". Modules are imported on use, so an engine's library is needed only where it is
    configured. Raises ConfigError naming the plug-ins there are.
    """
    target = builtin.get(name)
    if target is not None:
        module, _, attribute = target.partition(":")
        return getattr(import_module(module), attribute)
    found = {point.name: point for point in entry_points(group=f"ivpipe.{seam}")}
    if name in found:
        return found[name].load()
    known = ", ".join(sorted({*builtin, *found}))
    raise ConfigError([f"there is no plug-in {name!r} among the {seam}; there are: {known}"])
