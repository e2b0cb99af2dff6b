"""``python -m tests.upgrades.make``: write the sample database of every schema that has none yet.

That of the newest schema is made by living in it (``tests.upgrades.life``). One in between, which came into the project
together with a later one, gets the rows of the sample before it, taken there by the migrations. ``--again`` makes that of
the newest schema anew, while it has not been released: a released one is never changed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from alembic.command import upgrade
from tests.upgrades.life import live
from tests.upgrades.samples import CARRIED, dump, load, revisions, sample_file

from ivpipe.store import alembic_config, migration_engine


def main() -> int:
    """The command line above."""
    parser = argparse.ArgumentParser(prog="python -m tests.upgrades.make")
    parser.add_argument("--again", action="store_true", help="make that of the newest schema anew")
    again = parser.parse_args().again
    *older, head = revisions()
    for before, revision in pairwise(older):
        if not sample_file(revision).exists():
            _write(revision, f"{CARRIED}{before}\n{_carried(before, revision)}")
    if again or not sample_file(head).exists():
        with tempfile.TemporaryDirectory() as home:
            live(Path(home))
            _write(head, dump(Path(home) / "var" / "ivpipe.db"))
    return 0


def _carried(before: str, revision: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ivpipe.db"
        load(before, path)
        engine = migration_engine(path)
        with engine.begin() as connection:
            config = alembic_config()
            config.attributes["connection"] = connection
            upgrade(config, revision)
        engine.dispose()
        return dump(path)


def _write(revision: str, text: str) -> None:
    path = sample_file(revision)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{path}: {len(text.encode()):,} bytes\n")


if __name__ == "__main__":
    sys.exit(main())
