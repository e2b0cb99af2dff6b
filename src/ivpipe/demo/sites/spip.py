"""L'Autre Étiage: an invented French review on SPIP 4."""

from __future__ import annotations

from typing import ClassVar

from ivpipe.demo.sites.site import Response, Site, slugify
from ivpipe.demo.sites.texts import Article, french


class Etiage(Site):
    """Everything is ``spip.php?…``: ``article12``, ``rubrique2``, ``auteur3``, ``page=backend``."""

    slug = "etiage"
    name = "L’Autre Étiage"
    tagline = "Revue de ce qui affleure"
    lang = "fr"
    robots = "User-agent: *\nDisallow: /local/\nDisallow: /ecrire/\nDisallow: /plugins/\nDisallow: /prive/\n"
    link_attributes: ClassVar = {"class": "spip_out", "rel": "external"}

    def typeset(self, text: str) -> str:
        """SPIP knows only one width of no-break space."""
        return french(text, thin="\u00a0")

    def url(self, article: Article) -> str:
        """SPIP's plain address."""
        return f"{self.base_url}/spip.php?{article.slug}"

    def picture_url(self, file: str) -> str:
        """Where SPIP keeps documents."""
        return f"{self.base_url}/IMG/jpg/{file}"

    @property
    def sections(self) -> list[str]:
        """The sections; section N is ``rubriqueN``."""
        return sorted({article.section for article in self.articles})

    @property
    def people(self) -> list[str]:
        """The authors; author N is ``auteurN``."""
        return sorted({name for article in self.articles for name in article.authors})

    def translations(self, article: Article) -> list[Article]:
        """The article and its translations, by id; empty where there is only one."""
        origin = article.translation_of or article.slug
        family = [other for other in self.articles if origin in (other.slug, other.translation_of)]
        return sorted(family, key=lambda other: other.id) if len(family) > 1 else []

    def respond(self, path: str, query: str) -> Response:
        """SPIP's routes; what comes after the first ``&`` (``lang=fr``, ``var_mode=calcul``) changes nothing here."""
        head, _, file = path.rpartition("/")
        if path == "/robots.txt":
            return self.robots_txt()
        if path == "/local/style.css":
            return self.style()
        if head in ("/IMG/jpg", "/IMG/logo"):
            return self.picture(file)
        if path not in ("/", "/spip.php"):
            return self.not_found()
        wanted = query.split("&")[0]
        if wanted in ("", "page=sommaire"):
            return self.list_page("Derniers articles", self.listed)
        if wanted == "page=backend":
            return self.feed("text/xml; charset=utf-8")
        if wanted == "page=apropos":
            return self.about_page()
        for article in self.articles:
            if wanted == article.slug:
                return self.article_page(article)
        for kind, names in (("rubrique", self.sections), ("auteur", self.people)):
            number = wanted.removeprefix(kind)
            if wanted.startswith(kind) and number.isascii() and number.isdigit() and 0 < int(number) <= len(names):
                name = names[int(number) - 1]
                return self.list_page(name, (a for a in self.listed if name in (a.section, *a.authors)))
        return self.not_found()

    def finish(self, text: str) -> str:
        """SPIP writes its no-break spaces as entities."""
        return text.replace("\u00a0", "&nbsp;")

    def language_name(self, article: Article) -> str:
        """The article's language, in itself."""
        return {"fr": "français", "es": "Español"}[article.lang]

    def keyword(self, tag: str) -> str:
        """A keyword's CSS class."""
        return slugify(tag)
