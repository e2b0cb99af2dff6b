"""Apertium, the rule-based engine of Debian, called as a program: offline, readable, not good.

Each batch is one process per step of the chain (fr→en goes by way of Catalan: ``fra-cat``, ``cat-eng``), fed in
Apertium's own stream format, one null-terminated text after the other, each followed by its number in a *superblank*,
which the rules pass through untouched: texts cannot run together or change places unnoticed.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from ivpipe.engines import Capabilities, EngineOptions, EngineResult, EngineText, Usage
from ivpipe.engines.placing import translate_plainly
from ivpipe.environment import bare_environment
from ivpipe.errors import EnginePermanent, EngineTransient, EngineUnsupported
from ivpipe.model.languages import LanguagePair, primary
from ivpipe.sections import Name, Seconds, Section

Chain = tuple[str, ...]

_CHAINS: dict[str, tuple[Chain, ...]] = {
    "fr-en": (("fra-eng",), ("fra-cat", "cat-eng"), ("fra-spa", "spa-eng")),
    "es-en": (("spa-eng",),),
    "ca-en": (("cat-eng",),),
    "en-es": (("eng-spa",),),
    "en-ca": (("eng-cat",),),
    "fr-ca": (("fra-cat",),),
    "ca-fr": (("cat-fra",),),
}
_PACKAGES = {
    "fra-cat": "apertium-fra-cat",
    "cat-fra": "apertium-fra-cat",
    "cat-eng": "apertium-eng-cat",
    "eng-cat": "apertium-eng-cat",
    "spa-eng": "apertium-eng-spa",
    "eng-spa": "apertium-eng-spa",
}
_RESERVED = re.compile(r"([\\\[\]{}^$/@<>])|~")
_FREED = re.compile(r"\\(.)|\[~\]")
"""What ``_RESERVED`` becomes: a backslash before it, but a tilde, which the last step drops even so, in a superblank."""
_HARMLESS = "1"
"""What any mode translates that works at all."""
_ANSWER = re.compile(r"(.*)\[\]\[(\d+)\]\s*", re.S)
_UNKNOWN = re.compile(r"(?<!\w)([*@#])(?=\w)")


class Apertium:
    """Machine translation by Debian's ``apertium``."""

    name: ClassVar[str] = "apertium"

    class Settings(Section):
        """``[engines.apertium]``. ``chains`` maps a pair ("fr-en") to chains of modes (see ``apertium -l``), best
        first; the first whose modes are all installed is used. ``timeout_seconds`` is for one batch and mode."""

        program: Name = "apertium"
        timeout_seconds: Seconds = 120
        chains: dict[str, tuple[Chain, ...]] = Field(default={})

    def __init__(self, settings: Settings, *, data_dir: Path) -> None:
        self._settings = settings
        self._data_dir = data_dir
        self._chains = {**_CHAINS, **settings.chains}
        self._modes: frozenset[str] = frozenset()

    def problem(self, pair: LanguagePair) -> str | None:
        """Which program or mode is missing, and the Debian packages that bring it."""
        chains = self._chains.get(_key(pair), ())
        if not chains:
            known = ", ".join(sorted(self._chains))
            return f"it has no chain of modes for {pair} (for: {known}); set one in engines.apertium.chains"
        if self._chain(pair):
            return None
        best = next((chain for chain in chains if set(chain) <= set(_PACKAGES)), chains[0])
        if shutil.which(self._settings.program) is None:
            packages = sorted({_PACKAGES[mode] for mode in best if mode in _PACKAGES})
            return f"the program {self._settings.program!r} is not installed; apt install apertium {' '.join(packages)}"
        missing = [mode for mode in best if mode not in self._modes]
        packages = sorted({_PACKAGES[mode] for mode in missing if mode in _PACKAGES})
        if len(packages) < 1:
            return f"the modes {', '.join(missing)} are not installed (`apertium -l` lists those that are)"
        return f"the modes {', '.join(missing)} are not installed; apt install {' '.join(packages)}"

    def _chain(self, pair: LanguagePair) -> Chain | None:
        """The first chain whose modes are installed. Modes once seen are remembered; missing ones looked for again."""
        for _attempt in range(2):
            for chain in self._chains.get(_key(pair), ()):
                if chain and set(chain) <= self._modes:
                    return chain
            self._modes = self._installed()
        return next((chain for chain in self._chains.get(_key(pair), ()) if chain and set(chain) <= self._modes), None)

    def _installed(self) -> frozenset[str]:
        program = shutil.which(self._settings.program)
        if program is None:
            return frozenset()
        try:
            listed = subprocess.run(  # noqa: S603
                [program, "-l"], capture_output=True, text=True, timeout=30, env=_environment(), check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return frozenset()
        return frozenset(listed.stdout.split())

    def translate(
        self, segments: Sequence[EngineText], pair: LanguagePair, options: EngineOptions
    ) -> list[EngineResult]:
        """Translate plain sentences and put the tags back. See ``engines.Engine``."""
        chain = self._chain(pair)
        if chain is None:
            raise EngineUnsupported(self.problem(pair) or "the modes are gone", subject=f"apertium {pair}")

        def through(texts: list[str]) -> list[str]:
            for mode in chain:
                heard = iter(self._isolated(mode, [text for text in texts if text]))
                texts = [next(heard) if text else "" for text in texts]
            return texts

        return translate_plainly(segments, through)

    def _isolated(self, mode: str, texts: list[str]) -> list[str]:
        """As ``_run``, where some text makes the program fail: halves of halves find it, and it alone gets "".

        Raises EngineTransient where the program fails at a harmless text as well.
        """
        if not texts:
            return []
        try:
            return self._run(mode, texts)
        except EngineTransient:
            if self._broken(mode):
                raise
            if len(texts) == 1:
                return [""]
        half = len(texts) // 2
        return self._isolated(mode, texts[:half]) + self._isolated(mode, texts[half:])

    def _broken(self, mode: str) -> bool:
        try:
            self._run(mode, [_HARMLESS])
        except EngineTransient:
            return True
        return False

    def _run(self, mode: str, texts: list[str]) -> list[str]:
        """Translate plain texts by one mode."""
        stream = "".join(
            f"{_RESERVED.sub(_escaped, ' '.join(text.split()))}[][{number}]\0" for number, text in enumerate(texts)
        )
        answers = self._call(mode, stream).split("\0")
        translated: list[str] = []
        for number, source in enumerate(texts):
            answer = _ANSWER.fullmatch(answers[number]) if number < len(answers) else None
            if answer is None or int(answer[2]) != number:
                raise EngineTransient(
                    f"it stopped or lost its place at text {number + 1} of {len(texts)}: “{source[:80]}”",
                    subject=f"apertium {mode}",
                )
            translated.append(_unmarked(_FREED.sub(lambda match: match[1] or "~", answer[1]), source))
        return translated

    def _call(self, mode: str, stream: str) -> str:
        """Run ``apertium`` once. It is a shell pipeline of ten programs: they live and die as one process group."""
        subject = f"apertium {mode}"
        try:
            process = subprocess.Popen(  # noqa: S603
                [self._settings.program, "-z", "-u", "-f", "none", mode],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise EnginePermanent(
                f"the program cannot be started: {error.strerror}",
                subject=subject,
                advice="is it installed? apt install apertium",
            ) from error
        try:
            out, complaint = process.communicate(
                stream.encode(errors="replace"), timeout=self._settings.timeout_seconds
            )
        except subprocess.TimeoutExpired as error:
            raise EngineTransient(
                f"no answer within {self._settings.timeout_seconds:g} seconds", subject=subject
            ) from error
        finally:
            _end(process)
        if process.returncode != 0:
            lines = complaint.decode(errors="replace").strip().splitlines()
            raise EngineTransient(
                f"the program failed (exit code {process.returncode}): {lines[-1] if lines else 'it does not say why'}",
                subject=subject,
            )
        return out.decode(errors="replace")

    def variant(self, pair: LanguagePair, options: EngineOptions) -> str:
        """The modes it goes through."""
        return " ".join(self._chain(pair) or ())

    def capabilities(self) -> Capabilities:
        """No tags, no context; large batches, as starting the program takes up to a second."""
        return Capabilities(
            markup=False, context=False, max_texts=500, max_bytes=200_000, note="rule-based: readable, not good"
        )

    def usage(self) -> Usage | None:
        """None: nothing is billed."""
        return None

    def close(self) -> None:
        """Nothing to end: no process outlives its batch."""


def _key(pair: LanguagePair) -> str:
    return f"{primary(pair.source)}-{primary(pair.target)}"


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}" if match[1] else "[~]"


def _unmarked(target: str, source: str) -> str:
    """Drop the marks of unknown words, unless the source has that character itself."""
    return _UNKNOWN.sub(lambda match: match[0] if match[1] in source else "", target)


def _environment() -> dict[str, str]:
    """The lexical programs read the stream in the locale's encoding."""
    return {**bare_environment(), "LC_ALL": "C.UTF-8"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """See that nothing of the pipeline goes on, even where its shell has ended, and its pipes are closed."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
