"""What an answer is, by what its server calls it and how it begins: only a web page can be read as an article."""

from __future__ import annotations

import re

from ivpipe.sources.found import plain_text

_HEAD = 200_000
_MAGIC = {
    b"%PDF": "a PDF file",
    b"%!PS": "a PostScript file",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"RIFF": "a picture, a film or sound",
    b"\x00\x00\x00": "a film, or another binary file",
    b"ID3": "sound (MP3)",
    b"OggS": "sound or a film (Ogg)",
    b"PK\x03\x04": "a ZIP archive, or an office document",
    b"\xd0\xcf\x11\xe0": "an office document",
    b"{\\rtf": "an office document (RTF)",
    b"\x1f\x8b": "a compressed file",
    b"wOF": "a font",
}
_NOT_A_PAGE = re.compile(
    r"^\s*(?:image|audio|video|font)/|^\s*text/(?!xml)|pdf|zip|octet-stream|javascript|[/+]json|rss\+xml|atom\+xml",
    re.I,
)
_PROLOG = re.compile(
    r"(?:\s++|<\?[^<>]*+>|<!--.{0,100000}?-->|<!doctype(?!\s+html)[^<>\[]*+(?:\[[^\]]{0,100000}+\]\s*+)?>)*+",
    re.I | re.S,
)
_ROOT = re.compile(r"<([a-z_][\w.:-]{0,60})", re.I)
_ROOTS = {
    "rss": "an RSS feed",
    "rdf:rdf": "an RSS feed",
    "feed": "an Atom feed",
    "urlset": "a sitemap",
    "sitemapindex": "an index of sitemaps",
    "opml": "a list of feeds (OPML)",
    "svg": "a drawing (SVG)",
}
_HTML_ROOTS = frozenset(
    "html head body title meta link script style div main article section header p h1 h2 table center a span img".split()
)
_JSON = re.compile(r"\s*(?:\[\s*)?\{\s*\"[^\"]{0,200}\"\s*:|\s*\[\s*\]\s*$|\s*\{\s*\}\s*$")
# Cloudflare, DataDome, HUMAN, Imperva, AWS, Anubis; not what these put into ordinary pages.
_CAPTCHA = re.compile(
    r"_cf_chl_opt|id=[\"']?challenge-(?:form|error-text)|geo\.captcha-delivery\.com/|id=[\"']?px-captcha|window\.gokuProps"
    r"|incapsula incident id|id=[\"']?anubis_challenge|sgcaptcha/\?",
    re.I,
)
_CAPTCHA_TITLE = re.compile(
    r"<title>\s*(?:captcha|just a moment\.{3}|attention required!|are you a robot\?|human verification|robot or human\?"
    r"|vérification humaine)",
    re.I,
)
_MARKUP = re.compile(r"<[a-z!/?]", re.I)


def not_a_page(page: bytes | str, content_type: str) -> str:
    """Say in words what an answer is that is no HTML page: "an RSS feed", "a PDF file" …; "" where it may be one.

    ``content_type`` is its header, "" where that is not known. Looks at the beginning only, unless it holds no markup.
    """
    if isinstance(page, bytes):
        for magic, name in _MAGIC.items():
            if page.startswith(magic):
                return name
        # In UTF-16 and UTF-32 every other character would be a zero.
        text = page[:_HEAD].lstrip(b"\xef\xbb\xbf\xff\xfe\x00").replace(b"\x00", b"").decode("latin-1")
    else:
        text = page[:_HEAD].lstrip("\ufeff")
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    root = _ROOT.match(text, start)
    name = root[1].lower() if root else ""
    if name in _ROOTS:
        return _ROOTS[name]
    if name and name not in _HTML_ROOTS and text.lstrip().startswith("<?xml"):
        return f"an XML document <{name}>"
    if "html" not in content_type.lower() and _NOT_A_PAGE.search(content_type):
        return content_type.partition(";")[0].strip()[:100]
    if not root and _JSON.match(text):
        return "JSON"
    if text.strip() and not _MARKUP.search(text) and len(page) <= _HEAD:
        return "text without markup"
    return ""


def asks_for_a_human(page: bytes | str, *, titled: bool) -> bool:
    """Whether a page holds what only the pages do that services put before a site until a captcha is solved.

    ``titled``: its title counts as well; articles about captchas may have the same.
    """
    head = page[:_HEAD] if isinstance(page, str) else page[:_HEAD].decode("latin-1")
    return bool(_CAPTCHA.search(head) or (titled and _CAPTCHA_TITLE.search(head)))


def looks_like(body: bytes) -> str:
    """Say in words what an unexpected answer looks like."""
    head = body[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    start = head[:1000].lower()
    if not head:
        return "an empty answer"
    if start.startswith((b"<!doctype html", b"<html")) or b"<html" in start:
        title = re.search(rb"(?is)<title[^<>]*>([^<]{1,300})", head)
        named = plain_text(title[1].decode("utf-8", "replace"), 100) if title else ""
        return f"an HTML page titled “{named}”" if named else "an HTML page"
    if start.startswith((b"{", b"[")):
        return "JSON"
    if start.startswith(b"%pdf"):
        return "a PDF file"
    if start.startswith(b"<"):
        root = re.search(rb"<([a-z_][\w.:-]{0,60})", start)
        return f"an XML document <{root[1].decode('ascii', 'replace')}>" if root else "an XML document"
    if re.search(rb"[\x00-\x08\x0e-\x1f]", head[:1000]):
        return "a binary file"
    return f"text beginning “{plain_text(head[:200].decode('utf-8', 'replace'), 60)}”"
