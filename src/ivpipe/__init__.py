"""ivpipe: from a partner's article to a published translation."""

__version__ = "0.10.0"
