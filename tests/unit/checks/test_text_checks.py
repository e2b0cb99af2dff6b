"""empty, same_as_source, links, length."""

import pytest
from tests.unit.checks.checking import EM, messages

EMPTY = [("blocking", "The segment has no translation yet.")]
SAME = [("warning", "The target is the same as the source: is it translated?")]


@pytest.mark.parametrize("target", ["", " \u00a0\n", "<1></1>"])
def test_empty_target_blocks(target):
    assert messages("empty", "Le port <1>ferme</1>.", target, tags=[EM]) == EMPTY


@pytest.mark.parametrize(("source", "target"), [("Le port ferme.", "The port closes."), ("<1/>", "<1/>"), ("", "")])
def test_empty_is_silent_where_there_is_text_or_nothing_to_translate(source, target):
    assert messages("empty", source, target) == []


@pytest.mark.parametrize(
    ("pair", "text"),
    [
        ("fr-en", "Le port ferme ses grilles à la nuit tombée."),
        ("es-fr", "La policía no quiso comentar la noticia."),
        ("de-en", "Die Stadt hat das Wasser verkauft, ohne zu fragen."),
        ("ja-en", "港は夜になると門を閉めるのです。"),
        ("fr-en", "LE PORT, dit-elle, ferme ses grilles."),
    ],
)
def test_same_as_source_warns_of_running_text(pair, text):
    assert messages("same_as_source", text, f" {text.upper()} ", pair=pair) == SAME


@pytest.mark.parametrize(
    ("pair", "text"),
    [
        ("fr-en", "Emmanuel Dupont-Moretti"),
        ("fr-en", "2 345,60 €"),
        ("fr-en", "Gallimard, Paris, 1998, p. 12-15."),
        ("fr-en", "Photo : Anna Roux / Agence Vue"),
        ("fr-en", "https://exemple.org/une/page/avec/des/mots/dedans.html"),
        ("fr-de", "Bonjour, Tristesse"),
        ("fr-en", "<1/>"),
        ("pt_BR-pt", "O porto fecha as grades ao cair da noite."),
    ],
)
def test_same_as_source_is_silent_where_it_may_be_right(pair, text):
    assert messages("same_as_source", text, text, pair=pair) == []


def test_same_as_source_is_silent_about_a_translation():
    assert messages("same_as_source", "Le port ferme ses grilles.", "The port closes its gates.") == []


@pytest.mark.parametrize(
    ("source", "target", "lost"),
    [
        ("Voir https://exemple.org/a?b=1&amp;c=2.", "See https://exemple.org/a?b=1.", "https://exemple.org/a?b=1&c=2"),
        ("Écrivez à redaction@exemple.org !", "Write to editors@exemple.org!", "redaction@exemple.org"),
        ("Plus sur www.exemple.org.", "More on the web.", "www.exemple.org"),
    ],
)
def test_links_changed_are_named(source, target, lost):
    assert messages("links", source, target) == [
        ("warning", f"The address {lost} of the source is missing or changed.")
    ]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Voir « https://exemple.org/a_(b) ».", "See “https://exemple.org/a_(b)”."),
        ("(Voir https://exemple.org/a.)", "See https://exemple.org/a, please."),
        ("Écrivez à redaction@exemple.org.", "Write to redaction@exemple.org!"),
        ("Sur <1>notre site</1>.", "On <1>our site</1>."),
        ("Voir https://exemple.org.", ""),
    ],
)
def test_links_kept_are_fine(source, target):
    assert messages("links", source, target, tags=[EM]) == []


LONG = "La ville a vendu son eau sans demander leur avis aux habitants, qui l'ont appris par le journal du matin. "


def test_length_warns_of_repeated_text():
    assert messages("length", LONG, "The city has sold its water without asking the people. " * 6) == [
        ("warning", "The target is 3.1 times as long as the source: look for repeated or added text.")
    ]


def test_length_warns_of_text_left_out():
    assert messages("length", LONG * 2, "The city has sold.") == [
        ("warning", "The target has only 9% of the source's length: look for text left out.")
    ]


@pytest.mark.parametrize(
    ("pair", "source", "target"),
    [
        ("fr-en", LONG, "The city has sold its water without asking its people, who read of it in the morning paper."),
        ("fr-de", "L'ONU", "Die Vereinten Nationen"),
        ("en-fr", "No.", "Certainement pas, monsieur."),
        ("fr-ja", LONG, "市は住民の意見を聞かずに水道を売却し、住民は朝刊でそれを知った。"),
        (
            "zh-en",
            "市政府没有征求居民的意见就把自来水公司卖掉了。",
            "The city sold the water company without asking its residents.",
        ),
        ("fr-en", LONG, ""),
        ("fr-en", "<1/>", "<1/>"),
    ],
)
def test_length_is_silent_within_what_languages_differ_by(pair, source, target):
    assert messages("length", source, target, pair=pair) == []
