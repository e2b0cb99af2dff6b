"""A source that changed: bringing the changes in, and what is shown of them."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.builders import add_document
from tests.desk import world

from ivpipe.model import Article, Block, BlockType, Translation
from ivpipe.steps import review


def change_source(magazine, translation_id):
    with magazine.store.write() as session:
        article = session.get_one(Article, session.get_one(Translation, translation_id).article_id)
        document = article.document.content
        blocks = list(document.blocks)
        blocks[1] = Block(BlockType.HEADING, "Un port presque sans bruit", level=2)
        del blocks[3]
        add_document(session, article, replace(document, blocks=tuple(blocks)))
        review.source_changed(session, article, magazine.clock.now)


def test_holder_brings_the_changes_in_and_sees_what_became_of_the_work(magazine, strike):
    ana = magazine.claimed("ana", strike)
    by_source = {row.source: row for row in world.segments_of(magazine.store, strike)}
    for source in ("Un port sans bruit", "Nous ne demandons pas la lune."):
        ana.save(by_source[source].id, f"Mine: {by_source[source].target}", by_source[source].version)
    change_source(magazine, strike)
    page = ana.get(f"/translations/{strike}").text
    assert "Bring the changes in" in page

    answer = ana.post(f"/translations/{strike}/merge")

    assert answer.headers["location"] == f"/translations/{strike}?done=merged"
    page = ana.get(f"/translations/{strike}").text
    assert "Un port<ins> presque</ins> sans bruit" in page
    assert "The source has been reworded since this was written" in page
    assert "No longer in the source" in page
    numbers = [int(number) for number in re.findall(r'class="number"[^>]*>(\d+)<', page)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1)), "what is gone has no number"
    assert "Mine: We are not asking for the moon." in page
    assert "Bring the changes in" not in page
    assert "brought the source’s changes in" in page


def test_others_are_told_but_cannot_bring_them_in(magazine, strike):
    magazine.claimed("ana", strike)
    change_source(magazine, strike)
    tom = magazine.visitor("tom")
    page = tom.get(f"/translations/{strike}").text
    assert "The source has changed since this draft was made" in page
    assert "<button>Bring the changes in" not in page
    assert tom.post(f"/translations/{strike}/merge").status_code == 409
