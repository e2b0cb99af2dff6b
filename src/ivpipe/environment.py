"""What the processes we start find in their environment: never more of our secrets than they need."""

from __future__ import annotations

import os

from ivpipe.masking import mask

_NEEDED = frozenset({"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT"})
_NEEDED_BEGIN = ("LC_", "LD_", "DYLD_", "PYTHON", "COV_", "COVERAGE_", "APERTIUM")


def bare_environment() -> dict[str, str]:
    """For programs that read what strangers wrote, which a hostile page might take over: how to find programs, libraries
    and the language, and nothing else."""
    return {name: value for name, value in os.environ.items() if name in _NEEDED or name.startswith(_NEEDED_BEGIN)}


def environment_without_secrets() -> dict[str, str]:
    """For programs that need settings of the operator's own (git, with its keys and helpers): all but what holds a secret
    that this process has read."""
    return {name: value for name, value in os.environ.items() if mask(f"{name}={value}") == f"{name}={value}"}
