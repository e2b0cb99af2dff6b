"""sources: second looks, the same piece on two addresses, doubts, articles on several pages, validators per source"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # Columns are added one by one and refer to nothing, so that SQLite need not write the tables anew.
    for column in (
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced", _JSON, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("warnings", _JSON, nullable=False, server_default=sa.text("'[]'")),
        sa.Column("waits", sa.Text(), nullable=False, server_default=""),
        sa.Column("url_key", sa.Text(), nullable=False, server_default=""),
        sa.Column("canonical_key", sa.Text(), nullable=False, server_default=""),
        sa.Column("fingerprint", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
    ):
        op.add_column("articles", column)
    for name in ("url_key", "canonical_key", "fingerprint", "duplicate_of_id"):
        op.create_index(f"ix_articles_{name}", "articles", [name])
    # What was read before is looked at again once, and then by its age.
    op.execute("UPDATE articles SET look_at = looked_at WHERE document_id IS NOT NULL AND decision <> 'dismissed'")
    op.add_column("snapshots", sa.Column("first_id", sa.Integer(), nullable=True))
    op.create_index("ix_snapshots_first_id", "snapshots", ["first_id"])
    # Validators save a download and are no loss: the table is made anew, with the source in its key.
    op.drop_table("feed_states")
    op.create_table(
        "feed_states",
        sa.Column("source_slug", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("reading", sa.String(length=64), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("source_slug", "url", name=op.f("pk_feed_states")),
    )
