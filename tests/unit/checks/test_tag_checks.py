"""tags and note_references, and running them all."""

import pytest
from tests.unit.checks.checking import BREAK, EM, LINK, messages, note

from ivpipe.checks import BUILTIN, CheckContext, SegmentPair, run_checks
from ivpipe.errors import ConfigError
from ivpipe.model.languages import LanguagePair

SOURCE = "Le <1>port</1> et <2>la ville</2>"
TAGS = [EM, LINK]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("The port and <2>the city</2>", "Put these tags of the source into the target: <1> (emphasis)."),
        ("The port and the city", "Put these tags of the source into the target: <1> (emphasis), <2> (link)."),
        ("<1>The</1> <1>port</1> <2>x</2>", "Mend the tags of the target: the tag <1> (emphasis) stands twice."),
        ("<1>The <2>port</1> x</2>", "Mend the tags of the target: the tag <1> (emphasis) is badly nested."),
        ("<1>The</1> <2>x</2> <3>y</3>", "Mend the tags of the target: the tag <3> is not in the source."),
        ("<1>The</1> <2>x", "Mend the tags of the target: the tag <2> (link) is not closed."),
        ("<1>R&D</1> <2>x</2>", "Mend the tags of the target: a character < > or & stands unescaped."),
    ],
)
def test_tags_broken_block(target, message):
    assert messages("tags", SOURCE, target, tags=TAGS) == [("blocking", message)]


@pytest.mark.parametrize("target", ["<2>The city</2> and <1>the port</1>", "<2>The <1>port</1></2>", "", " "])
def test_tags_moved_but_whole_or_target_empty_are_fine(target):
    assert messages("tags", SOURCE, target, tags=TAGS) == []


def test_tags_of_a_segment_without_text_must_stand_too():
    expected = [("blocking", "Put these tags of the source into the target: <1> (line break).")]
    assert messages("tags", "<1/>", "", tags=[BREAK]) == expected


def test_tags_placed_by_guess_are_a_hint():
    hint = [("hint", "Check the place of the links and the emphasis: the engine had to guess it.")]
    assert messages("tags", SOURCE, SOURCE, tags=TAGS, uncertain=True) == hint
    assert messages("tags", "Le port", "The port", uncertain=True) == []


NOTED = "Le port<1/> ferme.<2/>"
NOTES = [note("1"), note("2")]


def test_note_reference_missing_blocks_and_is_no_business_of_tags():
    assert messages("note_references", NOTED, "The port<1/> closes.", tags=NOTES) == [
        ("blocking", "The reference to note 2 (<2/>) is missing: put it back.")
    ]
    assert messages("tags", NOTED, "The port<1/> closes.", tags=NOTES) == []


def test_note_reference_twice_blocks_and_is_no_business_of_tags():
    assert messages("note_references", NOTED, "The port<1/> <1/>closes.<2/>", tags=NOTES) == [
        ("blocking", "The reference to note 1 (<1/>) stands 2 times: keep one.")
    ]
    assert messages("tags", NOTED, "The port<1/> <1/>closes.<2/>", tags=NOTES) == []


def test_note_references_reordered_or_moved_inside_are_hints():
    assert messages("note_references", NOTED, "Closing<2/> is the port.<1/>", tags=NOTES) == [
        ("hint", "The note references stand in another order than in the source."),
        ("hint", "The reference to note 2 stood at the end of the sentence; now it stands inside: is that right?"),
    ]


@pytest.mark.parametrize("target", ["The port<1/> closes<2/>.", "<3>The port<1/> closes</3>.»<2/>", ""])
def test_note_references_in_place_are_fine(target):
    assert messages("note_references", NOTED, target, tags=[*NOTES, EM]) == []


def test_run_checks_runs_all_in_order():
    pair = SegmentPair(
        "Le <1>port</1> a perdu 300 emplois en mai.<2/>", "The port has lost jobs.", (EM, note("7")), "paragraph"
    )
    assert [(f.check, str(f.severity)) for f in run_checks(pair, CheckContext(LanguagePair("fr", "en")))] == [
        ("tags", "blocking"),
        ("numbers", "warning"),
        ("note_references", "blocking"),
    ]


def test_run_checks_finds_one_fault_in_an_empty_target():
    pair = SegmentPair("Le <1>port</1> (300 emplois) : www.exemple.org<2/>", "", (EM, note("7")), "paragraph")
    assert [f.check for f in run_checks(pair, CheckContext(LanguagePair("fr", "en")))] == ["empty"]


def test_run_checks_is_silent_about_a_good_translation():
    pair = SegmentPair(
        "Le <1>port</1> a perdu 1 300 emplois.<2/>",
        "The <1>port</1> has lost 1,300 jobs.<2/>",
        (EM, note("7")),
        "paragraph",
    )
    assert run_checks(pair, CheckContext(LanguagePair("fr", "en"))) == []


def test_run_checks_names_the_checks_there_are():
    with pytest.raises(ConfigError, match="no plug-in 'spelling' among the checks; there are: empty, "):
        run_checks(SegmentPair("", "", (), "title"), CheckContext(LanguagePair("fr", "en")), ["spelling"])


@pytest.mark.parametrize("name", BUILTIN)
@pytest.mark.parametrize("target", ["<99999999>", "</1>", "&", "<1/><1>", "<" * 50, "<1></2></1>", "\x00"])
def test_checks_never_raise_on_broken_targets(name, target):
    run_checks(
        SegmentPair("Le <1>port</1><2/>", target, (EM, note("1")), "paragraph"),
        CheckContext(LanguagePair("fr", "en")),
        [name],
    )
