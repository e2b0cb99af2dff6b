"""Publishing in a SPIP 4 site."""
