"""Contrast of the desk's colours in both schemes: at least 4.5 for text (WCAG 2.2, 1.4.3 AA), 3 for what marks the focus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import ivpipe.desk

STYLES = (Path(ivpipe.desk.__file__).parent / "static" / "desk.css").read_text(encoding="utf-8")
TEXT = [
    ("ink", ("paper", "sheet", "faint", "accent-soft", "good-soft", "warn-soft")),
    ("soft", ("paper", "sheet", "faint")),
    ("accent", ("paper", "sheet", "faint", "accent-soft", "warn-soft", "good-soft")),
    ("accent-ink", ("accent",)),
    ("good", ("sheet", "faint", "good-soft")),
    ("warn", ("warn-soft",)),
    ("bad", ("sheet", "faint", "bad-soft")),
    ("paper", ("ink",)),
]


def schemes() -> dict[str, dict[str, str]]:
    light, dark = (
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", STYLES, re.S)
    )
    return {"light": light, "dark": light | dark}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_every_ground_it_stands_on(scheme):
    colours = schemes()[scheme]
    poor = {
        f"{text} on {ground}": round(contrast(colours[text], colours[ground]), 2)
        for text, grounds in TEXT
        for ground in grounds
        if contrast(colours[text], colours[ground]) < 4.5
    }
    assert poor == {}
    assert min(contrast(colours["focus"], colours[ground]) for ground in ("paper", "sheet", "faint")) >= 3
