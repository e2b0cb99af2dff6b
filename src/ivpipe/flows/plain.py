"""The four runs as plain loops: the same steps in the same order as the flows, without Prefect."""

from __future__ import annotations

import logging

from ivpipe.flows.work import Work, chunks

LOG = logging.getLogger("ivpipe.run")


def ingest(work: Work, source: str | None = None) -> dict[str, str]:
    """Look at the sources' feeds, read what is new, and look how the sources fare."""
    for slug in work.sources(source):
        work.poll(slug, LOG)
        fetch(work, slug)
    return work.alarm(LOG)


def fetch(work: Work, slug: str) -> None:
    """Read one source's unread articles, and take pictures of those that were selected."""
    for ids in chunks(work.articles(slug)):
        work.fetch(slug, ids, LOG)
    work.take(slug, work.pictures(slug), LOG)


def translate(work: Work) -> None:
    """Draft the translations that are due."""
    for ids in chunks(work.translations()):
        work.draft(ids, LOG)


def publish(work: Work) -> None:
    """Make the targets what they should be."""
    for target, due in work.publications().items():
        for ids in chunks(due):
            work.publish(target, ids, LOG)


def reconcile(work: Work) -> dict[str, int]:
    """Mend, then do whatever is due and was missed."""
    healed = work.heal(LOG)
    for slug in work.sources(None):
        fetch(work, slug)
    translate(work)
    publish(work)
    return healed
