"""The templates and files a site is made with: our own, and over them, file by file, those of a project's theme folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
)
from jinja2 import TemplateSyntaxError as BadTemplate
from jinja2.bccache import Bucket

from ivpipe.errors import PublishError
from ivpipe.text.html_writer import clean_text

_HERE = Path(__file__).parent
_OURS = _HERE / "templates"


class _Compiled(BytecodeCache):
    """Compiled templates by their content, for all sites of a process."""

    _codes: ClassVar[dict[tuple[str, str], bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if (code := self._codes.get((bucket.key, bucket.checksum))) is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


class Theme:
    """``folder`` may hold templates by the names of ours (``article.html`` …) and ``static/`` with files of any kind.

    A template of the theme can build on ours as ``ivpipe/article.html``. Raises PublishError that names the template's file
    and line.
    """

    def __init__(self, folder: Path | None, target: str) -> None:
        self.folder = folder
        self.target = target
        loaders: list[BaseLoader] = [FileSystemLoader(_OURS), PrefixLoader({"ivpipe": FileSystemLoader(_OURS)})]
        if folder is not None:
            loaders.insert(0, FileSystemLoader(folder))
        self._environment = Environment(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            bytecode_cache=_Compiled(),
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def extend(self, filters: Mapping[str, Callable[..., Any]], values: Mapping[str, Any]) -> None:
        """Give all templates these filters and values."""
        self._environment.filters.update(filters)
        self._environment.globals.update(values)

    def render(self, template: str, **values: Any) -> str:
        """Fill a template. Raises PublishError."""
        try:
            return clean_text(self._environment.get_template(template).render(values))
        except Exception as error:
            raise self._fault(template, error) from error

    @cached_property
    def static(self) -> dict[str, bytes]:
        """The files to copy, by their path in the site."""
        found = {}
        for root in filter(None, (_HERE, self.folder)):
            for path in sorted((root / "static").rglob("*")):
                if path.is_file() and not path.name.startswith("."):
                    found[path.relative_to(root).as_posix()] = path.read_bytes()
        return found

    @cached_property
    def fingerprint(self) -> str:
        """A hash over all templates and files."""
        digest = hashlib.sha256()
        for root in filter(None, (_OURS, self.folder)):
            for path in _templates(root):
                digest.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
        for name, content in self.static.items():
            digest.update(f"{name}\n".encode() + content)
        return digest.hexdigest()

    def problems(self) -> Iterator[str]:
        """What is wrong with the theme's templates, as far as reading them tells."""
        for path in _templates(self.folder) if self.folder is not None else ():
            name = path.relative_to(self.folder).as_posix()  # type: ignore[arg-type]
            try:
                self._environment.get_template(name)
            except Exception as error:
                yield str(self._fault(name, error).message)

    def strangers(self) -> list[str]:
        """Templates of the theme that have the name of none of ours: a slip, or parts that its others include."""
        if self.folder is None:
            return []
        names = [path.relative_to(self.folder).as_posix() for path in _templates(self.folder)]
        return [name for name in names if not (_OURS / name).is_file()]

    def _fault(self, template: str, error: Exception) -> PublishError:
        if isinstance(error, BadTemplate) and error.filename:
            place, line = error.filename, error.lineno
        else:
            place, line = template, 0
            trace = error.__traceback__
            while trace is not None:
                name = trace.tb_frame.f_code.co_filename
                if any(Path(name).is_relative_to(root) for root in (_OURS, self.folder) if root is not None):
                    place, line = name, trace.tb_lineno
                trace = trace.tb_next
        own = self.folder is not None and Path(place).is_relative_to(self.folder)
        reason = (error.message if isinstance(error, TemplateError) else str(error)) or type(error).__name__
        advice = "see whether a template of your theme lacks what this one asks for" if self.folder is not None else ""
        if own:
            advice = "mend the template of your theme, or take it away to have ours again"
        return PublishError(
            f"{place}, line {line}: {reason}" if line else f"{place}: {reason}",
            subject=f"target {self.target}",
            advice=advice,
        )


def _templates(folder: Path) -> list[Path]:
    found = (path for kind in ("*.html", "*.xml") for path in folder.rglob(kind))
    return sorted(path for path in found if path.relative_to(folder).parts[0] != "static")
