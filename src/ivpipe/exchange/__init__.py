"""Files that other translation tools read and write: TMX, the exchange of translation memories."""
