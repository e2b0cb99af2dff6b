"""Every error a user of ivpipe can meet.

    IvpipeError                 message says what happened, to which subject, and what to do
      ConfigError               a fault in the configuration: file, key, reason
      StoreError                the database cannot be opened, read or written
        SchemaError             it is at another schema, or is no database of ivpipe's
      MachineError              a file or folder of ours cannot be used: a full disk, no right to write
      NotFound                  the article, translation, user … named does not exist
      Refused                   an action the life cycle, a role or another person's hold forbids
        StaleEdit               the segment was saved by somebody else since it was read
        TooManyAttempts         to log in: wait, then again
      SourceError               a partner's site, feed or page
        FetchError              the answer did not come, or is not one we can use
          FetchRefused          we must not fetch it: robots.txt, private address, not http(s)
          PageGone              404 or 410
        ExtractionError         the page came but no article could be read from it
        PictureRefused          what came is no picture that may be shown
      EngineError               a machine translation engine
        EngineUnavailable       no engine is usable for the pair, with the reason for each
        EngineAuth              the key is missing or refused
        EngineQuota             what the account may use is used up
        EngineRate              too many requests: slower, then again
        EngineTransient         an outage, a timeout, half an answer: the same again may work
        EngineUnsupported       a pair of languages or an option the engine does not have
        EnginePermanent         this request will never work
        BudgetSpent             sending it would cost more than the month's budget has left
      PublishError              a target site, or a page that cannot be made
        PublishAuth             the login is refused, or lacks a right
        PublishTransient        a timeout, a lost connection, an outage: the same again may work
        RemoteConflict          people changed the page on the target since we last saved it
      ExchangeError             a file handed in by somebody (TMX …) that cannot be read; names the line

The shape follows httpx's ``_exceptions.py``: the tree stands at the top of one file, an adapter translates
foreign errors at its border, and ``retryable`` alone decides whether a flow tries again.
"""

from __future__ import annotations

from enum import StrEnum

from ivpipe.masking import mask, mask_content


class IvpipeError(Exception):
    """What happened, to what, and what to do about it.

    ``subject`` names the article, source, file … concerned; ``advice`` says what a person can do;
    ``retryable`` is true where the same step may succeed later without anybody doing anything;
    ``retry_after`` is the wait in seconds that the other side asked for, if it did.

    What is said is masked here, as the error is made: it ends in the record, in logs, in Prefect and on the desk's pages.
    """

    retryable = False

    def __init__(
        self,
        message: str,
        *,
        subject: str = "",
        advice: str = "",
        retryable: bool | None = None,
        retry_after: float | None = None,
    ) -> None:
        message = mask(message)
        super().__init__(message)
        self.message = message
        self.subject = mask(subject)
        self.advice = mask(advice)
        self.retry_after = retry_after
        if retryable is not None:
            self.retryable = retryable

    def __str__(self) -> str:
        text = f"{self.subject}: {self.message}" if self.subject else self.message
        return f"{text} — {self.advice}" if self.advice else text


class ConfigError(IvpipeError):
    """A fault in the configuration; ``faults`` lists one line per fault (file: key: reason)."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = [mask(fault) for fault in faults]
        super().__init__("\n".join(self.faults))


class MachineFault(StrEnum):
    """What is wrong with the machine, its disk or the database server."""

    FULL = "full"
    READ_ONLY = "read-only"
    FORBIDDEN = "forbidden"
    BUSY = "busy"
    BROKEN_DISK = "broken disk"
    DAMAGED = "damaged"
    NOT_A_DATABASE = "not a database"
    TOO_MANY = "too many connections"
    NO_MEMORY = "no memory"
    UNREACHABLE = "unreachable"

    @property
    def retryable(self) -> bool:
        """Whether the same may succeed later: the lock is given back, the disk gets room. A damaged file stays so."""
        return self not in _LASTING


_LASTING = {MachineFault.READ_ONLY, MachineFault.FORBIDDEN, MachineFault.DAMAGED, MachineFault.NOT_A_DATABASE}


class MachineError(IvpipeError):
    """A file or folder of ours cannot be written or read; ``fault`` is why."""

    def __init__(self, message: str, fault: MachineFault, *, subject: str = "", advice: str = "") -> None:
        super().__init__(message, subject=subject, advice=advice, retryable=fault.retryable)
        self.fault = fault


class StoreError(IvpipeError):
    """The database cannot be opened, read or written; ``fault`` is why, where the machine or the server is to blame."""

    def __init__(
        self,
        message: str,
        *,
        fault: MachineFault | None = None,
        subject: str = "",
        advice: str = "",
        retryable: bool = False,
    ) -> None:
        super().__init__(
            message, subject=subject, advice=advice, retryable=fault.retryable if fault is not None else retryable
        )
        self.fault = fault


class SchemaError(StoreError):
    """The database is at another schema than this program, or holds something else; nothing in it was touched."""


class NotFound(IvpipeError):
    """There is no such article, translation, user, source or target."""


class Refused(IvpipeError):
    """The life cycle, a role, or another person's hold forbids the action."""


