"""HTML, Documents and segments: pure functions."""
