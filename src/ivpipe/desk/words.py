"""How the desk says things: names of languages and states, spans of time, counts."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from ivpipe.model import Event, State
from ivpipe.model.languages import primary
from ivpipe.steps.review import KEPT

LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "eo": "Esperanto", "es": "Spanish", "eu": "Basque", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "gl": "Galician", "he": "Hebrew", "hr": "Croatian", "hu": "Hungarian", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "ku": "Kurdish", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sr": "Serbian", "sv": "Swedish", "tr": "Turkish",
    "uk": "Ukrainian", "zh": "Chinese",
}  # fmt: skip

STATES = {
    State.PENDING: "waiting for a draft",
    State.DRAFTED: "drafted",
    State.IN_REVIEW: "in work",
    State.SUBMITTED: "submitted",
    State.APPROVED: "approved",
    State.REJECTED: "rejected",
}

EVENTS = {
    Event.DRAFT: "drafted",
    Event.CLAIM: "claimed",
    Event.RELEASE: "released",
    Event.SUBMIT: "submitted",
    Event.RETURN: "returned",
    Event.APPROVE: "approved",
    Event.REJECT: "rejected",
    Event.REDRAFT: "sent for a new draft",
    Event.SOURCE_CHANGED: "source changed",
}

_BESIDES = {"merge": "brought the source’s changes in", KEPT: "left it as it is, whatever became of the source"}

_SPANS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min"))


def language(tag: str) -> str:
    """The English name of a language, or its tag."""
    return LANGUAGES.get(primary(tag), tag or "unknown language")


def state_word(state: str) -> str:
    """A state in words."""
    return STATES[State(state)]


def event_word(event: str) -> str:
    """What somebody did, in words."""
    return EVENTS[Event(event)] if event in set(Event) else _BESIDES.get(event, event)


def span(length: timedelta) -> str:
    """A length of time by its largest unit: "3 d", "5 h", "12 min", "now"."""
    for unit, name in _SPANS:
        if length >= unit:
            return f"{length // unit} {name}"
    return "now"


def age(when: datetime | None, now: datetime) -> str:
    """How long ago, as ``span``."""
    return "" if when is None else span(now - when)


def until(when: datetime | None, now: datetime) -> str:
    """How long yet, as ``span``."""
    return "" if when is None else span(when - now)


def minutes(seconds: int | None) -> str:
    """A length of work: "3 h 05 min", "12 min"; "" where it is not known."""
    if seconds is None:
        return ""
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours} h {rest:02} min" if hours else f"{rest} min"


def clock(moment: datetime, zone: tzinfo) -> str:
    """A moment in the magazine's own time: "22 June 2026, 09:30"."""
    return f"{moment.astimezone(zone):%-d %B %Y, %H:%M}"


def count(number: int, singular: str, plural: str = "") -> str:
    """ "1 segment", "1,204 segments"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
