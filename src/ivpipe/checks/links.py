"""Web and e-mail addresses written out in the text are kept."""

from __future__ import annotations

from collections.abc import Iterator

from ivpipe.checks import CheckContext, Finding, SegmentPair
from ivpipe.checks.reading import LINK, is_blank, readable
from ivpipe.model.translation import Severity

_PUNCTUATION = tuple(".,;:!?…'’*]")


def check(pair: SegmentPair, context: CheckContext) -> Iterator[Finding]:  # noqa: ARG001
    """Warning: an address of the source does not stand in the target."""
    if is_blank(pair.target):
        return
    kept = set(addresses(readable(pair.target)))
    for address in dict.fromkeys(addresses(readable(pair.source))):
        if address not in kept:
            yield Finding("links", Severity.WARNING, f"The address {address} of the source is missing or changed.")


def addresses(text: str) -> Iterator[str]:
    """The bare addresses in a text, without the punctuation after them."""
    for match in LINK.finditer(text):
        address = match[0]
        while address[-1:] in _PUNCTUATION or (address[-1:] == ")" and address.count("(") < address.count(")")):
            address = address[:-1]
        yield address
