"""Pages told to a webhook: what is sent, how it is signed, and what each answer means."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from tests.servers.webhook_receiver import SECRET, Receiver, running_receiver
from tests.unit.publishers.sites import MAGAZINE, STRIKE

from ivpipe.errors import PublishAuth, PublishError, PublishTransient
from ivpipe.model import Page, Picture
from ivpipe.publishers import Finding, RemoteRef
from ivpipe.publishers.webhook import Webhook, WebhookSettings


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running_receiver() as receiver:
        yield receiver


@pytest.fixture
def hook(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    hook = target(receiver, tmp_path)
    yield hook
    hook.close()


def target(receiver: Receiver, data: Path, **settings: Any) -> Webhook:
    values = {"url": receiver.url, **settings}
    return Webhook(WebhookSettings(**values), slug="hook", magazine=MAGAZINE, data_dir=data)


def with_picture(folder: Path) -> Page:
    file = folder / "fetched.jpg"
    file.write_bytes(b"\xff\xd8 a picture")
    picture = Picture("https://semaine.example/quay.jpg", file, "image/jpeg", 40, 30, "ab12" * 16, alt="Empty quay")
    return replace(STRIKE, pictures=(picture,))


def test_a_page_is_sent_whole_with_its_pictures(receiver: Receiver, hook: Webhook, tmp_path: Path) -> None:
    page = with_picture(tmp_path)
    ref = hook.upsert(page.key, page)
    assert ref == RemoteRef("ivpipe-1-en", "https://cms.example/ivpipe-1-en", 3)
    sent = receiver.pages[page.key]
    assert {name: sent[name] for name in ("key", "revision", "lang", "title")} == {
        "key": "ivpipe-1-en",
        "revision": 3,
        "lang": "en",
        "title": "The cranes stand still",
    }
    assert sent["html"].startswith("<p>Brittany</p>\n<h1>The cranes stand <em>still</em></h1>\n<p><strong>After nine")
    name = "pictures/12ab12ab12ab12ab12.jpg"
    assert f'src="{name}"' in sent["html"]
    picture = sent["page"]["pictures"][0]
    assert (picture["file"], base64.b64decode(picture["data"])) == (name, b"\xff\xd8 a picture")
    assert str(tmp_path) not in str(sent)
    assert Page.from_dict(sent["page"] | {"pictures": []}) == STRIKE


def test_the_same_page_is_told_once_and_sent_again_it_is_the_same_message(
    receiver: Receiver, hook: Webhook, tmp_path: Path
) -> None:
    ref = hook.upsert(STRIKE.key, STRIKE)
    assert hook.upsert(STRIKE.key, STRIKE, ref) == ref
    assert len(receiver.messages) == 1
    (tmp_path / "told/hook/ivpipe-1-en.json").unlink()
    assert hook.upsert(STRIKE.key, STRIKE, ref) == ref
    assert len(receiver.messages) == 2
    assert len(set(receiver.messages)) == 1
    hook.upsert(STRIKE.key, replace(STRIKE, revision=4))
    hook.withdraw(ref)
    hook.withdraw(ref)
    assert [kind for _, kind in receiver.messages[2:]] == ["page.published", "page.withdrawn"]
    assert len({identity for identity, _ in receiver.messages}) == 3
    assert receiver.pages == {}


def test_a_withdrawal_is_told_where_our_note_is_lost(receiver: Receiver, hook: Webhook, tmp_path: Path) -> None:
    ref = hook.upsert(STRIKE.key, STRIKE)
    (tmp_path / "told/hook/ivpipe-1-en.json").unlink()
    hook.withdraw(ref)
    assert (receiver.pages, hook.find(STRIKE.key)) == ({}, None)


@pytest.mark.parametrize(
    ("answer", "url"),
    [
        (b"", ""),
        (b"thanks", ""),
        (b"[1]", ""),
        (b'{"url": 7}', ""),
        (b'{"url": "javascript:alert(1)"}', ""),
        (b'{"url": "https://x.example/a"}', "https://x.example/a"),
        (b" " * 300_000, ""),
    ],
)
def test_the_address_is_what_the_answer_says(receiver: Receiver, hook: Webhook, answer: bytes, url: str) -> None:
    receiver.answers = [(200, {}, answer)]
    assert hook.upsert(STRIKE.key, STRIKE).url == url
    receiver.answers = [(200, {}, b"")]
    assert hook.upsert(STRIKE.key, replace(STRIKE, revision=4)).url == url


@pytest.mark.parametrize(
    ("status", "headers", "kind", "told"),
    [
        (400, {}, PublishError, "HTTP 400: no thanks"),
        (401, {}, PublishAuth, "does the receiver know the secret in WEBHOOK_SECRET"),
        (410, {}, PublishError, "HTTP 410"),
        (302, {"Location": "https://elsewhere.example/"}, PublishError, "sends us on to https://elsewhere.example/"),
        (429, {"Retry-After": "30"}, PublishTransient, "HTTP 429"),
        (503, {}, PublishTransient, "HTTP 503"),
        (0, {}, PublishTransient, "does not answer as it should"),
    ],
)
def test_each_refusal_says_what_it_means_and_is_noted_as_nothing_told(
    receiver: Receiver, hook: Webhook, status: int, headers: dict[str, str], kind: type[PublishError], told: str
) -> None:
    receiver.answers = [(status, headers, b"<b>no</b>   thanks".replace(b"<b>", b"").replace(b"</b>", b""))]
    with pytest.raises(PublishError, match=told) as caught:
        hook.upsert(STRIKE.key, STRIKE)
    assert type(caught.value) is kind
    assert getattr(caught.value, "retry_after", None) == (30 if status == 429 else None)
    assert hook.find(STRIKE.key) is None


def test_check_sends_a_message_that_is_no_page(receiver: Receiver, hook: Webhook) -> None:
    assert hook.check() == [Finding("ok", f"{receiver.url} takes our messages")]
    assert ([kind for _, kind in receiver.messages], receiver.pages) == (["check"], {})


@pytest.mark.parametrize(
    ("secret", "told"),
    [("", "there is no secret"), ("whsec_***", "not base64"), ("another", "HTTP 401: the signature is wrong")],
)
def test_a_wrong_secret_is_an_error_that_says_so(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str, told: str
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    hook = target(receiver, tmp_path)
    with pytest.raises(PublishAuth, match=told):
        hook.upsert(STRIKE.key, STRIKE)
    assert [finding.severity for finding in hook.check()] == ["error"]
    hook.close()


def test_a_receiver_that_is_not_there_or_slow_is_tried_again(
    receiver: Receiver, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    hook = target(receiver, tmp_path, url="http://127.0.0.1:9/hook?token=s3cret")
    with pytest.raises(PublishTransient) as caught:
        hook.upsert(STRIKE.key, STRIKE)
    assert "s3cret" not in str(caught.value)
    hook.close()


def test_a_damaged_note_says_what_to_do(hook: Webhook, tmp_path: Path) -> None:
    hook.upsert(STRIKE.key, STRIKE)
    (tmp_path / "told/hook/ivpipe-1-en.json").write_text("{")
    with pytest.raises(PublishError, match="is damaged"):
        hook.find(STRIKE.key)


@pytest.mark.parametrize(
    "url",
    [
        "cms.example/hook",
        "ftp://cms.example/",
        "http://cms.example/hook",
        "https://ada:x@cms.example/",
        "https://cms.example/#a",
    ],
)
def test_addresses_that_are_not_safe_are_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        WebhookSettings(url=url)
