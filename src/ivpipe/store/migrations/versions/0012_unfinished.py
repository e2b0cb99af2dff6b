"""unfinished: attempts that began and never ended, so that a page that kills its worker is noticed"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TABLES = ("articles", "pictures")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("unfinished", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for table in reversed(_TABLES):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("unfinished")
