"""editions: the magazine's numbers, and which one an article belongs to"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("number", name=op.f("uq_editions_number")),
    )
    with op.batch_alter_table("translations") as batch_op:
        batch_op.add_column(sa.Column("edition_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_translations_edition_id_editions"), "editions", ["edition_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("translations") as batch_op:
        batch_op.drop_constraint(op.f("fk_translations_edition_id_editions"), type_="foreignkey")
        batch_op.drop_column("edition_id")
    op.drop_table("editions")
