"""The demo's three partner sites: the texts are in ``<site>/articles``, each CMS's habits in ``<site>/templates``."""
