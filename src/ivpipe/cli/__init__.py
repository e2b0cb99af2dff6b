"""The command ``ivpipe``.

Exit codes: 0 done; 1 it could not be done, or a run failed, or the configuration has faults (said on stderr in plain
words); 2 the command line is wrong; 70 a fault in ivpipe itself (its traceback is in the file named).
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import click

from ivpipe import __version__
from ivpipe.errors import IvpipeError
from ivpipe.machine import machine_error
from ivpipe.masking import install, mask, traceback_text

_COMMANDS = {
    "init": "ivpipe.cli.project:init",
    "config": "ivpipe.cli.project:config",
    "up": "ivpipe.cli.operate:up",
    "run": "ivpipe.cli.operate:run",
    "status": "ivpipe.cli.status:status",
    "source": "ivpipe.cli.source:source",
    "ingest": "ivpipe.cli.ingest:ingest",
    "reextract": "ivpipe.cli.ingest:reextract",
    "articles": "ivpipe.cli.articles:articles",
    "select": "ivpipe.cli.articles:select",
    "dismiss": "ivpipe.cli.articles:dismiss",
    "retry": "ivpipe.cli.articles:retry",
    "user": "ivpipe.cli.users:user",
    "extract": "ivpipe.cli.extract:extract",
    "edition": "ivpipe.cli.edition:edition",
    "target": "ivpipe.cli.target:target",
    "publish": "ivpipe.cli.publish:publish",
    "withdraw": "ivpipe.cli.publish:withdraw",
    "models": "ivpipe.cli.models:models",
    "engines": "ivpipe.cli.engines:engines",
    "memory": "ivpipe.cli.memory:memory",
    "estimate": "ivpipe.cli.estimate:estimate",
    "segment": "ivpipe.cli.segment:segment",
    "translate": "ivpipe.cli.translate:translate",
    "demo": "ivpipe.cli.demo:demo",
}
"""Each command by "module:object"; a module is imported when its command is used, so that all start quickly."""

FAULT = 70


class _Commands(click.Group):
    """The commands of the table, and errors told in plain words."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, target in _COMMANDS.items() if _exists(target)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = _COMMANDS.get(cmd_name)
        if target is None or not _exists(target):
            return None
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except IvpipeError as error:
            click.echo(f"ivpipe: {error}", err=True)
            ctx.exit(1)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            named = machine_error(error)
            if named is None:
                _tell_fault(ctx, error)
            click.echo(f"ivpipe: {named}", err=True)
            ctx.exit(1)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="The project's folder, which holds config/. [default: IVPIPE_HOME, else the current folder]",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda *given: _tell_version(*given),
    help="Show the version of ivpipe and of its database's schema, and exit.",
)
@click.pass_context
def main(ctx: click.Context, home: Path | None) -> None:
    """From a partner's article to a published translation."""
    chosen = (home or Path(os.environ.get("IVPIPE_HOME", "."))).resolve()
    os.environ["IVPIPE_HOME"] = str(chosen)
    install()
    ctx.obj = chosen


def _tell_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from ivpipe.store import head  # imported on use, for it takes a quarter of a second

    click.echo(f"ivpipe {__version__} (database schema {head()})")
    ctx.exit()


def _exists(target: str) -> bool:
    return find_spec(target.partition(":")[0]) is not None


def _tell_fault(ctx: click.Context, error: Exception) -> NoReturn:
    text = traceback_text(error)
    logs = Path(os.environ.get("IVPIPE_HOME", ".")) / "var" / "logs"
    folder = logs if logs.is_dir() and os.access(logs, os.W_OK) else Path(tempfile.gettempdir())
    file = folder / f"ivpipe-fault-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.log"
    try:
        file.write_text(f"{mask(' '.join(sys.argv))}\n{text}", encoding="utf-8")
        where = f"its traceback is in {file}"
    except OSError:
        where = text
    click.echo(f"ivpipe: a fault in ivpipe itself: {type(error).__name__}: {mask(str(error))} — {where}", err=True)
    ctx.exit(FAULT)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows as a table; their text is shown as it is, with no markup read out of it."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        shown.add_row(*(Text(cell) for cell in row))
    Console(soft_wrap=False).print(shown)
