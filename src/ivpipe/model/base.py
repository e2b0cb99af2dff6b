"""What all mapped classes share: the declarative base, UTC times, and columns for work that is claimed and retried."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Enum, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from ivpipe.model.document import Document


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; SQLite, which forgets zones, gets naive UTC and gives aware UTC back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json = JSON().with_variant(JSONB(), "postgresql")


class DocumentJson(TypeDecorator[Document]):
    """A Document value stored as JSON."""

    impl = Json
    cache_ok = True

    def process_bind_param(self, value: Document | None, dialect: Dialect) -> Any:
        return None if value is None else value.to_dict()

    def process_result_value(self, value: Any, dialect: Dialect) -> Document | None:
        return None if value is None else Document.from_dict(value)


class Base(DeclarativeBase):
    """The declarative base; constraint names are fixed so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012
        datetime: UtcDateTime(),
        str: Text(),
        dict[str, Any]: Json,
        list[Any]: Json,
        StrEnum: Enum(
            StrEnum, native_enum=False, length=16, values_callable=lambda kind: [item.value for item in kind]
        ),
    }


class Work:
    """Columns of a row that a worker claims by lease and that may have to be tried again.

    A row is due when ``retry_at`` is past or empty and no lease runs. A worker that dies leaves its lease to run out.
    ``last_error`` says in a person's words why the last attempt failed; ``attempts`` counts failures since a success.
    """

    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    retry_at: Mapped[datetime | None]
    lease_owner: Mapped[str] = mapped_column(String(64), default="")
    lease_until: Mapped[datetime | None]


class Risky(Work):
    """Work with what a stranger sent, which may end the process that looks at it.

    ``unfinished``: attempts that were noted before they began and whose end was never noted, since the last whose end was.
    """

    unfinished: Mapped[int] = mapped_column(default=0)
