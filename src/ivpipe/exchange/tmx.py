"""TMX 1.4, the exchange format of translation memories: reading and writing, unit by unit, files of any size.

What is read is hostile until shown otherwise: entities are refused, nothing is fetched, a unit has a bounded size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, BinaryIO
from xml.sax.saxutils import quoteattr

from lxml import etree

from ivpipe.errors import ExchangeError
from ivpipe.exchange.tmx_text import seg_of, tagged_pair
from ivpipe.model import LanguagePair, MemoryUnit
from ivpipe.model.languages import primary
from ivpipe.text.segments import context_key

_BLOCK = 1 << 16
_UNIT_BYTES = 32 << 20
"""A unit, or whatever stands between two, that is larger than this is no unit."""
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TIME = "%Y%m%dT%H%M%SZ"
_CONTEXT = "x-ivpipe-context"
_NEIGHBOURS = {"prev": 0, "x-context-pre": 0, "next": 1, "x-context-post": 1}
"""How OmegaT and memoQ name the neighbours' texts."""


class TmxReader:
    """The units of a TMX file: ``for unit in TmxReader(file, name, pair)``.

    ``pair``: take this pair only; None takes each unit's source language with each other language it has. Languages
    are told apart by their primary subtags, whatever the region. Afterwards ``units`` counts the ``<tu>`` read,
    ``skipped`` those without both languages or without text, ``untagged`` the pairs whose tags could not be kept.

    Raises ExchangeError, which names the line, where the file is not well formed, not TMX, or hostile; the units before
    that have been given out.
    """

    def __init__(self, file: BinaryIO, name: str, pair: LanguagePair | None = None) -> None:
        self._file = file
        self._name = name
        self._pair = LanguagePair(primary(pair.source), primary(pair.target)) if pair else None
        self._header_lang = ""
        self.units = self.skipped = self.untagged = 0

    def __iter__(self) -> Iterator[MemoryUnit]:
        parser = etree.XMLPullParser(
            events=("end",),
            tag=("{*}tu", "{*}header"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        )
        since = 0
        checked = False
        failure: etree.XMLSyntaxError | None = None
        while failure is None and (block := self._file.read(_BLOCK)):
            try:
                parser.feed(block)
            except etree.XMLSyntaxError as error:
                failure = error
            since += len(block)
            element: Any
            for element in self._ended(parser):
                since = 0
                if not checked:
                    self._check(element.getroottree().getroot())
                    checked = True
                if element.tag.endswith("header"):
                    self._header_lang = element.get("srclang") or ""
                else:
                    yield from self._unit(element)
                element.clear()
                parent = element.getparent()
                if parent is not None:
                    # The siblings before are done with; kept, they would fill the memory.
                    del parent[: parent.index(element)]
            if since > _UNIT_BYTES:
                raise self._error(f"more than {_UNIT_BYTES >> 20} MB without the end of a unit")
        try:
            if failure is not None:
                raise failure
            self._check(parser.close())
        except etree.XMLSyntaxError as error:
            raise self._error(f"not well-formed XML: {error.msg}", error.lineno or 0) from error

    @staticmethod
    def _ended(parser: etree.XMLPullParser) -> Iterator[Any]:
        """The elements that ended in what was fed; after a fault those before it, for the fault is raised apart."""
        events = iter(parser.read_events())
        while True:
            try:
                _, element = next(events)
            except (StopIteration, etree.XMLSyntaxError):
                return
            yield element

    def _check(self, root: Any) -> None:
        if etree.QName(root).localname != "tmx":
            raise self._error(f"the outermost element is <{etree.QName(root).localname}>, not <tmx>", root.sourceline)
        dtd = root.getroottree().docinfo.internalDTD
        if dtd is not None and any(True for _ in dtd.iterentities()):
            raise self._error("it declares entities, which a memory has no need of", 1)

    def _error(self, message: str, line: int = 0) -> ExchangeError:
        return ExchangeError(
            message,
            subject=self._name,
            line=line,
            advice="mend the file and import it again; what is in the memory already is not entered twice",
        )

    def _unit(self, unit: Any) -> Iterator[MemoryUnit]:
        self.units += 1
        sides: dict[str, tuple[Any, Any]] = {}
        neighbours = ["", ""]
        context = ""
        for child in unit:
            kind = _local(child.tag)
            if kind == "tuv":
                lang = _language(child.get(_LANG) or child.get("lang") or "")
                for seg in reversed(child):
                    if lang and _local(seg.tag) == "seg":
                        sides.setdefault(lang, (child, seg))
                        break
            elif kind == "prop":
                name = child.get("type") or ""
                if name == _CONTEXT:
                    context = (child.text or "").strip()[:64]
                elif name in _NEIGHBOURS:
                    neighbours[_NEIGHBOURS[name]] = (child.text or "").replace("<", " ")
        context = context or (context_key(*neighbours) if all(neighbours) else "")
        taken = 0
        for source, target in self._pairs(unit, tuple(sides)):
            (_, source_seg), (tuv, target_seg) = sides[source], sides[target]
            try:
                source_text, target_text, kept = tagged_pair(source_seg, target_seg)
            except ValueError as error:
                raise self._error(str(error), unit.sourceline or 0) from error
            if source_text.strip() and target_text.strip():
                taken += 1
                self.untagged += not kept
                who = tuv.get("changeid") or tuv.get("creationid") or unit.get("changeid") or unit.get("creationid")
                yield MemoryUnit(source, target, source_text, target_text, who or "", _date(tuv, unit), context)
        self.skipped += not taken

    def _pairs(self, unit: Any, langs: tuple[str, ...]) -> list[tuple[str, str]]:
        if self._pair is not None:
            pair = (self._pair.source, self._pair.target)
            return [pair] if set(pair) <= set(langs) and pair[0] != pair[1] else []
        source = unit.get("srclang") or self._header_lang
        if not source or source == "*all*":
            raise self._error(
                "it does not say which language is the source; name the pair with --from and --to",
                unit.sourceline or 0,
            )
        source = _language(source)
        return [(source, lang) for lang in langs if lang != source] if source in langs else []


def _date(tuv: Any, unit: Any) -> datetime | None:
    for element in (tuv, unit):
        for name in ("changedate", "creationdate"):
            if (written := element.get(name)) and (date := _read_date(written)):
                return date
    return None


@lru_cache(4096)
def _read_date(written: str) -> datetime | None:
    try:
        return datetime.strptime(written, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None


def _local(tag: Any) -> str:
    """An element's name without its namespace; "" for a comment."""
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2] if tag[0] == "{" else tag


@lru_cache(1024)
def _language(tag: str) -> str:
    return primary(tag)


def write_tmx(file: BinaryIO, units: Iterable[MemoryUnit], source_lang: str, version: str) -> int:
    """Write units as TMX 1.4, UTF-8; return how many. ``source_lang``: of the whole file, "" where it differs.

    Reading them back gives the same units, but for characters that XML cannot hold and fractions of seconds.
    """
    file.write(
        (
            '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
            f'<header creationtool="ivpipe" creationtoolversion={_attribute(version)} segtype="sentence" o-tmf="ivpipe" '
            f'adminlang="en" srclang={_attribute(source_lang or "*all*")} datatype="html"/>\n<body>\n'
        ).encode()
    )
    count = 0
    for unit in units:
        date = f' changedate="{unit.changed_at.astimezone(UTC):{_TIME}}"' if unit.changed_at else ""
        who = f" changeid={_attribute(unit.translator)}" if unit.translator else ""
        context = f'<prop type="{_CONTEXT}">{seg_of(unit.context)}</prop>' if unit.context else ""
        file.write(
            (
                f"<tu srclang={_attribute(unit.source_lang)}>{context}"
                f"<tuv xml:lang={_attribute(unit.source_lang)}><seg>{seg_of(unit.source)}</seg></tuv>"
                f"<tuv xml:lang={_attribute(unit.target_lang)}{date}{who}><seg>{seg_of(unit.target)}</seg></tuv></tu>\n"
            ).encode()
        )
        count += 1
    file.write(b"</body>\n</tmx>\n")
    return count


def _attribute(value: str) -> str:
    return quoteattr("".join(c for c in value if c.isprintable()))
