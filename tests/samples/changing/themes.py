"""Pages as WordPress, SPIP, Drupal and Ghost themes write them: an article, a list, a notice; with all that stands around."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from tests.samples.changing.texts import PIECES, Piece

BANNER = (
    '<div id="cookie-banner" class="cmp-banner" role="dialog"><p>We use cookies to measure our audience. You may accept or '
    'refuse them.</p><button>Accept all</button><button>Refuse all</button><a href="/privacy">Privacy</a></div>'
)


def paragraphs(texts: Iterable[str]) -> str:
    return "\n".join(f"<p>{escape(text)}</p>" for text in texts)


def _head(title: str, piece: Piece, more: str = "", *, kind: str = "article", url: str = "") -> str:
    canonical = f'<link rel="canonical" href="{url}"><meta property="og:url" content="{url}">' if url else ""
    return (
        f'<meta charset="utf-8"><title>{escape(title)}</title><meta name="viewport" content="width=device-width">'
        f'<meta property="og:site_name" content="{escape(piece.site)}"><meta property="og:type" content="{kind}">'
        f'<meta property="og:title" content="{escape(title)}">{canonical}{more}'
        '<link rel="stylesheet" href="/theme/style.css"><script src="/theme/app.js"></script>'
    )


def _nav(piece: Piece) -> str:
    return (
        f'<header class="site-header"><div class="site-branding"><a href="/">{escape(piece.site)}</a></div><nav class="main-menu"><ul>'
        '<li><a href="/politics">Politics</a></li><li><a href="/culture">Culture</a></li><li><a href="/about">About</a></li>'
        '<li><a href="/login">Login</a></li></ul></nav><form role="search"><input type="search" name="s"><button>OK</button></form></header>'
    )


def _footer(piece: Piece) -> str:
    return (
        f'<footer class="site-footer"><p>© 2026 {escape(piece.site)}. All rights reserved.</p><ul><li><a href="/imprint">Imprint</a></li>'
        f'<li><a href="/privacy">Privacy</a></li></ul></footer>{BANNER}<script>window.dataLayer=[];</script>'
    )


def _related(piece: Piece) -> str:
    others = [other for other in PIECES.values() if other.lang != piece.lang][:3]
    items = "".join(f'<li><h3><a href="{other.slug}">{escape(other.title)}</a></h3></li>' for other in others)
    return f'<section class="related-posts"><h2>Related</h2><ul>{items}</ul></section>'


def wordpress(
    piece: Piece, body: str | None = None, *, title: str = "", lead: str = "", url: str = "", head: str = ""
) -> str:
    title, body = title or piece.title, paragraphs(piece.paragraphs) if body is None else body
    return (
        f'<!DOCTYPE html><html lang="{piece.lang}"><head>{_head(f"{title} - {piece.site}", piece, head, url=url)}</head>'
        '<body class="post-template-default single single-post postid-871 single-format-standard wp-theme-harbour">'
        f'{_nav(piece)}<main id="primary" class="site-main"><article id="post-871" class="post-871 post type-post status-publish hentry category-news">'
        f'<header class="entry-header"><h1 class="entry-title">{escape(title)}</h1><div class="entry-meta"><span class="byline">'
        f'<a rel="author" href="/author/x">{escape(piece.author)}</a></span> <time class="entry-date" datetime="2026-06-30T08:00:00+02:00">30/06/2026</time></div></header>'
        f'<div class="entry-content"><p class="lead"><strong>{escape(lead or piece.lead)}</strong></p>{body}</div></article>{_related(piece)}</main>'
        f"{_footer(piece)}</body></html>"
    )


def spip(
    piece: Piece, body: str | None = None, *, title: str = "", lead: str = "", url: str = "", head: str = ""
) -> str:
    title, body = title or piece.title, paragraphs(piece.paragraphs) if body is None else body
    return (
        f'<!DOCTYPE html><html class="page_article ltr {piece.lang} no-js" lang="{piece.lang}"><head>'
        f"{_head(f'{title} - {piece.site}', piece, head + '<meta name=generator content=&quot;SPIP 4.4&quot;>', kind='website', url=url)}</head>"
        f'<body id="top" class="pas_surlignable page_article"><div class="page">{_nav(piece)}<p id="hierarchie"><a href="/">{escape(piece.site)}</a> &gt; <a href="/monde">Monde</a></p>'
        f'<div class="main"><div class="wrapper hfeed"><div class="content hentry" id="content"><div class="cartouche"><h1 class="crayon entry-title">{escape(title)}</h1>'
        f'<p class="info-publi"><abbr class="published" title="2026-06-30T06:00:00Z">mardi 30 juin 2026</abbr>, <span class="auteurs">par <a href="/auteur7">{escape(piece.author)}</a></span></p></div>'
        f'<div class="crayon article-chapo-871 chapo"><p>{escape(lead or piece.lead)}</p></div><div class="crayon article-texte-871 texte entry-content">{body}</div></div></div>'
        f'<div class="aside">{_related(piece)}</div></div>{_footer(piece)}</div></body></html>'
    )


def drupal(
    piece: Piece, body: str | None = None, *, title: str = "", lead: str = "", url: str = "", head: str = ""
) -> str:
    title, body = title or piece.title, paragraphs(piece.paragraphs) if body is None else body
    return (
        f'<!DOCTYPE html><html lang="{piece.lang}" dir="ltr"><head>{_head(f"{title} | {piece.site}", piece, head, url=url)}</head>'
        f'<body class="path-node page-node-type-article"><div class="dialog-off-canvas-main-canvas">{_nav(piece)}<main role="main"><div class="layout-content">'
        f'<div class="block block-page-title"><h1 class="title page-title"><span class="field field--name-title">{escape(title)}</span></h1></div>'
        f'<article class="node node--type-article node--view-mode-full"><footer class="node__meta"><div class="node__submitted">{escape(piece.author)}, <time datetime="2026-06-30T08:00:00+02:00">30.06.2026</time></div></footer>'
        f'<div class="node__content"><div class="field field--name-field-intro"><p>{escape(lead or piece.lead)}</p></div>'
        f'<div class="clearfix text-formatted field field--name-body">{body}</div></div></article></div><aside>{_related(piece)}</aside></main>{_footer(piece)}</div></body></html>'
    )


def ghost(
    piece: Piece, body: str | None = None, *, title: str = "", lead: str = "", url: str = "", head: str = ""
) -> str:
    title, body = title or piece.title, paragraphs(piece.paragraphs) if body is None else body
    jsonld = (
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"Article","publisher":{"@type":"Organization","name":"'
        + piece.site + '"},"headline":"' + title.replace('"', "'") + '","datePublished":"2026-06-30T06:00:00.000Z"}</script>'
    )  # fmt: skip
    return (
        f'<!DOCTYPE html><html lang="{piece.lang}"><head>{_head(title, piece, head + jsonld, url=url)}</head><body class="post-template tag-news">'
        f'<div class="gh-viewport">{_nav(piece)}<main class="gh-main"><article class="gh-article post tag-news"><header class="gh-article-header gh-canvas">'
        f'<h1 class="gh-article-title is-title">{escape(title)}</h1><p class="gh-article-excerpt is-body">{escape(lead or piece.lead)}</p><h4 class="gh-article-author-name">{escape(piece.author)}</h4></header>'
        f'<section class="gh-content gh-canvas is-body">{body}</section></article></main>{_related(piece)}{_footer(piece)}</div></body></html>'
    )


THEMES = {"wordpress": wordpress, "spip": spip, "drupal": drupal, "ghost": ghost}


def front(
    piece: Piece, items: Sequence[Piece], *, theme: str = "wordpress", heading: str = "", section: str = ""
) -> str:
    """The site's front page, or a section's: entries with title and beginning."""
    classes = {
        "wordpress": "home blog wp-theme-harbour" if not section else "archive category category-news",
        "spip": "page_sommaire" if not section else "page_rubrique",
        "drupal": "path-frontpage" if not section else "path-taxonomy",
        "ghost": "home-template" if not section else "tag-template",
        "plain": "",
    }[theme]
    entries = "".join(
        f'<article class="hentry teaser"><h2 class="entry-title"><a href="{item.slug}">{escape(item.title)}</a></h2><p>{escape(item.lead)}</p>'
        f'<p>{escape(item.paragraphs[0])}</p><a class="more" href="{item.slug}">…</a></article>'
        for item in items
    )
    title = f"{section} – {piece.site}" if section else f"{piece.site} – {heading or 'journal'}"
    return (
        f'<!DOCTYPE html><html lang="{piece.lang}"><head>{_head(title, piece, kind="website")}</head><body class="{classes}">{_nav(piece)}'
        f'<main><h1 class="site-title">{escape(section or piece.site)}</h1>{entries}</main>{_footer(piece)}</body></html>'
    )


def notice(
    piece: Piece,
    title: str,
    text: str,
    *,
    heading: str | None = None,
    body: str = "",
    classes: str = "",
    head: str = "",
) -> str:
    """A page of the site's theme that says something else than an article: not found, maintenance …"""
    shown = f"<h1>{escape(title if heading is None else heading)}</h1>" if heading != "" else ""
    return (
        f'<!DOCTYPE html><html lang="{piece.lang}"><head>{_head(f"{title} - {piece.site}", piece, head, kind="website")}</head>'
        f'<body class="{classes}">{_nav(piece)}<main class="content">{shown}<p>{escape(text)}</p>{body}</main>{_footer(piece)}</body></html>'
    )


def bare(title: str, body: str, *, lang: str = "en", head: str = "") -> str:
    """A page without any theme, as servers and services in front of them write them."""
    return f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>{body}</body></html>'
