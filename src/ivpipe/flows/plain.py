"""The four runs as plain loops: the same steps in the same order as the flows, without Prefect."""

from __future__ import annotations

import logging

from ivpipe.flows.work import Work

LOG = logging.getLogger("ivpipe.run")


def ingest(work: Work, source: str | None = None) -> None:
    """Look at the sources' feeds and read what is new."""
    for slug in work.sources(source):
        work.poll(slug, LOG)
        work.fetch(slug, work.articles(slug), LOG)


def translate(work: Work) -> None:
    """Draft the translations that are due."""
    work.draft(work.translations(), LOG)


def publish(work: Work) -> None:
    """Make the targets what they should be."""
    for target, ids in work.publications().items():
        work.publish(target, ids, LOG)


def reconcile(work: Work) -> dict[str, int]:
    """Mend, then do whatever is due and was missed."""
    healed = work.heal(LOG)
    for slug in work.sources(None):
        work.fetch(slug, work.articles(slug), LOG)
    translate(work)
    publish(work)
    return healed
