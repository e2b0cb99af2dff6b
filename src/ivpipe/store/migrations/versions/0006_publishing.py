"""publishing: the ledger's fingerprint, chosen times, conflicts, correction notes"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("publications", sa.Column("fingerprint", sa.Text(), server_default="", nullable=False))
    op.add_column("publications", sa.Column("sending_revision", sa.Integer(), nullable=True))
    op.add_column("publications", sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("publications", sa.Column("conflict", _JSON, nullable=True))
    op.add_column("drafts", sa.Column("correction", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("drafts") as batch_op:
        batch_op.drop_column("correction")
    with op.batch_alter_table("publications") as batch_op:
        for name in ("conflict", "publish_at", "sending_revision", "fingerprint"):
            batch_op.drop_column(name)
