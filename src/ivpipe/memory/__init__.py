"""The translation memory: approved segment pairs, found again by their exact source, by likeness, or by a word in them.

``exact`` is what a draft is filled from; ``fuzzy`` what a translator is shown; ``concordance`` what a translator asks for;
``bulk`` goes in and out by the million.
"""

from ivpipe.memory.bulk import Added, Batch, MemoryCount, add_batch, add_units, batches, counts, stored_units
from ivpipe.memory.concordance import Found, concordance
from ivpipe.memory.exact import in_context, recall, remember, remembered
from ivpipe.memory.fuzzy import Match, lookup

__all__ = [
    "Added",
    "Batch",
    "Found",
    "Match",
    "MemoryCount",
    "add_batch",
    "add_units",
    "batches",
    "concordance",
    "counts",
    "in_context",
    "lookup",
    "recall",
    "remember",
    "remembered",
    "stored_units",
]
