"""What nobody sees goes from names and text; what has a meaning there stays."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivpipe.text.inline_writer import InlineWriter, plain_line
from ivpipe.text.invisible import clean_line, clean_text

UNSEEN = [
    "\u00ad", "\u200b", "\u2060", "\ufeff", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068",
    "\u2069", "\ufff9", "\ufffb", "\U000e0041", "\U000e0001", "\U000e0100", "\ufe0f", "\ufe00", "\u200c", "\u200d", "\x00",
    "\x1b", "\u3164", "\u206a", "\u180e", "\ud800",
]  # fmt: skip
KEPT = [
    "می\u200cخواهم",  # a joiner is part of how Persian spells
    "क्\u200dष",
    "👩\u200d🚒",
    "❤\ufe0f",
    "1\ufe0f\u20e3",
    "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "葛\U000e0100城",
    "«\u200fשלום!\u200f»",
    "été, naïve",
    "한국어",
]
texts = st.text(
    st.one_of(
        st.characters(), st.sampled_from([*UNSEEN, "\u200e", "\u200f", "\u061c", "a", " ", "م", "😀", "\U0001f3f4"])
    )
)


@pytest.mark.parametrize("sign", UNSEEN, ids=ascii)
def test_what_nobody_sees_goes_from_names_and_text(sign: str) -> None:
    assert clean_text(f"Léa{sign} Mar{sign}tin{sign}") == "Léa Martin"
    assert plain_line(f"{sign}Léa Mar{sign}tin") == "Léa Martin"
    writer = InlineWriter()
    writer.text(f"Léa Mar{sign}tin")
    assert writer.take() == "Léa Martin"


@pytest.mark.parametrize("text", KEPT)
def test_what_means_something_stays(text: str) -> None:
    assert clean_text(text) == text
    assert clean_line(text) == text


@pytest.mark.parametrize("mark", ["\u200e", "\u200f", "\u061c"], ids=ascii)
def test_marks_of_direction_stay_only_where_something_runs_from_the_right(mark: str) -> None:
    assert clean_line(f"La grève{mark}") == "La grève"
    assert clean_line(f"La grève, «{mark}إضراب{mark}»") == f"La grève, «{mark}إضراب{mark}»"
    assert clean_text(f"La grève{mark}") == f"La grève{mark}"


@given(texts)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    for clean in (clean_text, clean_line):
        assert clean(clean(text)) == clean(text)


@given(texts)
def test_cleaning_takes_out_no_character_that_is_seen(text: str) -> None:
    def seen(value: str) -> list[str]:
        unseen = ("Cc", "Cf", "Cs", "Cn")
        marks = ("\u3164", "\uffa0")
        return [
            one
            for one in value
            if unicodedata.category(one) not in unseen
            and one not in marks
            and not "\ufe00" <= one <= "\ufe0f"
            and not "\U000e0100" <= one <= "\U000e01ef"
        ]

    assert seen(clean_line(text)) == seen(text)
