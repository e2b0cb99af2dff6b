"""The desk: the web application in which people choose, translate and approve."""
