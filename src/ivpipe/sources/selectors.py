"""Field rules of a source spec: ``css:``, ``xpath:``, ``meta:``, ``jsonld:``."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lxml import etree
from lxml.cssselect import CSSSelector, SelectorError
from lxml.html import HtmlElement

from ivpipe.sources.jsonld import json_texts
from ivpipe.sources.metadata import PageMetadata

KINDS = ("css", "xpath", "meta", "jsonld")


def check_rule(rule: str) -> str:
    """Return the rule if it can be used. Raises ValueError saying what is wrong."""
    kind, _, argument = rule.partition(":")
    if kind not in KINDS or not argument.strip():
        raise ValueError(f"{rule!r}: begin it with one of " + ", ".join(f"{kind}:" for kind in KINDS))
    if kind in ("css", "xpath"):
        compiled(rule)
    return rule


def check_element_rule(rule: str) -> str:
    """Like ``check_rule``, for fields that need elements of the page."""
    if not rule.startswith(("css:", "xpath:")):
        raise ValueError(f"{rule!r}: begin it with css: or xpath:")
    return check_rule(rule)


@lru_cache(maxsize=2000)
def compiled(rule: str) -> etree.XPath:
    """The rule's selector as a callable. Raises ValueError where its syntax is wrong."""
    kind, _, argument = rule.partition(":")
    try:
        return CSSSelector(argument.strip(), translator="html") if kind == "css" else etree.XPath(argument.strip())
    except (SelectorError, etree.XPathError, ValueError) as error:
        raise ValueError(f"{rule!r}: {error}") from None


def find_elements(root: HtmlElement, rules: tuple[str, ...]) -> list[HtmlElement]:
    """The elements of the first rule that matches any, in page order, none inside another."""
    for rule in rules:
        if not rule.startswith(("css:", "xpath:")):
            continue
        found = [one for one in _matches(root, rule) if isinstance(one, etree._Element)]
        if found:
            chosen = set(found)
            return [one for one in found if not any(up in chosen for up in one.iterancestors())]
    return []


def find_values(page: PageMetadata, rules: tuple[str, ...]) -> list[HtmlElement | str]:
    """What the first rule that finds something finds: elements, or texts."""
    for rule in rules:
        kind, _, argument = rule.partition(":")
        argument = argument.strip()
        values: list[HtmlElement | str]
        if kind == "meta":
            values = list(page.meta.get(argument.lower(), ()))
        elif kind == "jsonld":
            value: Any = page.jsonld
            for key in argument.split("."):
                value = (
                    [one.get(key) for one in value if isinstance(one, dict)]
                    if isinstance(value, list)
                    else value.get(key)
                    if isinstance(value, dict)
                    else None
                )
            values = list(json_texts(value))
        else:
            values = [one if isinstance(one, etree._Element) else str(one) for one in _matches(page.root, rule)]
        if values:
            return values
    return []


def _matches(root: HtmlElement, rule: str) -> list[Any]:
    try:
        found = compiled(rule)(root)
    except etree.XPathError as error:
        raise ValueError(f"{rule!r}: {error}") from None
    return found if isinstance(found, list) else [found] if found else []
