"""memory: where entries come from and stood, and an index of their words"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SIDES = ("source", "target")


def upgrade() -> None:
    for column in (
        sa.Column("translator", sa.Text(), nullable=False, server_default=""),
        sa.Column("origin", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("context", sa.String(length=64), nullable=False, server_default=""),
    ):
        op.add_column("memory_entries", column)
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgres()


def _sqlite() -> None:
    for side in _SIDES:
        table = f"memory_words_{side}"
        gone = f"INSERT INTO {table} ({table}, rowid, {side}) VALUES ('delete', old.id, old.{side});"
        new = f"INSERT INTO {table} (rowid, {side}) VALUES (new.id, new.{side});"
        for statement in (
            f"CREATE VIRTUAL TABLE {table} USING fts5({side}, content='memory_entries', content_rowid='id', "
            "detail=none, columnsize=0, tokenize='unicode61 remove_diacritics 2')",
            f"INSERT INTO {table} ({table}, rank) VALUES ('hashsize', 33554432)",
            f"INSERT INTO {table} ({table}) VALUES ('rebuild')",
            # Imported rows, which have no translation, are indexed by the import, all in one statement.
            f"CREATE TRIGGER {table}_insert AFTER INSERT ON memory_entries "
            f"WHEN new.translation_id IS NOT NULL BEGIN {new} END",
            f"CREATE TRIGGER {table}_delete AFTER DELETE ON memory_entries BEGIN {gone} END",
            f"CREATE TRIGGER {table}_update AFTER UPDATE OF {side} ON memory_entries BEGIN {gone} {new} END",
        ):
            op.get_bind().exec_driver_sql(statement)


def _postgres() -> None:
    words = "to_tsvector('simple', {0}source), to_tsvector('simple', {0}target)"
    for statement in (
        "CREATE TABLE memory_words (entry_id integer PRIMARY KEY, source_lang varchar(16) NOT NULL, "
        "target_lang varchar(16) NOT NULL, source tsvector NOT NULL, target tsvector NOT NULL)",
        # The common words, whose frequencies the look-up reads from the planner's statistics.
        "ALTER TABLE memory_words ALTER COLUMN source SET STATISTICS 300",
        "INSERT INTO memory_words SELECT id, source_lang, target_lang, " + words.format("") + " FROM memory_entries",
        "CREATE INDEX ix_memory_words_source ON memory_words USING gin (source)",
        "CREATE INDEX ix_memory_words_target ON memory_words USING gin (target)",
        "CREATE FUNCTION memory_words_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP <> 'INSERT' THEN DELETE FROM memory_words WHERE entry_id = old.id; END IF; "
        "IF TG_OP <> 'DELETE' THEN INSERT INTO memory_words VALUES (new.id, new.source_lang, new.target_lang, "
        + words.format("new.")
        + "); END IF; RETURN NULL; END $$",
        # Imported rows, which have no translation, are indexed by the import, all in one statement.
        "CREATE TRIGGER memory_words_insert AFTER INSERT ON memory_entries FOR EACH ROW "
        "WHEN (new.translation_id IS NOT NULL) EXECUTE FUNCTION memory_words_follow()",
        "CREATE TRIGGER memory_words_change AFTER DELETE OR UPDATE OF source, target ON memory_entries "
        "FOR EACH ROW EXECUTE FUNCTION memory_words_follow()",
    ):
        op.get_bind().exec_driver_sql(statement)
