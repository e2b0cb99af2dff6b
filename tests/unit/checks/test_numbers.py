import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.checks.checking import BREAK, messages

from ivpipe.checks.numbers import readings, roman_value

SAME = [
    ("fr-en", "La ville compte 1 234,5 hectares.", "The city covers 1,234.5 hectares."),
    ("fr-en", "Le port a perdu 12\u202f300 emplois.", "The port has lost 12,300 jobs."),
    ("fr-de", "Le loyer atteint 1 250,50 euros.", "Die Miete beträgt 1.250,50 Euro."),
    ("fr-en", "Le 1er mai, la grève commence.", "On May 1st the strike begins."),
    ("fr-en", "C'est sa 1re victoire en 3 ans.", "It is her first win in three years."),
    ("fr-en", "Quelque 50 % des élus ont signé.", "Some 50% of the councillors signed."),
    ("fr-en", "La réunion débute à 18h30.", "The meeting starts at 6.30 pm."),
    ("fr-en", "La réunion débute à 18 h 30.", "The meeting starts at 18:30."),
    ("fr-en", "La réunion débute à 18h30.", "The meeting starts at half past six."),
    ("fr-en", "Rendez-vous à 12h devant la mairie.", "We meet at noon in front of the town hall."),
    ("fr-es", "La manifestation part à 14h.", "La marcha sale a las 2 de la tarde."),
    ("en-fr", "The bus leaves at 6.30 pm.", "Le car part à 18h30."),
    ("de-fr", "Die Sitzung beginnt um 18.30 Uhr.", "La séance commence à 18 h 30."),
    ("de-en", "Um 20 Uhr war Schluss.", "By 8 p.m. it was over."),
    ("fr-en", "Une église du XIXe siècle.", "A 19th-century church."),
    ("fr-en", "Une église du XIXe siècle.", "A nineteenth-century church."),
    ("fr-es", "Une église du XIXe siècle.", "Una iglesia del siglo XIX."),
    ("es-de", "Un puente del siglo XVI.", "Eine Brücke aus dem 16. Jahrhundert."),
    ("de-it", "Ein Haus aus dem 18. Jahrhundert.", "Una casa del Settecento."),
    ("fr-en", "La Ve République vacille.", "The Fifth Republic is shaking."),
    ("fr-en", "La loi du 03/05/2024 est entrée en vigueur.", "The law of May 3, 2024, has come into force."),
    ("de-fr", "Seit dem 1.3.2021 gilt das.", "C'est valable depuis le 1er mars 2021."),
    ("fr-en", "Il a grandi dans les années 80.", "He grew up in the 1980s."),
    ("en-fr", "She left in the 1970s.", "Elle est partie dans les années 70."),
    ("fr-en", "Un prêt de 3 000 000 d'euros.", "A loan of 3 million euros."),
    ("fr-en", "Quelque 10 000 personnes ont défilé.", "About ten thousand people marched."),
    ("es-en", "Unas 50.000 familias esperan.", "About 50,000 families are waiting."),
    ("es-en", "Unas 1,200 familias de Oaxaca esperan.", "Some 1,200 families from Oaxaca are waiting."),
    ("fr-en", "Le taux de CO₂ augmente.", "CO2 levels are rising."),
    ("fr-en", "Détails sur https://exemple.org/2024/05.", "See https://example.org/en for details."),
    ("fr-ru", "Elle a 3 enfants et 2 chats.", "У неё трое детей и две кошки."),
    ("fr-pl", "Elle a 3 enfants.", "Ma troje dzieci."),
    ("fr-es", "Voir p. 12-15 et 2,5 millions.", "Véanse págs. 12 a 15 y 2,5 millones."),
    ("fr-en", "Sur 100 élus, 12 ont voté.", "Of 100 councillors, a dozen voted."),
]

