"""The translation memory: approved segment pairs, found again by their exact source, by likeness, or by a word in them.

``exact`` is what a draft is filled from; ``fuzzy`` what a translator is shown; ``concordance`` what a translator asks for;
``bulk`` goes in and out by the million.
"""

from ivpipe.memory.bulk import Added, MemoryCount, add_units, counts, finish_import, stored_units
from ivpipe.memory.concordance import Found, concordance
from ivpipe.memory.exact import in_context, recall, remember, remembered
from ivpipe.memory.fuzzy import Match, lookup

__all__ = [
    "Added",
    "Found",
    "Match",
    "MemoryCount",
    "add_units",
    "concordance",
    "counts",
    "finish_import",
    "in_context",
    "lookup",
    "recall",
    "remember",
    "remembered",
    "stored_units",
]
