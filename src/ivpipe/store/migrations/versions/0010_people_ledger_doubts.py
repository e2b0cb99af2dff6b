"""people: attempts to log in, known browsers, a record of events; engines' ledger before a request goes; doubts about
pages; attempts that never ended; which process a run is of"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_READ = ("articles", "pictures")


def upgrade() -> None:
    op.create_table(
        "known_browsers",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_known_browsers_user_id_users")),
        sa.PrimaryKeyConstraint("token_hash", "user_id", name=op.f("pk_known_browsers")),
    )
    op.create_index(op.f("ix_known_browsers_user_id"), "known_browsers", ["user_id"])
    op.create_table(
        "login_counters",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal_noted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_counters")),
    )
    op.create_index(op.f("ix_login_counters_last_at"), "login_counters", ["last_at"])
    op.create_table(
        "person_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_events")),
    )
    op.create_index(op.f("ix_person_events_at"), "person_events", ["at"])
    op.create_index(op.f("ix_person_events_user_name"), "person_events", ["user_name"])
    # No batch mode: SQLite drops a column that nothing refers to without making the table anew.
    op.drop_column("users", "locked_until")
    op.drop_column("users", "failed_logins")
    op.add_column("engine_uses", sa.Column("state", sa.String(length=16), server_default="settled", nullable=False))
    op.add_column("engine_uses", sa.Column("owner", sa.String(length=64), server_default="", nullable=False))
    op.create_table(
        "doubts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("content", _JSON, nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_doubts_article_id_articles")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshots.id"], name=op.f("fk_doubts_snapshot_id_snapshots")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_doubts_decided_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_doubts")),
    )
    op.create_index(op.f("ix_doubts_article_id"), "doubts", ["article_id"])
    # Columns are added one by one and refer to nothing, so that SQLite need not write the tables anew.
    op.add_column("articles", sa.Column("doubt_id", sa.Integer(), nullable=True))
    op.create_index(op.f("ix_articles_doubt_id"), "articles", ["doubt_id"])
    op.add_column("snapshots", sa.Column("doubtful", sa.Boolean(), nullable=False, server_default=sa.false()))
    for table in _READ:
        op.add_column(table, sa.Column("unfinished", sa.Integer(), server_default="0", nullable=False))
    op.add_column("runs", sa.Column("worker", sa.String(length=64), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("runs", "worker")
    for table in reversed(_READ):
        op.drop_column(table, "unfinished")
    op.drop_column("snapshots", "doubtful")
    op.drop_index(op.f("ix_articles_doubt_id"), "articles")
    op.drop_column("articles", "doubt_id")
    op.drop_table("doubts")
    op.drop_column("engine_uses", "owner")
    op.drop_column("engine_uses", "state")
    op.add_column("users", sa.Column("failed_logins", sa.Integer(), server_default="0", nullable=False))
    op.add_column("users", sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True))
    op.drop_table("person_events")
    op.drop_table("login_counters")
    op.drop_table("known_browsers")
