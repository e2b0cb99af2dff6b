"""``ivpipe segment``, ``translate``, ``estimate``, and what ``engines`` and ``status`` say of cost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.builders import HARBOUR, add_article
from tests.servers.deepl_stand_in import KEY, DeepLStandIn

from ivpipe.cli import main
from ivpipe.errors import ConfigError
from ivpipe.model import EngineUse
from ivpipe.settings import load_settings
from ivpipe.store import Store
from ivpipe.wiring import open_app

HTML = (
    '<h2>Le titre</h2><p>Il <em>pleut sur <a href="https://x.example/a">les quais</a></em>. On tient.</p>'
    "<ul><li>Un</li></ul><figure><img src='https://x.example/p.jpg' alt='Un quai'><figcaption>La pluie</figcaption></figure>"
)


def run(*words: str, text: str = "") -> Result:
    return CliRunner().invoke(main, words, input=text, catch_exceptions=False)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a project, and no keys."""
    monkeypatch.setenv("IVPIPE_HOME", str(tmp_path))
    for name in ("DEEPL_AUTH_KEY", "OPENAI_API_KEY", "IVPIPE_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def project(nowhere: Path) -> Path:
    config = nowhere / "config"
    (config / "sources").mkdir(parents=True)
    (config / "ivpipe.toml").write_text(
        '[magazine]\nname = "Example"\nlanguages = ["en"]\n'
        '[engines]\norder = ["deepl", "dummy"]\nprices = { deepl = 20.0 }\n'
        '[engines.deepl]\nserver_url = "http://SERVER.example"\n[budget]\nmonthly = 1000\nsoft = 0.2\n',
        encoding="utf-8",
    )
    (config / "sources" / "semaine.toml").write_text(
        'name = "Semaine"\nurl = "https://semaine.example/"\nlanguages = ["fr"]\n'
        '[discovery]\nurls = ["https://semaine.example/feed"]\n',
        encoding="utf-8",
    )
    return nowhere


def aim(project: Path, url: str) -> None:
    file = project / "config" / "ivpipe.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("http://SERVER.example", url), encoding="utf-8")


def lines(result: Result) -> list[tuple[int, int, str, str]]:
    found = [json.loads(line) for line in result.stdout.splitlines()]
    return [(entry["index"], entry["block"], entry["text"], entry["html"]) for entry in found]


def test_segment_prints_the_sentences_of_a_text_paragraph_by_paragraph(nowhere: Path) -> None:
    result = run("segment", "--lang", "fr", text="M. Dupont est là & reste.\r\nIl pleut !\n \n\nDeux, p. ex. ici.\n")
    assert lines(result) == [
        (0, 0, "M. Dupont est là & reste.", "M. Dupont est là &amp; reste."),
        (1, 0, "Il pleut !", "Il pleut !"),
        (2, 1, "Deux, p. ex. ici.", "Deux, p. ex. ici."),
    ]


def test_segment_reads_html_by_option_or_by_name(nowhere: Path) -> None:
    (nowhere / "page.HTML").write_text(HTML, encoding="utf-8")
    expected = [
        (0, 0, "Le titre", "Le titre"),
        (1, 1, "Il pleut sur les quais.", 'Il <em>pleut sur <a href="https://x.example/a">les quais</a></em>.'),
        (2, 1, "On tient.", "On tient."),
        (3, 2, "Un", "Un"),
        (4, 3, "La pluie", "La pluie"),
        (5, 4, "Un quai", "Un quai"),
    ]
    assert lines(run("segment", "--lang", "fr", str(nowhere / "page.HTML"))) == expected
    assert lines(run("segment", "--lang", "fr", "--html", text=HTML)) == expected


@pytest.mark.parametrize("option", [(), ("--html",)])
@pytest.mark.parametrize("text", ["", "\n", " \n\n\n "])
def test_segment_of_nothing_is_nothing(nowhere: Path, option: tuple[str, ...], text: str) -> None:
    result = run("segment", "--lang", "fr", *option, text=text)
    assert (result.exit_code, result.stdout) == (0, "")


def test_input_that_cannot_be_read_is_told(nowhere: Path) -> None:
    (nowhere / "latin").write_bytes("été".encode("latin-1"))
    result = run("segment", "--lang", "fr", str(nowhere / "latin"))
    assert (result.exit_code, "not text in UTF-8" in result.stderr) == (1, True)
    missing = run("segment", "--lang", "fr", str(nowhere / "none.txt"))
    assert (missing.exit_code, "cannot be read: No such file" in missing.stderr) == (1, True)


def test_translate_brings_markup_and_white_space_back_whole(nowhere: Path) -> None:
    html = run("translate", "--from", "fr", "--to", "en", "--engine", "dummy", "--html", text=HTML)
    assert html.stdout == (
        "<h2>[en] Le titre</h2>\n"
        '<p>[en] Il <em>pleut sur <a href="https://x.example/a">les quais</a></em>. [en] On tient.</p>\n'
        "<ul>\n<li>[en] Un</li></ul>\n"
        '<figure><img src="https://x.example/p.jpg" alt="[en] Un quai" loading="lazy" decoding="async"'
        ' referrerpolicy="no-referrer">'
        "<figcaption>[en] La pluie</figcaption></figure>\n"
    )
    text = "Un & deux.  Trois <b>.\n\n\n  \n25 %\nQuatre.\n"
    plain = run("translate", "--from", "fr", "--to", "en", "--engine", "dummy", text=text)
    assert plain.stdout == "[en] Un & deux.  [en] Trois <b>.\n\n\n  \n25 %\n[en] Quatre.\n"


def test_addresses_that_are_relative_to_an_unknown_page_stay_as_they_are(nowhere: Path) -> None:
    figure = '<figure><img src="quay.jpg?a&amp;b" alt=""><figcaption>{}</figcaption></figure>'
    text = (
        f'<p><a href="#n1">Un</a> <a href="java&#10;script:x">deux</a></p>{figure.format("Hier")}{figure.format("Ici")}'
    )
    html = run("translate", "--from", "fr", "--to", "en", "--engine", "dummy", "--html", text=text).stdout
    assert '<p><a href="#n1">[en] Un</a> deux</p>' in html
    assert html.count('<img src="quay.jpg?a&amp;b"') == 2
    assert [f"<figcaption>[en] {caption}</figcaption>" in html for caption in ("Hier", "Ici")] == [True, True]
    first = lines(run("segment", "--lang", "fr", "--html", text=text))[0]
    assert first[2:] == ("Un deux", '<a href="#n1">Un</a> deux')


def test_translate_as_json_tells_segment_by_segment(nowhere: Path) -> None:
    result = run("translate", "--from", "fr-FR", "--to", "en", "--engine", "dummy", "--json", text="Un à 12.")
    assert json.loads(result.stdout) == {
        "engine": "dummy",
        "billed": 0,
        "segments": [
            {
                "index": 0,
                "block": 0,
                "source": "Un à 12.",
                "target": "[en] Un à 12.",
                "engine": "dummy",
                "uncertain": False,
                "problem": "",
            }
        ],
        "text": "[en] Un à 12.",
    }


def test_translate_without_a_usable_engine_says_why_of_each(nowhere: Path) -> None:
    result = run("translate", "--from", "tlh", "--to", "en", text="Heghlu’meH QaQ jajvam.")
    assert result.exit_code == 1
    for reason in (
        "deepl: there is no key",
        "openai: no model is named",
        "libretranslate: ",
        "firefox: ",
        "apertium: ",
    ):
        assert reason in result.stderr
    unknown = run("translate", "--from", "fr", "--to", "en", "--engine", "babel", text="Un.")
    assert (unknown.exit_code, "there is no plug-in 'babel'" in unknown.stderr) == (1, True)


def test_translate_in_a_project_pays_once_and_keeps_to_the_budget(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
    with DeepLStandIn() as service:
        aim(project, service.url)
        before = run("translate", "--from", "fr", "--to", "en", text="Sans base de données.")
        assert (before.stdout, service.count) == ("SANS BASE DE DONNÉES.\n", 21)
        Store(f"sqlite:///{project / 'var' / 'ivpipe.db'}").migrate()
        for _ in range(2):
            assert run("translate", "--from", "fr", "--to", "en", text="Bonjour à tous.").stdout == "BONJOUR À TOUS.\n"
        assert service.count == 21 + 15
        refused = run("translate", "--from", "fr", "--to", "en", text=f"{'Bla ' * 250}.")
        assert refused.exit_code == 1
        assert (
            "of the month's budget of 1,000 characters there is 985 characters left; nothing was sent" in refused.stderr
        )
        assert service.count == 21 + 15
        assert run("translate", "--from", "fr", "--to", "en", "--engine", "dummy", text="Oui.").stdout == "[en] Oui.\n"


def test_estimate_engines_and_status_tell_the_cost(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
    with DeepLStandIn() as service:
        aim(project, service.url)
        store = Store(f"sqlite:///{project / 'var' / 'ivpipe.db'}")
        store.migrate()
        assert run("estimate").stdout == "nothing waits to be drafted\n"
        add_article(store, HARBOUR)
        found = json.loads(run("estimate", "--json").stdout)
        [row] = found["translations"]
        assert (row["article_id"], row["lang"], row["engine"], row["cached"]) == (1, "en", "deepl", 0)
        assert found["total"] == {"billed": row["billed"], "price": 20.0 * row["billed"] / 1_000_000}
        assert found["budget"] == {"unit": "characters", "used": 0.0, "monthly": 1000.0, "left": 1000.0, "over": False}
        assert service.requests == []

        with store.write() as session:
            at = datetime.now(UTC)
            session.add(EngineUse(engine="deepl", segments=1, characters=900, billed=900, at=at))
        told = run("estimate", "1").stdout
        assert "90% of the month's budget used (900 characters of 1,000 characters)" in told
        assert "! that is more than the 100 characters left" in told
        listed = run("engines").stdout.splitlines()
        assert "  this month: 900 characters billed by our own count (0.02 EUR)" in listed
        assert listed[-1] == "90% of the month's budget used (900 characters of 1,000 characters)"
        assert "! 90% of the month's budget used" in run("status").stdout
        assert json.loads(run("status", "--json").stdout)["budget"]["stop"] == "soft"
        assert "there is no article 9" in run("estimate", "9").stderr
        store.close()


def test_orders_by_pair_are_checked_and_used(project: Path) -> None:
    file = project / "config" / "ivpipe.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("prices", 'pairs = { es-en = ["apertium"], "fr-en" = ["dummy", "deepl"] }\nprices'),
        encoding="utf-8",
    )
    settings = load_settings(project)
    assert settings.engine_order == ("deepl", "dummy")
    assert list(settings.engine_options) == ["deepl", "dummy", "apertium"]
    with open_app(project, check=False) as app:
        assert app.terms.pairs == {"es-en": ("apertium",), "fr-en": ("dummy", "deepl")}
        assert [engine.name for engine in app.engines] == ["deepl", "dummy", "apertium"]
    file.write_text(
        text.replace("prices = { deepl = 20.0 }", 'pairs = { French = ["dummy"], fr-en = [], it-en = ["babel"] }'),
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load_settings(project)
    assert [fault.split(":")[1].strip() for fault in caught.value.faults] == [
        "engines.pairs.French",
        "engines.pairs.fr-en",
        "engines.pairs",
    ]


def test_budget_in_money_needs_a_price_for_each_engine_that_costs(project: Path) -> None:
    file = project / "config" / "ivpipe.toml"
    text = file.read_text(encoding="utf-8").replace("monthly = 1000", 'monthly = 10\nunit = "money"')
    file.write_text(text, encoding="utf-8")
    with open_app(project, check=False) as app:
        assert len(app.engines) == 2
    file.write_text(text.replace("prices = { deepl = 20.0 }", ""), encoding="utf-8")
    with open_app(project, check=False) as app, pytest.raises(ConfigError, match=r"engines\.prices\.deepl: the budget"):
        app.engines  # noqa: B018
