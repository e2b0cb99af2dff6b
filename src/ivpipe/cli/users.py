"""``ivpipe user``: the people who use the desk."""

from __future__ import annotations

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
        add_user(app.store, name, display_name, _password(password_stdin), chosen, datetime.now(UTC))
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
    """Give NAME a new password; their sessions end."""
    from ivpipe.steps.people import set_password
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        set_password(app.store, name, _password(password_stdin))
    click.echo(f"{name}: the password is changed")


def _set_disabled(home: Path, name: str, disabled: bool) -> None:
    from ivpipe.steps.people import set_disabled
    from ivpipe.wiring import open_app

    with open_app(home) as app:
        set_disabled(app.store, name, disabled, datetime.now(UTC))


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if given := read_secret(_FROM_ENVIRONMENT):
        return given
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked
