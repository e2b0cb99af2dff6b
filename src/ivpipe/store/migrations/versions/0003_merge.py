"""What a changed source does to segments: kept, marked, suggested anew"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("draft_segments", sa.Column("change", sa.String(length=16), server_default="none", nullable=False))
    op.add_column("draft_segments", sa.Column("old_source", sa.Text(), server_default="", nullable=False))
    op.add_column("draft_segments", sa.Column("suggestion", sa.Text(), server_default="", nullable=False))
    op.add_column("translations", sa.Column("prepared_document_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("translations") as batch_op:
        batch_op.drop_column("prepared_document_id")
    with op.batch_alter_table("draft_segments") as batch_op:
        batch_op.drop_column("suggestion")
        batch_op.drop_column("old_source")
        batch_op.drop_column("change")
