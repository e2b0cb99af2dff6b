"""Accounts: passwords that are good enough, roles, and who changed what."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ivpipe.errors import NotFound, Refused
from ivpipe.model import Role
from ivpipe.steps.audit import list_events
from ivpipe.steps.passwords import judge_password
from ivpipe.steps.people import add_user, change_roles, list_users, set_disabled, set_password
from ivpipe.store import Store

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "a password needs at least 10 characters"),
        ("1234567890", "too easy to guess: this is a top-100 common password"),
        ("password12", "too easy to guess: this is a very common password — add another word"),
        ("qwertzuiop", "too easy to guess"),
        ("aaaaaaaaaaaa", "too easy to guess: repeats like"),
        ("thecrossing1", "too easy to guess"),
        ("RuizRuiz2026", "too easy to guess"),
        ("x" * 1025, "a password has at most 1,024 characters"),
    ],
)
def test_password_that_is_easy_to_guess_is_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(Refused) as caught:
        judge_password(password, ("ana", "Ana Ruiz", "The Crossing", "thecrossing"))
    assert why in str(caught.value)
    assert password not in str(caught.value)
    assert caught.value.advice


@pytest.mark.parametrize(
    "password", ["correct horse", "hK8-vQ2x_Lm4", "un phare, deux mouettes", "x7" + "é" * 40 + "?w"]
)
def test_password_that_is_hard_to_guess_is_taken(password: str) -> None:
    judge_password(password, ("ana", "Ana Ruiz", "The Crossing"))


def test_easy_password_makes_and_changes_no_account(store: Store) -> None:
    with pytest.raises(Refused, match="too easy to guess"):
        add_user(store, "ana", "Ana Ruiz", "1234567890", [Role.EDITOR], NOW)
    assert list_users(store) == []
    add_user(store, "ana", "Ana Ruiz", "correct horse", [Role.EDITOR], NOW)
    before = list_users(store)[0].password_hash
    with pytest.raises(Refused, match="too easy to guess"):
        set_password(store, "ana", "Ana Ruiz 1", NOW)
    assert list_users(store)[0].password_hash == before


def test_roles_are_given_and_taken_and_all_is_noted(store: Store) -> None:
    add_user(store, "ana", "Ana Ruiz", "correct horse", [Role.EDITOR, Role.TRANSLATOR], NOW, by="shell: root")
    assert change_roles(store, "ana", [Role.OPERATOR], [Role.TRANSLATOR], NOW, by="shell: root") == [
        Role.EDITOR,
        Role.OPERATOR,
    ]
    assert change_roles(store, "ana", [Role.OPERATOR], [], NOW) == [Role.EDITOR, Role.OPERATOR]
    set_password(store, "ana", "another horse", NOW, by="shell: max")
    set_disabled(store, "ana", True, NOW)
    set_disabled(store, "ana", False, NOW)
    assert [(event.kind, event.user_name, event.by, event.detail) for event in list_events(store, "ana")[::-1]] == [
        ("added", "ana", "shell: root", "editor, translator"),
        ("roles", "ana", "shell: root", "+operator, -translator"),
        ("password", "ana", "shell: max", ""),
        ("disabled", "ana", "", ""),
        ("enabled", "ana", "", ""),
    ]


def test_last_editor_and_operator_are_not_lost_unasked(store: Store) -> None:
    add_user(store, "ana", "Ana", "correct horse", [Role.EDITOR, Role.TRANSLATOR], NOW)
    add_user(store, "tom", "Tom", "correct horse", [Role.EDITOR, Role.OPERATOR], NOW)
    assert change_roles(store, "ana", [], [Role.EDITOR], NOW) == [Role.TRANSLATOR]
    with pytest.raises(Refused, match=r"nobody else who may log in is an editor.*--even-the-last"):
        change_roles(store, "tom", [], [Role.EDITOR], NOW)
    assert change_roles(store, "tom", [], [Role.EDITOR], NOW, even_the_last=True) == [Role.OPERATOR]
    with pytest.raises(Refused, match="no role would be left"):
        change_roles(store, "tom", [], [Role.OPERATOR], NOW)
    assert set_disabled(store, "tom", True, NOW) == [Role.OPERATOR]
    with pytest.raises(NotFound):
        change_roles(store, "eva", [Role.EDITOR], [], NOW)
