"""``ivpipe user``: the people who use the desk."""

from __future__ import annotations

import getpass
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from ivpipe.cli import table
from ivpipe.masking import read_secret

_ROLES = ("translator", "editor", "operator")
_FROM_ENVIRONMENT = "IVPIPE_PASSWORD"

_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input (its first line).")


@click.group()
def user() -> None:
    """The people who use the desk.

    A password is asked for; scripts give it by --password-stdin or in the environment as IVPIPE_PASSWORD.
    """


@user.command()
@click.argument("name")
@click.option("--display-name", default="", help="How they are credited. [default: NAME]")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(_ROLES), help="May be given again.")
@_stdin
@click.pass_obj
def add(home: Path, name: str, display_name: str, roles: tuple[str, ...], password_stdin: bool) -> None:
    """Add a user with the login NAME."""
    from ivpipe.model import Role
    from ivpipe.steps.people import add_user
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        chosen = [Role(role) for role in dict.fromkeys(roles)]
        about = (app.settings.magazine.name,)
        add_user(
            app.store, name, display_name, _password(password_stdin), chosen, datetime.now(UTC), by=_by(), about=about
        )
    click.echo(f"{name}: added as {', '.join(chosen)}")


@user.command("list")
@click.pass_obj
def list_all(home: Path) -> None:
    """List everybody."""
    from ivpipe.steps.people import list_users
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        people = list_users(app.store)
    table(
        ("login", "name", "roles", "since", ""),
        [
            (
                person.name,
                person.display_name,
                ", ".join(person.roles),
                f"{person.created_at:%Y-%m-%d}",
                "disabled" if person.disabled_at else "",
            )
            for person in people
        ],
    )


@user.command()
@click.argument("name")
@click.pass_obj
def disable(home: Path, name: str) -> None:
    """Bar NAME from the desk at once; what they did stays theirs."""
    _set_disabled(home, name, True)
    click.echo(f"{name}: disabled")


@user.command()
@click.argument("name")
@click.pass_obj
def enable(home: Path, name: str) -> None:
    """Let NAME in again."""
    _set_disabled(home, name, False)
    click.echo(f"{name}: enabled")


@user.command()
@click.argument("name")
@_stdin
@click.pass_obj
def password(home: Path, name: str, password_stdin: bool) -> None:
    """Give NAME a new password; their sessions end, and no browser of theirs is known any more."""
    from ivpipe.steps.people import find_user, set_password
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        find_user(app.store, name)
        about = (app.settings.magazine.name,)
        set_password(app.store, name, _password(password_stdin), datetime.now(UTC), by=_by(), about=about)
    click.echo(f"{name}: the password is changed")


@user.command()
@click.argument("name")
@click.option("--add", "added", multiple=True, type=click.Choice(_ROLES), help="A role to give. May be given again.")
@click.option("--remove", "removed", multiple=True, type=click.Choice(_ROLES), help="A role to take away. Likewise.")
@click.option("--even-the-last", is_flag=True, help="Also where nobody else is an editor, or an operator, then.")
@click.pass_obj
def role(home: Path, name: str, added: tuple[str, ...], removed: tuple[str, ...], even_the_last: bool) -> None:
    """Give NAME roles, or take them away. It holds at once, also for who is logged in."""
    from ivpipe.model import Role
    from ivpipe.steps.people import change_roles
    from ivpipe.wiring import open_app

    if not added and not removed:
        raise click.UsageError("say which role to --add or to --remove")
    with open_app(home) as app:
        roles = change_roles(
            app.store,
            name,
            map(Role, added),
            map(Role, removed),
            datetime.now(UTC),
            by=_by(),
            even_the_last=even_the_last,
        )
    click.echo(f"{name}: now {', '.join(roles)}")


_EVENTS = {
    "login": "logged in",
    "wrong": "refused: wrong name or password",
    "barred": "refused: right password, but disabled",
    "throttled": "refused: too many attempts",
    "logout": "logged out",
    "added": "added",
    "password": "password changed",
    "disabled": "disabled",
    "enabled": "enabled",
    "roles": "roles changed",
}


@user.command()
@click.argument("name", required=False, default="")
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, help="So many events at most.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON array.")
@click.pass_obj
def audit(home: Path, name: str, limit: int, as_json: bool) -> None:
    """Say who logged in or was refused, and who changed which user; of NAME only, where one is given. The newest first.

    Names that no user has are not kept, as passwords are often typed there: the same one is told by the same eight letters.
    Refusals are kept for thirty days, all else for thirteen months.
    """
    from ivpipe.steps.audit import list_events
    from ivpipe.steps.people import find_user
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        if name:
            find_user(app.store, name)
        events = list_events(app.store, name, limit)
    if as_json:
        keys = ("kind", "user_name", "by", "address", "browser", "detail")
        found = [
            {"at": event.at.isoformat(timespec="seconds"), **{key: getattr(event, key) for key in keys}}
            for event in events
        ]
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    if not events:
        click.echo("nothing is noted yet")
        return
    table(
        ("when (UTC)", "user", "what", "by", "from", "browser"),
        [
            (
                f"{event.at:%Y-%m-%d %H:%M:%S}",
                event.user_name or event.detail,
                _EVENTS[event.kind] + (f": {event.detail}" if event.user_name and event.detail else ""),
                event.by,
                event.address,
                event.browser,
            )
            for event in events
        ],
    )


def _set_disabled(home: Path, name: str, disabled: bool) -> None:
    from ivpipe.steps.people import set_disabled
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        missing = set_disabled(app.store, name, disabled, datetime.now(UTC), by=_by())
    for lost in missing:
        click.secho(f"! nobody who may log in has the role {lost} now", fg="yellow", err=True)


def _by() -> str:
    """Who runs this command, for the record."""
    try:
        return f"shell: {getpass.getuser()}"
    except (OSError, KeyError):
        return f"shell: {os.getuid()}"


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if given := read_secret(_FROM_ENVIRONMENT):
        return given
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked
