"""cost: what the machine wrote beside what people made of it, what a draft saved, how much work it was"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft_segments", sa.Column("machine", sa.Text(), server_default="", nullable=False))
    op.execute("UPDATE draft_segments SET machine = target WHERE origin = 'engine'")
    op.add_column("drafts", sa.Column("saved", sa.Integer(), server_default="0", nullable=False))
    op.add_column("drafts", sa.Column("cached", sa.Integer(), server_default="0", nullable=False))
    op.add_column("drafts", sa.Column("hter", sa.Float(), nullable=True))
    op.add_column("drafts", sa.Column("chrf", sa.Float(), nullable=True))
    op.add_column("drafts", sa.Column("seconds", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("drafts") as batch_op:
        for name in ("seconds", "chrf", "hter", "cached", "saved"):
            batch_op.drop_column(name)
    with op.batch_alter_table("draft_segments") as batch_op:
        batch_op.drop_column("machine")
