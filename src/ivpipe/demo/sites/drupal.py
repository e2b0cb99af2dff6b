"""Le Samedi des Faubourgs: an invented French weekly on Drupal 10."""

from __future__ import annotations

from ivpipe.demo.sites.site import Response, Site, redirect, slugify
from ivpipe.demo.sites.texts import Article, french

SECTIONS = {"International": "actualite/international", "Société": "actualite/societe"}


class Faubourgs(Site):
    """Path aliases by section, ``/node/N`` behind them, one RSS feed at ``/rss.xml``."""

    slug = "faubourgs"
    name = "Le Samedi des Faubourgs"
    tagline = "L’hebdomadaire de celles et ceux qui habitent en bout de ligne"
    lang = "fr"
    robots = "User-agent: *\nDisallow: /core/\nDisallow: /admin/\nDisallow: /user/\nDisallow: /search/\n"

    def typeset(self, text: str) -> str:
        """Editors type thin no-break spaces here."""
        return french(text)

    def url(self, article: Article) -> str:
        """The path alias, absolute."""
        return f"{self.base_url}/{SECTIONS[article.section]}/{article.slug}"

    def path(self, article: Article) -> str:
        """The path alias, as Drupal writes links."""
        return f"/{SECTIONS[article.section]}/{article.slug}"

    def section_path(self, section: str) -> str:
        """A section's page."""
        return f"/{SECTIONS[section]}"

    def people_ld(self, article: Article) -> list[dict[str, str]]:
        """The authors as JSON-LD."""
        return [
            {"@type": "Person", "name": name, "url": f"{self.base_url}/auteur/{slugify(name)}"}
            for name in article.authors
        ]

    def picture_url(self, file: str) -> str:
        """The picture in its image style."""
        return f"{self.base_url}/sites/default/files/styles/large/public/images/{file}?itok=kQ7v2Xdz"

    def respond(self, path: str, query: str) -> Response:
        """Drupal's routes."""
        head, _, file = path.rpartition("/")
        if path == "/":
            return self.list_page("À la une", self.listed)
        if path == "/rss.xml":
            return self.feed()
        if path == "/robots.txt":
            return self.robots_txt()
        if path == "/a-propos":
            return self.about_page()
        if path == "/themes/custom/faubourgs/css/style.css":
            return self.style()
        if head in ("/sites/default/files/styles/large/public/images", "/sites/default/files/images"):
            return self.picture(file)
        if head == "/auteur":
            return self.list_page("Articles", (a for a in self.listed if file in map(slugify, a.authors)))
        for article in self.articles:
            if path == self.path(article):
                return self.article_page(article)
            if path == f"/node/{article.id}":
                return redirect(self.url(article))
        return self.list_page("Rubrique", (a for a in self.listed if path == self.section_path(a.section)))
