"""A teaser behind a paywall on the article's page: it says why it waits, and how to have it translated all the same."""

from __future__ import annotations

from sqlalchemy import select
from tests.desk import world

from ivpipe.model import Article, Translation
from ivpipe.steps.documents import TEASER


def test_a_teaser_says_why_it_waits_and_is_translated_when_selected_again(magazine):
    article_id = world.add_article(magazine.store, world.strike())
    with magazine.store.write() as session:
        session.get_one(Article, article_id).waits = TEASER
    eva = magazine.visitor("eva")
    assert f"It is not translated: {TEASER}." in eva.get(f"/articles/{article_id}").text
    eva.post(f"/articles/{article_id}/select")
    shown = eva.get(f"/articles/{article_id}").text
    assert "Select it again to translate what there is." in shown
    assert f'action="/articles/{article_id}/select"' in shown
    with magazine.store.read() as session:
        assert session.scalars(select(Translation.last_error)).one().startswith(TEASER)
    eva.post(f"/articles/{article_id}/select")
    shown = eva.get(f"/articles/{article_id}").text
    assert TEASER not in shown
    assert f'action="/articles/{article_id}/select"' not in shown
    with magazine.store.read() as session:
        assert session.scalars(select(Translation.last_error)).one() == ""
