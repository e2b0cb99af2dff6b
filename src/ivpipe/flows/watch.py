"""Starting work the moment it is due, without waiting for the schedule.

The serving process looks at our own tables twice a second: approval and selection write there in any case, so nothing has
to be sent, nothing can be lost, and whoever wrote (desk, command line, another machine) need not know of Prefect. Publishing
runs here, in a thread, and so begins within a second or two; drafting, which loads engines, is started as a flow run of
its own. The schedules stay: should this watch die, they do the same work a little later. A third thread keeps Prefect's
own record clean of what is past (see ``flows.backlog``).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from prefect import tags
from prefect.client.orchestration import get_client
from prefect.deployments import run_deployment

from ivpipe.errors import IvpipeError
from ivpipe.flows.backlog import SILENCE, Jumps, drop_future, drop_missed, mark_dead
from ivpipe.flows.publish import publish
from ivpipe.flows.work import due_somewhere
from ivpipe.steps.workers import only_one
from ivpipe.wiring import App, open_app

_LOG = logging.getLogger("ivpipe.watch")

LOOK_SECONDS = 0.5
_TRANSLATE_PAUSE = 15.0
"""After asking for a translate run: by then it is at work, or has done what there was."""
_TROUBLE_PAUSE = 30.0
_TIDY_SECONDS = 60.0


class Watch:
    """Threads that look for due work until ``stop``; each opens its own App, so that a database that comes later is found."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._look, args=(look,), name=f"watch-{number}", daemon=True)
            for number, look in enumerate((publish_due, translate_due, Tidy()))
        ]

    def start(self) -> None:
        """Begin to look."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Stop looking, and let what is being published end (``timeout`` seconds; dying is safe, only slower)."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout)

    def _look(self, look: Callable[[App], float]) -> None:
        """Call ``look``, which returns the seconds to wait, for ever: nothing that goes wrong ends the thread."""
        app: App | None = None
        pause = 0.0
        while not self._stop.wait(pause):
            try:
                app = app or open_app()
                pause = look(app)
            except Exception as error:
                if isinstance(error, IvpipeError):
                    _LOG.warning("%s", error)
                else:
                    _LOG.warning("looking for due work failed; the schedule goes on", exc_info=True)
                if app is not None:
                    app.close()
                app, pause = None, _TROUBLE_PAUSE
        if app is not None:
            app.close()


def publish_due(app: App) -> float:
    """Publish if anything is due and nobody is at it."""
    targets = due_somewhere(app, "publish")
    if not targets or not any(_free(app, f"publish-{target}") for target in targets):
        return LOOK_SECONDS
    with tags("ivpipe", "publish", "at once"):
        publish(return_state=True)
    return LOOK_SECONDS


def translate_due(app: App) -> float:
    """Ask for a translate run if anything is due and nobody is at it."""
    if not due_somewhere(app, "translate") or not _free(app, "translate"):
        return LOOK_SECONDS
    run_deployment("translate/translate", timeout=0, as_subflow=False, tags=["at once"])
    return _TRANSLATE_PAUSE


class Tidy:
    """Once a minute, and at once when the clock jumped: missed runs but the newest go, and dead ones are said to be dead."""

    def __init__(self) -> None:
        self._jumps = Jumps()
        self._next = 0.0

    def __call__(self, _app: App) -> float:
        jump = self._jumps.seconds()
        if jump:
            _LOG.warning("the clock jumped by %.0f seconds: the machine slept, or somebody set it", jump)
        if jump or time.monotonic() >= self._next:
            self._next = time.monotonic() + _TIDY_SECONDS
            try:
                self._tidy(jump, datetime.now(UTC))
            except Exception:
                # While the server is away no sign of life reaches it: begin to listen for them anew.
                self._jumps = Jumps()
                raise
        return LOOK_SECONDS

    def _tidy(self, jump: float, now: datetime) -> None:
        with get_client(sync_client=True) as client:
            if jump < 0:
                drop_future(client, now)
            drop_missed(client, now)
            if self._jumps.steady_for > SILENCE:
                mark_dead(client, now)


def _free(app: App, lock: str) -> bool:
    with only_one(app.settings.data / "locks", lock) as free:
        return free
