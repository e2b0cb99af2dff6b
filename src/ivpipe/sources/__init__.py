"""Partner sites: their specs, discovery, polite fetching, extraction."""
