"""doubts: pages that may not be the article any more, the evidence, and what editors decided about them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
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


def downgrade() -> None:
    op.drop_column("snapshots", "doubtful")
    op.drop_index(op.f("ix_articles_doubt_id"), "articles")
    op.drop_column("articles", "doubt_id")
    op.drop_table("doubts")
