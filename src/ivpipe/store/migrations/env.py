"""Alembic's environment: runs on the connection that ``Store.migrate`` hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Enum
from sqlalchemy.types import TypeDecorator

from ivpipe.model import Base


def _plain_types(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our own column types as what the database sees, so that a migration never depends on later code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        inner = repr(item.impl)
        return "sa.DateTime(timezone=True)" if "DateTime" in inner else _JSON
    if kind == "type" and repr(item).startswith("JSON"):
        return _JSON
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


_JSON = "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_plain_types,
)
with context.begin_transaction():
    context.run_migrations()
