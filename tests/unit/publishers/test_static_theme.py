"""Themes: a person's templates over ours, file by file, and what is said where one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.unit.publishers.sites import BASE, STRIKE, check_whole, site_in, tree_of, words

from ivpipe.errors import PublishError
from ivpipe.publishers import Finding
from ivpipe.publishers.static_site import StaticSiteSettings


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    folder = tmp_path / "theme"
    folder.mkdir()
    return folder


def test_a_template_replaces_ours_or_builds_on_it(tmp_path: Path, theme: Path) -> None:
    (theme / "not_found.html").write_text("<!doctype html><title>{{ site.title }}</title><p>Gone.</p></html>\n")
    (theme / "article.html").write_text(
        '{% extends "ivpipe/article.html" %}\n{% block foot %}<p>Printed on {{ page.partner }}</p>{% endblock %}\n'
    )
    (theme / "static").mkdir()
    (theme / "static/site.css").write_text("body { color: red }")
    (theme / "static/logo.svg").write_bytes(b"\xff\x00 any bytes")
    site_in(tmp_path, theme=str(theme)).upsert(STRIKE.key, STRIKE)
    folder = tmp_path / "site"
    assert (folder / "404.html").read_text() == "<!doctype html><title>The Ferry</title><p>Gone.</p></html>\n"
    page = tree_of(folder / "en/the-cranes-stand-still.html")
    assert words(page.find(".//footer[@class='foot']/p")) == "Printed on La Semaine"
    assert words(page.find(".//h1")) == "The cranes stand still"
    assert (folder / "static/site.css").read_text() == "body { color: red }"
    assert (folder / "static/logo.svg").read_bytes() == b"\xff\x00 any bytes"


def test_a_changed_theme_writes_the_site_anew(tmp_path: Path, theme: Path) -> None:
    site_in(tmp_path, theme=str(theme)).upsert(STRIKE.key, STRIKE)
    (theme / "teaser.html").write_text(
        "{% macro teaser(entry, lang, root) %}<li>My {{ entry.title|plain }}</li>{% endmacro %}"
        "{% macro row(entry, root) %}<li>My {{ entry.title|plain }}</li>{% endmacro %}"
    )
    site_in(tmp_path, theme=str(theme)).upsert(STRIKE.key, STRIKE)
    assert words(tree_of(tmp_path / "site/index.html").find(".//ol/li")) == "My The cranes stand still"


@pytest.mark.parametrize(
    ("template", "text", "fault"),
    [
        (
            "article.html",
            "one\n{{ page.titel }}\n",
            "article.html, line 2: 'ivpipe.model.page.Page object' has no attribute",
        ),
        ("article.html", "{% if page %}\n\n{% endfor %}", "article.html, line 3: Encountered unknown tag 'endfor'"),
        ("article.html", "\n{{ page.document.title|nofilter }}", "article.html, line 2: No filter named 'nofilter'"),
        ("article.html", "\n\n{% include 'gone.html' %}", "article.html, line 3: gone.html"),
        ("teaser.html", "{% macro teaser(entry) %}{% endmacro %}", "list.html, line 20: the template 'teaser.html'"),
        ("feed.xml", "\n{{ 1 // 0 }}", "feed.xml, line 2: "),
        ("layout.html", '{% extends "layout.html" %}', "layout.html, line 1: maximum recursion"),
    ],
)
def test_a_bad_template_is_named_with_its_line(
    tmp_path: Path, theme: Path, template: str, text: str, fault: str
) -> None:
    (theme / template).write_text(text)
    with pytest.raises(PublishError) as caught:
        site_in(tmp_path, theme=str(theme)).upsert(STRIKE.key, STRIKE)
    assert fault in caught.value.message
    if fault.startswith(template):
        assert caught.value.message.startswith(f"{theme / template}, line ")
        assert caught.value.advice == "mend the template of your theme, or take it away to have ours again"
    assert not caught.value.retryable
    (theme / template).unlink()
    site_in(tmp_path, theme=str(theme)).upsert(STRIKE.key, STRIKE)
    check_whole(tmp_path / "site")


def test_check_finds_bad_templates_and_strange_names(tmp_path: Path, theme: Path) -> None:
    (theme / "article.html").write_text("{% if %}")
    (theme / "artical.html").write_text("fine")
    findings = site_in(tmp_path, theme=str(theme)).check()
    assert [(finding.severity, finding.what) for finding in findings] == [
        ("ok", f"the folder {tmp_path / 'site'} can be written to"),
        ("error", f"{theme}/article.html, line 1: Expected an expression, got 'end of statement block'"),
        ("warning", "artical.html replaces no template of ours"),
    ]
    for file in theme.iterdir():
        file.unlink()
    assert site_in(tmp_path, theme=str(theme)).check()[1:] == [Finding("ok", f"the theme {theme} can be read")]


def test_a_theme_is_looked_for_in_the_project(tmp_path: Path, theme: Path) -> None:
    values = {"base_url": BASE, "theme": "theme"}
    assert StaticSiteSettings.model_validate(values, context={"home": tmp_path}).theme == str(theme)
    with pytest.raises(ValidationError, match="there is no folder"):
        StaticSiteSettings.model_validate(values, context={"home": tmp_path / "other"})