class StaleEdit(Refused):
    """The segment was saved since it was read; ``current`` is the text now stored, ``version`` its number."""

    def __init__(self, message: str, *, current: str, version: int, subject: str = "") -> None:
        super().__init__(message, subject=subject, advice="compare the two texts and save again")
        self.current = current
        self.version = version


class TooManyAttempts(Refused):
    """To log in; the password was not looked at. ``retry_after`` is the wait in seconds."""


class SourceError(IvpipeError):
    """A partner's site, feed or page."""


class FetchError(SourceError):
    """The answer did not come, or is not one we can use."""


class FetchRefused(FetchError):
    """We must not fetch it: robots.txt, a private address, a scheme other than http(s)."""


class PageGone(FetchError):
    """The site answers 404 or 410."""


class ExtractionError(SourceError):
    """The page came, but no article could be read from it."""


class PictureRefused(SourceError):
    """What came is no picture that may be shown."""


class EngineError(IvpipeError):
    """A machine translation engine failed, or answered what cannot be used.

    ``may_bill``: the request may have reached the service and been billed, though no usable answer came.
    """

    may_bill = False


class EngineUnavailable(EngineError):
    """No engine is usable for the pair; ``reasons`` maps each engine's name to why."""

    retryable = True

    def __init__(self, message: str, *, reasons: dict[str, str], subject: str = "", advice: str = "") -> None:
        super().__init__(message, subject=subject, advice=advice)
        self.reasons = {name: mask(reason) for name, reason in reasons.items()}


class EngineAuth(EngineError):
    """The key is missing, or the service refuses it."""


class EngineQuota(EngineError):
    """What the account may use in this period is used up."""


class EngineRate(EngineError):
    """Too many requests; ``retry_after`` says for how long to hold back, where the service did."""

    retryable = True


class EngineTransient(EngineError):
    """An outage, a timeout, half an answer: the same again may work later. ``may_bill`` false where it is certain that the
    service did nothing: it could not be reached, or says so."""

    retryable = True
    may_bill = True

    def __init__(
        self,
        message: str,
        *,
        subject: str = "",
        advice: str = "",
        retryable: bool | None = None,
        retry_after: float | None = None,
        may_bill: bool = True,
    ) -> None:
        super().__init__(message, subject=subject, advice=advice, retryable=retryable, retry_after=retry_after)
        self.may_bill = may_bill


class EngineUnsupported(EngineError):
    """A pair of languages or an option that the engine does not have."""


class EnginePermanent(EngineError):
    """This request will never work, however often it is sent."""


class BudgetSpent(EngineError):
    """Sending it would cost more than is left of the month's budget; nothing was sent."""


class PublishError(IvpipeError):
    """A target site did not take the page, or the page cannot be made; by itself nothing will mend it."""


class PublishAuth(PublishError):
    """The target refuses the login, or the login lacks a right that is needed."""


class PublishTransient(PublishError):
    """The target did not answer, broke off, or has an outage: the same again may work later."""

    retryable = True


class RemoteConflict(PublishError):
    """People changed the page on the target since we last saved it; nothing was sent, and nothing is tried again until
    an editor has decided.

    ``theirs`` is the page as it stands on the target, ``ours`` as we last saved it (as we would send it, where a target
    keeps no earlier text to compare with), both in the same plain lines, for a difference. ``url`` is where the editor
    can see it; ``fingerprint`` is that of ``theirs``: an ``upsert`` with it as the known one overwrites just that.
    """

    def __init__(
        self, message: str, *, theirs: str, ours: str, url: str, fingerprint: str, subject: str = "", advice: str = ""
    ) -> None:
        super().__init__(
            message,
            subject=subject,
            advice=advice or "look at the difference in the desk, then publish ours or keep theirs",
        )
        self.theirs = mask_content(theirs)
        self.ours = ours
        self.url = mask(url)
        self.fingerprint = fingerprint


class ExchangeError(IvpipeError):
    """A file handed in by somebody cannot be read; ``line`` is where, 0 where that is not known."""

    def __init__(self, message: str, *, subject: str = "", advice: str = "", line: int = 0) -> None:
        super().__init__(f"line {line}: {message}" if line else message, subject=subject, advice=advice)
        self.line = line
