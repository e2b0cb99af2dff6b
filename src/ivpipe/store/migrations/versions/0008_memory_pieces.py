"""memory: an index of words of our own in pieces, for both databases, instead of each database's full-text index"""

from itertools import product

import sqlalchemy as sa
from alembic import op

from ivpipe.text.postings import posting_lists

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SIDES = ("source", "target")
_MOST = 1 << 17


def upgrade() -> None:
    connection = op.get_bind()
    _drop_the_old(connection)
    pieces = op.create_table(
        "memory_pieces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_lang", sa.String(length=16), nullable=False),
        sa.Column("target_lang", sa.String(length=16), nullable=False),
        sa.Column("side", sa.String(length=6), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memory_pieces")),
    )
    op.create_index("ix_memory_pieces_pair", "memory_pieces", ["source_lang", "target_lang", "side"])
    words = op.create_table(
        "memory_words",
        sa.Column("piece_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("postings", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("piece_id", "word", name=op.f("pk_memory_words")),
        sqlite_with_rowid=False,
    )
    if connection.dialect.name == "postgresql":
        # Numbers in this order hardly shrink, and are read more often than written.
        op.execute("ALTER TABLE memory_words ALTER COLUMN postings SET STORAGE EXTERNAL")
    _index_what_is_there(connection, pieces, words)


def _drop_the_old(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        for side in _SIDES:
            for what in ("insert", "delete", "update"):
                op.execute(f"DROP TRIGGER memory_words_{side}_{what}")
            op.execute(f"DROP TABLE memory_words_{side}")
        return
    op.execute("DROP TRIGGER memory_words_insert ON memory_entries")
    op.execute("DROP TRIGGER memory_words_change ON memory_entries")
    op.execute("DROP FUNCTION memory_words_follow()")
    op.execute("DROP TABLE memory_words")


def _index_what_is_there(connection: sa.Connection, pieces: sa.Table, words: sa.Table) -> None:
    # The pieces are as this version of ivpipe reads them: who changes their form indexes anew in a migration after this one.
    entries = sa.table(
        "memory_entries", *(sa.column(name) for name in ("id", "source_lang", "target_lang", "source", "target"))
    )
    pairs = connection.execute(sa.select(entries.c.source_lang, entries.c.target_lang).distinct()).all()
    highest = connection.execute(sa.select(sa.func.max(entries.c.id))).scalar() or 0
    for source_lang, target_lang in pairs:
        for side, start in product(_SIDES, range(1, highest + 1, _MOST)):
            texts = connection.execute(
                sa.select(entries.c.id, entries.c[side])
                .where(
                    entries.c.source_lang == source_lang,
                    entries.c.target_lang == target_lang,
                    entries.c.id.between(start, start + _MOST - 1),
                )
                .order_by(entries.c.id)
            ).all()
            if not texts:
                continue
            first, last = texts[0][0], texts[-1][0]
            values = {"source_lang": source_lang, "target_lang": target_lang, "side": side}
            piece = connection.execute(
                pieces.insert().values(**values, first=first, last=last, entries=len(texts)).returning(pieces.c.id)
            ).scalar_one()
            postings = posting_lists((entry - first, text) for entry, text in texts)
            rows = [{"piece_id": piece, "word": word, "postings": postings[word]} for word in sorted(postings)]
            if rows:
                connection.execute(words.insert(), rows)
