"""Decoding a page as browsers do: byte-order mark, Content-Type, ``<meta>``, else what the bytes look like."""

from __future__ import annotations

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([^\s;\"']+)", re.I)
_META = re.compile(rb"<meta\s[^>]{0,500}?charset\s*=\s*[\"']?\s*([^\s;\"'/>]+)", re.I)
_META_WINDOW = 4096
# Labels that the web uses for another encoding than their name says (WHATWG Encoding).
_MEANT = {
    "ascii": "cp1252", "us-ascii": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "gb2312": "gb18030",
    "gbk": "gb18030", "iso8859-9": "cp1254", "tis-620": "cp874", "euc_kr": "cp949", "shift_jis": "cp932",
    "utf-7": "utf-8",
}  # fmt: skip


def decode_page(page: bytes, content_type: str = "") -> str:
    """Return the page as text; bytes that are not of its encoding become U+FFFD."""
    for mark, encoding in _BOMS:
        if page.startswith(mark):
            return page[len(mark) :].decode(encoding, "replace")
    header = _HEADER.search(content_type)
    encoding = _known(header[1]) if header else ""
    if not encoding and (meta := _META.search(page[:_META_WINDOW])):
        encoding = _known(meta[1].decode("ascii", "replace"))
        if encoding.startswith(("utf-16", "utf-32")):
            encoding = "utf-8"  # the <meta> could not have been read otherwise
    if encoding:
        return page.decode(encoding, "replace")
    try:
        return page.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end >= len(page) - 3 and error.start > 0:
            return page.decode("utf-8", "replace")  # cut off in the middle of a character
        return page.decode("cp1252", "replace")


def _known(label: str) -> str:
    """The codec for a label, "" if there is none that makes text of bytes."""
    try:
        info = codecs.lookup(label)
    except (LookupError, ValueError):
        return ""
    name = info.name.lower()
    if not getattr(info, "_is_text_encoding", True) or name in (
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
    ):
        return ""
    return _MEANT.get(name, name)