MISSING = [
    ("fr-en", "La ville compte 1 234 habitants.", "The city has 1,243 inhabitants.", ["number 1 234"]),
    ("fr-en", "Sur 48 usines, 15 ont fermé.", "Of the factories, 51 have closed.", ["number 48", "number 15"]),
    ("es-en", "Unas 50.000 familias esperan.", "About 50 families are waiting.", ["number 50.000"]),
    ("fr-en", "Le chômage atteint 3,5 %.", "Unemployment stands at 35%.", ["number 3,5"]),
    ("fr-en", "La réunion débute à 18h30.", "The meeting starts at 6.45 pm.", ["time 18h30"]),
    ("fr-en", "La réunion débute à 18h.", "The meeting starts tonight.", ["time 18h"]),
    ("fr-en", "La loi du 03/05/2024 reste.", "The law of May 3, 2023 remains.", ["date 03/05/2024"]),
    ("fr-en", "Une église du XIXe siècle.", "A church of the 18th century.", ["number XIXe siècle"]),
    ("es-fr", "Un puente del siglo XVI.", "Un pont ancien.", ["number siglo XVI"]),
    ("de-en", "Im Jahr 1987 gegründet, 1987 verboten.", "Founded and banned.", ["number 1987"]),
    ("fr-en", "Elle a 3 enfants.", "She has children.", ["number 3"]),
    ("fr-en", "Un prêt de 3 000 000 d'euros.", "A loan of 30 million euros.", ["number 3 000 000"]),
]


@pytest.mark.parametrize(("pair", "source", "target"), SAME)
def test_numbers_written_another_way_are_found(pair, source, target):
    assert messages("numbers", source, target, pair=pair) == []


@pytest.mark.parametrize(("pair", "source", "target", "missing"), MISSING)
def test_numbers_missing_are_named(pair, source, target, missing):
    expected = [("warning", f"The {what} of the source is missing.") for what in missing]
    assert messages("numbers", source, target, pair=pair) == expected


def test_numbers_on_both_sides_of_a_line_break_are_two():
    assert messages("numbers", "En 2019<1/>20 morts.", "In 2019<1/>20 dead.", tags=[BREAK]) == []
    assert messages("numbers", "En 2019<1/>20 morts.", "In 2019<1/>dead.", tags=[BREAK]) == [
        ("warning", "The number 20 of the source is missing.")
    ]


def test_numbers_of_an_empty_target_are_not_asked_for():
    assert messages("numbers", "En 2019.", " ") == []


@pytest.mark.parametrize(
    ("written", "lang", "values"),
    [
        ("1,234", "en", {"1234"}),
        ("1,234", "fr", {"1234", "1.234"}),
        ("1.234", "de", {"1234"}),
        ("1.234.567,80", "de", {"1234567.8"}),
        ("1 234,50", "fr", {"1234.5"}),
        ("1'234.50", "de", {"1234.5"}),
        ("007", "en", {"7"}),
        ("0.125", "de", {"0.125"}),
    ],
)
def test_readings_of_a_figure(written, lang, values):
    assert readings(written, lang) == values


@given(st.integers(1, 39))
def test_roman_value_of_every_century(number):
    tens, ones = divmod(number, 10)
    assert roman_value("X" * tens + ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"][ones]) == number


@given(st.integers(0, 10**9), st.sampled_from([(" ", "en", ","), (".", "fr", " "), (",", "de", "."), ("'", "es", ".")]))
def test_any_whole_number_is_found_with_other_separators(number, habits):
    before, lang, after = habits
    source_lang = {".": "de", ",": "en"}.get(before, "fr")
    source, target = f"{number:,}".replace(",", before), f"{number:,}".replace(",", after)
    assert messages("numbers", f"Total : {source} voix.", f"Total: {target} x", pair=f"{source_lang}-{lang}") == []


@given(st.text(), st.text(), st.sampled_from(["fr-en", "ja-de", "en-zh"]))
def test_numbers_of_any_text_never_raise(source, target, pair):
    messages("numbers", source, target, pair=pair)


def test_a_very_long_figure_is_compared_too():
    figure = "7" * 5000
    assert messages("numbers", figure, figure) == []
    assert len(messages("numbers", figure, "7")) == 1
