"""Attempts that may end their process: what is noted, and how many are made at a time."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from tests.builders import HARBOUR, add_article

from ivpipe.errors import StoreError
from ivpipe.model import Article
from ivpipe.store import Store
from ivpipe.store.rows import Attempt


def note(store: Store, article_id: int) -> int:
    with store.read() as session:
        return session.get_one(Article, article_id).unfinished


def attempt(store: Store, article_id: int) -> Attempt:
    with store.read() as session:
        return Attempt(store, session.get_one(Article, article_id))


def set_note(store: Store, article_id: int, unfinished: int) -> None:
    with store.write() as session:
        session.get_one(Article, article_id).unfinished = unfinished


def test_the_note_is_there_only_while_the_content_is_looked_into(store: Store) -> None:
    article = add_article(store)
    with attempt(store, article) as attempted:
        noted = [note(store, article)]
        for step in (attempted.begin, attempted.pause, attempted.begin):
            step()
            noted.append(note(store, article))
    assert noted == [0, 1, 0, 1]
    assert note(store, article) == 1, "the outcome takes it away, in its own transaction"


@pytest.mark.parametrize("before", [0, 1])
def test_an_attempt_whose_outcome_cannot_be_stored_did_not_end_its_process(store: Store, before: int) -> None:
    article = add_article(store)
    set_note(store, article, before)
    with pytest.raises(StoreError), attempt(store, article) as attempted:
        attempted.begin()
        raise StoreError("the disk is full")
    assert note(store, article) == before


def test_a_failure_that_was_recorded_leaves_no_note(store: Store) -> None:
    article = add_article(store)
    set_note(store, article, 1)
    with pytest.raises(StoreError), attempt(store, article) as attempted:
        attempted.begin()
        set_note(store, article, 0)
        raise StoreError("the disk is full")
    assert note(store, article) == 0


def test_of_rows_that_may_have_ended_a_process_one_is_attempted_at_a_time(sqlite_store: Store) -> None:
    """Two sources are read side by side: a page of one that ends the process twice must not take the other's with it."""
    killer = add_article(sqlite_store)
    innocent, new = (add_article(sqlite_store, replace(HARBOUR, url=f"{HARBOUR.url}/{name}")) for name in ("b", "c"))
    for article in (killer, innocent):
        set_note(sqlite_store, article, 1)
    begun = {article: threading.Event() for article in (innocent, new)}

    def read(article: int) -> None:
        with attempt(sqlite_store, article) as attempted:
            attempted.begin()
            begun[article].set()

    threads = [threading.Thread(target=read, args=(article,)) for article in begun]
    with attempt(sqlite_store, killer) as attempted:
        attempted.begin()
        for thread in threads:
            thread.start()
        assert begun[new].wait(20)
        assert not begun[innocent].wait(0.2)
        assert [note(sqlite_store, article) for article in (killer, innocent)] == [2, 1]
    assert begun[innocent].wait(20)
    for thread in threads:
        thread.join()
