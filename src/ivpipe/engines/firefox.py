"""Firefox's own translation models, run on this machine by ``fxtranslate`` in a worker process (``firefox_worker``)."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO, ClassVar

from pydantic import Field

from ivpipe.engines import Capabilities, EngineOptions, EngineResult, EngineText, Usage, firefox_worker
from ivpipe.engines.models import legs, model_name, model_problem, models_folder, read_model
from ivpipe.engines.placing import translate_plainly
from ivpipe.environment import bare_environment
from ivpipe.errors import EngineError, EnginePermanent, EngineTransient
from ivpipe.model.languages import LanguagePair
from ivpipe.sections import Seconds, Section

_HARMLESS = "1"
"""What any worker translates that works at all."""


class Firefox:
    """Machine translation by Mozilla's models, without network and without account."""

    name: ClassVar[str] = "firefox"

    class Settings(Section):
        """``[engines.firefox]``. ``models_url``: where `ivpipe models fetch` takes models from, a folder of ours on
        some web server; empty: Mozilla's own service, which asks that products host the models themselves.

        ``pins`` maps names of model files to the SHA-256 they must have. ``timeout_seconds`` is for one sentence, the
        first one with the loading of the model.
        """

        models_url: str = ""
        pins: dict[str, str] = Field(default={})
        timeout_seconds: Seconds = 120

    def __init__(self, settings: Settings, *, data_dir: Path) -> None:
        self._settings = settings
        self._models = models_folder(data_dir)
        self._worker: _Worker | None = None
        self._deadly: set[str] = set()
        self._turn = threading.Lock()

    def problem(self, pair: LanguagePair) -> str | None:
        """Whether the library or a model is missing."""
        if find_spec("fxtranslate") is None:
            return "the extra is not installed; pip install 'ivpipe[firefox]'"
        for leg in legs(pair, self._models):
            why = model_problem(self._models / model_name(leg))
            if why is not None:
                return f"{why}; run `ivpipe models fetch {leg.source} {leg.target}`"
        return None

    def translate(
        self, segments: Sequence[EngineText], pair: LanguagePair, options: EngineOptions
    ) -> list[EngineResult]:
        """Translate plain sentences and put the tags back. See ``engines.Engine``.

        There is one worker and it is asked one text at a time: who comes meanwhile waits.
        """
        names = [model_name(leg) for leg in legs(pair, self._models)]
        with self._turn:
            return translate_plainly(segments, lambda texts: [self._one(text, names) for text in texts])

    def _one(self, text: str, names: list[str]) -> str:
        """Translate one text; "" where it cannot be: it has killed two workers, or the library refuses it.

        Raises EngineTransient where the worker does not survive a harmless text either, EnginePermanent where a model
        cannot be loaded.
        """
        if text in self._deadly:
            return ""
        for _attempt in range(2):
            try:
                return self._ask(text, names)
            except EngineTransient as error:
                failure = error
        try:
            self._ask(_HARMLESS, names)
        except EngineTransient:
            raise failure from None
        self._deadly.add(text)
        return ""

    def _ask(self, text: str, names: list[str]) -> str:
        """One text, one reply. A worker that dies or hangs is gone, and another is started at the next call."""
        worker = self._worker or _Worker(self._models)
        self._worker = worker
        try:
            reply = worker.ask({"legs": names, "text": text}, self._settings.timeout_seconds)
        except BaseException as error:
            # Also where it is only interrupted: the reply that then comes would pass for the next one's.
            self._worker = None
            complaint = worker.end()
            if not isinstance(error, TimeoutError | EOFError):
                raise
            raise EngineTransient(
                f"the worker {'hung' if isinstance(error, TimeoutError) else 'died'} at “{text[:80]}”{complaint}",
                subject=f"firefox {'+'.join(names)}",
                advice="it is started again at the next try",
            ) from error
        if "text" in reply:
            return str(reply["text"])
        if "refused" in reply:
            return ""
        raise EnginePermanent(
            str(reply.get("error", "the worker gave an answer that cannot be read")),
            subject=f"firefox {'+'.join(names)}",
            advice="fetch the model again (`ivpipe models fetch`), or put another engine first",
        )

    def variant(self, pair: LanguagePair, options: EngineOptions) -> str:
        """The models with their versions; "" while they cannot be read."""
        try:
            models = [read_model(self._models / model_name(leg)) for leg in legs(pair, self._models)]
        except EngineError:
            return ""
        return " ".join(f"{model.pair} {model.version}" for model in models)

    def capabilities(self) -> Capabilities:
        """No tags, no context."""
        return Capabilities(
            markup=False,
            context=False,
            max_texts=200,
            max_bytes=100_000,
            note="small neural model: fluent, sentence by sentence",
        )

    def usage(self) -> Usage | None:
        """None: nothing is billed."""
        return None

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None


class _Worker:
    """The worker process and its pipes. A thread reads its replies, for pipes cannot be waited on everywhere."""

    def __init__(self, models: Path) -> None:
        self._stderr: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-P", str(firefox_worker.__file__), str(models)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                encoding="utf-8",
                errors="replace",
                env=bare_environment(),
            )
        except OSError as error:
            self._stderr.close()
            raise EngineTransient(f"the worker cannot be started: {error.strerror}", subject="firefox") from error
        self._replies: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="firefox-replies", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._replies.put(line)
        self._replies.put("")

    def ask(self, request: dict[str, object], timeout: float) -> dict[str, object]:
        """Send a request, wait for its reply. Raises TimeoutError; EOFError where the worker has died."""
        assert self._process.stdin is not None
        # A pipe that nobody reads is full with some 64 kB, and a write to it waits for ever.
        patience = threading.Timer(timeout, self._process.kill)
        patience.start()
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise EOFError from error
        finally:
            patience.cancel()
        try:
            line = self._replies.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError from None
        if not line:
            raise EOFError
        try:
            reply = json.loads(line)
        except ValueError:
            raise EOFError from None
        return reply if isinstance(reply, dict) else {}

    def end(self) -> str:
        """Kill the process; returns the last of what it complained, ready to be added to a message."""
        with contextlib.suppress(OSError):
            self._process.kill()
        code = self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").strip().splitlines()
        self._stderr.close()
        return f" (exit code {code}: {lines[-1][:200]})" if lines else f" (exit code {code})"
