"""What is known of content management systems: how to tell them, and where their usual themes put things.

A hint is a CSS selector that is tried before generic detection; where it matches nothing, or next to nothing, the
page's theme is another and generic detection decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from lxml import etree
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from ivpipe.sources.metadata import PageMetadata


@dataclass(frozen=True)
class Platform:
    """A CMS: ``name`` as in specs; ordered selectors per field."""

    name: str
    body: tuple[str, ...] = ()
    standfirst: tuple[str, ...] = ()
    kicker: tuple[str, ...] = ()
    postscript: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()


SPIP = Platform(
    "spip",
    body=("[class*='article-texte-']", ".article .texte", "#contenu .texte", ".content .texte", "div.texte"),
    standfirst=(
        "[class*='article-chapo-']",
        ".cartouche .chapo",
        ".article .chapo",
        "div.chapo",
        "p.chapo",
        ".entry-content.chapo",
    ),
    kicker=("[class*='article-surtitre-']", ".cartouche .surtitre", ".surtitre"),
    postscript=("[class*='article-ps-']", "div.ps"),
    strip=(".lire_aussi", ".liste.articles", ".repondre", ".formulaire_spip", ".nettoyeur", ".cs_sommaire", ".notebox"),
)
WORDPRESS = Platform(
    "wordpress",
    body=(
        "article .entry-content",
        ".single .entry-content",
        ".entry-content",
        ".wp-block-post-content",
        ".post-content",
        ".td-post-content",
    ),
    kicker=(".entry-kicker", ".surtitre"),
    strip=(
        ".sharedaddy",
        ".jp-relatedposts",
        ".addtoany_share_save_container",
        ".yarpp-related",
        ".wp-block-buttons",
        ".post-navigation",
    ),
)
DRUPAL = Platform(
    "drupal",
    body=(".field--name-body", ".field-name-body", ".node__content", "article.node .content"),
    standfirst=(
        ".field--name-field-chapo",
        ".field-name-field-chapo",
        ".field--name-field-standfirst",
        ".field--name-field-teaser",
        ".field--name-field-summary",
    ),
    kicker=(".field--name-field-surtitre", ".field-name-field-surtitre", ".field--name-field-kicker"),
    strip=(".links.inline", ".node__links", ".field--name-field-tags"),
)
GENERIC = Platform("generic")
_BY_NAME = {platform.name: platform for platform in (SPIP, WORDPRESS, DRUPAL, GENERIC)}


def platform_named(name: str) -> Platform:
    """The platform a spec names."""
    return _BY_NAME[name]


def detect_platform(page: PageMetadata) -> Platform:
    """Tell the CMS by its ``generator`` and by markup that no other writes."""
    for content in page.meta.get("generator", ()):
        for platform in (SPIP, WORDPRESS, DRUPAL):
            if re.search(platform.name, content, re.I) and "plugin" not in content.lower():
                return platform
    links = [link.get("href") or "" for link in page.elements["link"]]
    if any("spip.php?page=backend" in link for link in links) or (
        page.may_have("spip_", "crayon article-") and _SPIP_MARKS(page.root)
    ):
        return SPIP
    if any("/wp-content/" in link or "wp-json" in link for link in links):
        return WORDPRESS
    if any("drupal-" in (script.get("data-drupal-selector") or "") for script in page.elements["script"]) or (
        page.may_have("field--name-") and _DRUPAL_MARKS(page.root)
    ):
        return DRUPAL
    return GENERIC


_SPIP_MARKS = etree.XPath("boolean(//*[contains(@class, 'spip_')] | //*[contains(@class, 'crayon article-')])")
_DRUPAL_MARKS = etree.XPath("boolean(//*[contains(@class, 'field--name-')])")


def select(page: PageMetadata, selectors: tuple[str, ...]) -> list[HtmlElement]:
    """What the first selector that matches anything matches in what is left of the page."""
    for selector in selectors:
        matches, classes = _compiled(selector)
        found = matches(page.root) if all(page.may_have(one) for one in classes) else None
        if isinstance(found, list) and found:
            return [one for one in found if isinstance(one, HtmlElement)]
    return []


@cache
def _compiled(selector: str) -> tuple[CSSSelector, list[str]]:
    """A hint's selector, and the classes, or parts of classes, without which it matches nothing."""
    return CSSSelector(selector, translator="html"), re.findall(r"(?:\.|class\*=')([\w-]+)", selector.lower())
