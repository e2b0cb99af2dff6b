from __future__ import annotations

import datetime as dt
import gzip
import ipaddress
import ssl
import threading
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.servers.certificate import write_certificate
from tests.servers.http_site import (
    Behaviour,
    HttpSite,
    Request,
    dripping_head,
    endless,
    hang_up,
    in_turn,
    missing,
    page,
    redirect,
    running_site,
    status,
    with_etag,
)

from ivpipe import __version__
from ivpipe.errors import FetchError, FetchRefused, PageGone
from ivpipe.sources.bodies import read_body
from ivpipe.sources.fetching import Fetched, Fetcher, parse_retry_after, user_agent
from ivpipe.sources.pace import Pace
from ivpipe.sources.spec import Fetch
from ivpipe.text.hosts import is_public

NOW = dt.datetime(2024, 5, 3, 12, 0, tzinfo=dt.UTC)


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class FakeResolver:
    """Names and their addresses; everything else does not exist. Remembers what it was asked."""

    def __init__(self, **names: list[str]) -> None:
        self.names = {name.replace("_", "."): addresses for name, addresses in names.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        try:
            return self.names[host]
        except KeyError:
            raise OSError(-2, "Name or service not known") from None


@pytest.fixture
def site() -> Iterator[HttpSite]:
    with running_site() as running:
        yield running


@pytest.fixture
def resolver() -> FakeResolver:
    return FakeResolver(partner_example=["127.0.0.1"], www_partner_example=["127.0.0.1"], inside_example=["127.0.0.1"])


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def fetcher(resolver: FakeResolver, time: FakeTime) -> Iterator[Fetcher]:
    with Fetcher("https://magazine.example", resolve=resolver, clock=time.clock, sleep=time.sleep) as made:
        yield made


def polite(site: HttpSite, *hosts: str, **changes: object) -> Fetch:
    allowed = tuple(f"{host}:{site.port}" for host in (hosts or ("partner.example",)))
    return Fetch.model_validate({"delay": 0, "timeout": 5, "allow_private": allowed, **changes})


# What an answer becomes


def test_get_returns_the_page_with_lower_case_headers_and_without_cookies(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = page(b"<p>text", Content_Type="text/html", Set_Cookie="id=1", ETag='"1"')
    first = fetcher.get(site.url("/a"), polite(site))
    fetcher.get(site.url("/a"), polite(site))
    headers = {name: value for name, value in first.headers.items() if name not in ("date", "server")}
    assert (first.url, first.status, first.body) == (site.url("/a"), 200, b"<p>text")
    assert headers == {"content-type": "text/html", "etag": '"1"'}
    assert site.paths == ["/robots.txt", "/a", "/a"]
    assert all("cookie" not in sent for _, sent in site.requests)
    assert {sent["user-agent"] for _, sent in site.requests} == {f"ivpipe/{__version__} (+https://magazine.example)"}
    assert {sent["host"] for _, sent in site.requests} == {f"partner.example:{site.port}"}


@pytest.mark.parametrize(
    ("contact", "agent"),
    [
        ("L’Époque (rédaction)\r\nX-Evil: 1", f"ivpipe/{__version__} (+LEpoque  redaction  X-Evil: 1)"),
        ("", f"ivpipe/{__version__}"),
    ],
)
def test_user_agent_of_any_contact_is_a_header(contact: str, agent: str) -> None:
    assert user_agent(contact) == agent


def test_get_with_validators_that_hold_is_not_modified(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/feed"] = with_etag(b"<rss/>", 'W/"7"', "Fri, 03 May 2024 10:00:00 GMT")
    first = fetcher.get(site.url("/feed"), polite(site))
    again = fetcher.get(
        site.url("/feed"), polite(site), etag=first.headers["etag"], last_modified=first.headers["last-modified"]
    )
    assert (again.status, again.body, again.not_modified) == (304, b"", True)
    assert site.requests[-1][1]["if-modified-since"] == "Fri, 03 May 2024 10:00:00 GMT"


def test_get_with_a_validator_that_is_no_header_sends_none(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/feed"] = page(b"x")
    assert fetcher.get(site.url("/feed"), polite(site), etag='"é"', last_modified="a\r\nb: c").body == b"x"
    assert not {"if-none-match", "if-modified-since"} & set(site.requests[-1][1])


def test_get_of_an_unasked_304_is_an_error(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = status(304)
    with pytest.raises(FetchError, match="304, which is no page"):
        fetcher.get(site.url("/a"), polite(site))


@pytest.mark.parametrize("code", [404, 410])
def test_get_of_a_missing_page_says_it_is_gone(site: HttpSite, fetcher: Fetcher, code: int) -> None:
    site.pages["/a"] = status(code)
    with pytest.raises(PageGone, match=f"answers {code}") as caught:
        fetcher.get(site.url("/a"), polite(site))
    assert (caught.value.subject, caught.value.retryable) == (site.url("/a"), False)


def test_get_of_a_forbidden_page_tells_what_to_ask_the_partner(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = status(403)
    with pytest.raises(FetchError, match='refuses us \\(403\\) — ask the partner to let the user agent "ivpipe" in'):
        fetcher.get(site.url("/a"), polite(site))
    assert site.paths.count("/a") == 1


# Trying again


def test_get_tries_again_after_a_fault_of_the_site(site: HttpSite, fetcher: Fetcher, time: FakeTime) -> None:
    site.pages["/a"] = in_turn(status(500), hang_up, page(b"at last"))
    assert fetcher.get(site.url("/a"), polite(site)).body == b"at last"
    assert len(time.slept) == 2
    assert 0.5 <= time.slept[0] <= 1.5 <= 2 * time.slept[1]


def test_get_gives_up_after_three_attempts_with_a_retryable_error(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = status(503)
    with pytest.raises(FetchError, match="fault of its own \\(503\\)") as caught:
        fetcher.get(site.url("/a"), polite(site))
    assert caught.value.retryable
    assert site.paths.count("/a") == 3


def test_get_waits_as_long_as_the_site_asks(site: HttpSite, fetcher: Fetcher, time: FakeTime) -> None:
    site.pages["/a"] = in_turn(status(429, Retry_After="17"), page(b"welcome"))
    assert fetcher.get(site.url("/a"), polite(site)).body == b"welcome"
    assert time.slept == [17.0]


def test_get_leaves_a_host_alone_that_asks_for_longer_than_we_wait(
    site: HttpSite, fetcher: Fetcher, time: FakeTime
) -> None:
    site.pages["/a"] = status(429, Retry_After="3600")
    site.pages["/b"] = page(b"b")
    with pytest.raises(FetchError, match="come back later \\(429\\)") as first:
        fetcher.get(site.url("/a"), polite(site))
    time.now += 600
    with pytest.raises(FetchError, match="do not ask it again for 3000 seconds") as second:
        fetcher.get(site.url("/b"), polite(site))
    assert [(error.value.retryable, error.value.retry_after) for error in (first, second)] == [
        (True, 3600.0),
        (True, 3000.0),
    ]
    assert site.paths == ["/robots.txt", "/a"]
    time.now += 3000
    assert fetcher.get(site.url("/b"), polite(site)).body == b"b"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Fri, 03 May 2024 12:02:00 GMT", 120.0),
        ("Fri, 03 May 2024 11:00:00 GMT", 0.0),
        ("999999999", 604800.0),
        ("-5", None),
        ("soon", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_parse_retry_after(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(st.text())
def test_parse_retry_after_of_any_text_is_bounded(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= 604800


def test_get_of_a_name_that_does_not_exist_is_retryable(fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="the name nowhere.example cannot be resolved") as caught:
        fetcher.get("http://nowhere.example/", Fetch(delay=0))
    assert caught.value.retryable


def test_get_of_a_port_nobody_listens_on_is_retryable(fetcher: Fetcher) -> None:
    with running_site() as gone:
        pass
    with pytest.raises(FetchError, match="cannot connect") as caught:
        fetcher.get(gone.url("/a"), polite(gone))
    assert caught.value.retryable


# Caps on time and size


@pytest.mark.parametrize("behaviour", [endless(b"x", 0.02), dripping_head(0.02)], ids=["body", "head"])
def test_get_of_an_answer_that_drips_ends_at_max_seconds(
    site: HttpSite, resolver: FakeResolver, behaviour: Behaviour
) -> None:
    site.pages["/a"] = behaviour
    with (
        Fetcher("x", resolve=resolver) as fetcher,
        pytest.raises(FetchError, match="not complete within fetch.max_seconds") as caught,
    ):
        fetcher.get(site.url("/a"), polite(site, max_seconds=0.4))
    assert (caught.value.retryable, caught.value.subject) == (True, site.url("/a"))
    assert site.paths == ["/robots.txt", "/a"]


def test_get_of_a_silent_site_times_out(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = endless(b"", 0.05)
    with pytest.raises(FetchError, match="it did not answer in time") as caught:
        fetcher.get(site.url("/a"), polite(site, timeout=0.1))
    assert caught.value.retryable


def test_get_of_a_page_announced_too_large_is_refused_before_its_body(site: HttpSite, fetcher: Fetcher) -> None:
    def fifty_megabytes(request: Request) -> None:
        request.start(Content_Length="50000000")

    site.pages["/a"] = fifty_megabytes
    with pytest.raises(FetchError, match="larger than 10 000 000 bytes — .*raise fetch.max_bytes") as caught:
        fetcher.get(site.url("/a"), polite(site))
    assert (caught.value.retryable, caught.value.subject) == (False, site.url("/a"))
    assert site.paths.count("/a") == 1


def test_get_of_a_page_without_end_stops_at_max_bytes(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = endless(b"x" * 65536)
    with pytest.raises(FetchError, match="larger than 300 000 bytes"):
        fetcher.get(site.url("/a"), polite(site, max_bytes=300_000))


def test_get_of_a_page_of_exactly_max_bytes_is_read(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = page(b"x" * 1000)
    site.pages["/z"] = page(gzip.compress(b"x" * 1000), Content_Encoding="gzip")
    assert [len(fetcher.get(site.url(path), polite(site, max_bytes=1000)).body) for path in ("/a", "/z")] == [
        1000,
        1000,
    ]


def test_get_of_a_gzip_bomb_stops_at_max_bytes(site: HttpSite, fetcher: Fetcher) -> None:
    bomb = gzip.compress(bytes(200_000_000), compresslevel=1)
    site.pages["/a"] = page(bomb, Content_Encoding="gzip")
    with pytest.raises(FetchError, match="larger than 10 000 000 bytes"):
        fetcher.get(site.url("/a"), polite(site))


def test_read_body_of_a_gzip_bomb_never_holds_much_more_than_max_bytes() -> None:
    bomb = gzip.compress(bytes(200_000_000), compresslevel=9)
    answer = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(bomb))
    answer.request = httpx.Request("GET", "http://partner.example/")
    tracemalloc.start()
    try:
        with pytest.raises(FetchError, match="larger than 1 000 000 bytes"):
            read_body(answer, 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_get_of_gzip_members_that_expand_to_nothing_stops_at_max_bytes(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = endless(gzip.compress(b"") * 1000, Content_Encoding="gzip")
    with pytest.raises(FetchError, match="larger than 100 000 bytes"):
        fetcher.get(site.url("/a"), polite(site, max_bytes=100_000))


TEXT = "« Été » ".encode() * 5000


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT[:999]) + gzip.compress(TEXT[999:])),
        ("gzip", gzip.compress(TEXT) + bytes(512)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT, wbits=-15)),
        ("identity", TEXT),
    ],
    ids=["gzip", "members", "padding", "zlib", "bare deflate", "identity"],
)
def test_get_undoes_compression(site: HttpSite, fetcher: Fetcher, encoding: str, body: bytes) -> None:
    site.pages["/a"] = page(body, Content_Encoding=encoding)
    answer = fetcher.get(site.url("/a"), polite(site))
    assert answer.body == TEXT
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("encoding", "body", "message", "retryable"),
    [
        ("gzip", gzip.compress(TEXT)[:-20], "breaks off", True),
        ("gzip", b"plain text", "damaged", True),
        ("br", b"x", "compressed as 'br', which we did not ask for", False),
        ("gzip, gzip", gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0), "compressed as 'gzip, gzip'", False),
    ],
)
def test_get_of_a_body_that_cannot_be_undone_says_so(
    site: HttpSite, fetcher: Fetcher, encoding: str, body: bytes, message: str, retryable: bool
) -> None:
    site.pages["/a"] = page(body, Content_Encoding=encoding)
    with pytest.raises(FetchError, match=message) as caught:
        fetcher.get(site.url("/a"), polite(site))
    assert caught.value.retryable is retryable


# Redirects


def test_get_follows_redirects_and_names_the_last_address(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = redirect("/b?x=é#part", 301)
    site.pages["/b?x=%C3%A9"] = redirect(site.url("/c", "www.partner.example"), 308)
    site.pages["/c"] = page(b"c")
    answer = fetcher.get(site.url("/a"), polite(site, "partner.example", "www.partner.example"))
    assert (answer.url, answer.body) == (site.url("/c", "www.partner.example"), b"c")


def test_get_of_a_redirect_loop_is_refused(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = redirect("/b")
    site.pages["/b"] = redirect("/a")
    with pytest.raises(FetchRefused, match="redirects more than 10 times"):
        fetcher.get(site.url("/a"), polite(site))
    assert len(site.requests) == 12


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("file:///etc/passwd", "only http and https"),
        ("//user:secret@partner.example/", "user name or password"),
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254, which is not a public address"),
        ("http://[::ffff:127.0.0.1]/", "not a public address"),
        ("http://0x7f.1/", "not a public address"),
        ("data:text/html,<p>x", "redirects to what is not a web address"),
        ("javascript:alert(1)", "redirects to what is not a web address|only http and https"),
        ("mailto:a@partner.example", "redirects to what is not a web address|only http and https"),
        ("//", "redirects to what is not a web address"),
        ("https://", "redirects to what is not a web address"),
        ("https:///path", "redirects to what is not a web address"),
    ],
)
def test_get_of_a_redirect_to_what_is_not_to_be_fetched_is_refused(
    site: HttpSite, fetcher: Fetcher, resolver: FakeResolver, location: str, message: str
) -> None:
    resolver.names["0x7f.1"] = ["127.0.0.1"]  # as the system's resolver reads it
    site.pages["/a"] = redirect(location)
    with pytest.raises(FetchRefused, match=message) as caught:
        fetcher.get(site.url("/a"), polite(site))
    assert "secret" not in str(caught.value)


def test_get_of_a_redirect_to_nonsense_is_an_error(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/a"] = redirect("http://[::1")
    with pytest.raises(FetchError, match="its answer makes no sense: Invalid URL in location header"):
        fetcher.get(site.url("/a"), polite(site))
    site.pages["/a"] = redirect("/" + "x" * 70_000)
    with pytest.raises(FetchError, match="its answer makes no sense|not a web address"):
        fetcher.get(site.url("/a"), polite(site))
    site.pages["/a"] = status(302)
    with pytest.raises(FetchError, match="answers 302 without saying where to go"):
        fetcher.get(site.url("/a"), polite(site))


# Private addresses


def test_get_of_a_private_address_names_the_key_that_would_allow_it(site: HttpSite, fetcher: Fetcher) -> None:
    with pytest.raises(FetchRefused, match=f'write "inside.example:{site.port}" into fetch.allow_private'):
        fetcher.get(site.url("/a", "inside.example"), polite(site))
    assert site.requests == []


def test_get_allows_exactly_the_host_and_port_named(site: HttpSite, fetcher: Fetcher) -> None:
    with running_site() as other:
        site.pages["/"] = page(b"ok")
        assert fetcher.get(site.url("/", "127.0.0.1"), polite(site, "127.0.0.1")).body == b"ok"
        for refused in (site.url("/"), other.url("/", "127.0.0.1")):
            with pytest.raises(FetchRefused):
                fetcher.get(refused, polite(site, "127.0.0.1"))
        assert other.requests == []


def test_get_of_a_redirect_to_a_private_address_never_reaches_it(site: HttpSite, fetcher: Fetcher) -> None:
    with running_site() as inside:
        site.pages["/a"] = redirect(inside.url("/admin", "inside.example"))
        with pytest.raises(FetchRefused, match="inside.example is at 127.0.0.1, which is not a public address"):
            fetcher.get(site.url("/a"), polite(site))
        assert inside.requests == []


def test_get_of_a_site_whose_robots_txt_redirects_inside_never_goes_there(site: HttpSite, fetcher: Fetcher) -> None:
    with running_site() as inside:
        site.pages["/robots.txt"] = redirect(inside.url("/admin", "inside.example"))
        with pytest.raises(FetchRefused):
            fetcher.get(site.url("/a"), polite(site))
        assert (inside.requests, site.paths) == ([], ["/robots.txt"])


def test_get_reuses_no_connection_that_another_spec_was_allowed(
    site: HttpSite, fetcher: Fetcher, resolver: FakeResolver
) -> None:
    site.pages["/a"] = page(b"a")
    fetcher.get(site.url("/a"), polite(site))
    with pytest.raises(FetchRefused):
        fetcher.get(site.url("/a"), Fetch(delay=0))
    assert site.paths == ["/robots.txt", "/a"]


def test_get_connects_to_the_address_that_was_looked_up_once(
    site: HttpSite, fetcher: Fetcher, resolver: FakeResolver
) -> None:
    site.pages |= {"/robots.txt": page(b""), "/a": page(b"a")}
    fetcher.get(site.url("/a"), polite(site))
    assert resolver.asked == ["partner.example"]


def test_get_of_a_name_with_a_public_and_a_private_address_tries_the_public_one_only(fetcher: Fetcher) -> None:
    tried: list[str] = []

    class Backend:
        def connect_tcp(self, host: str, port: int, **_options: object) -> object:
            tried.append(host)
            raise FetchError("stopped before the network")

    resolver = FakeResolver(mixed_example=["10.0.0.7", "93.184.216.34", "::1", "2606:2800:220:1::1"])
    with Fetcher("x", resolve=resolver) as careful:
        pool = careful._client._transport._pools[False]  # type: ignore[attr-defined]
        pool._network_backend._sockets = Backend()
        with pytest.raises(FetchError, match="stopped before the network"):
            careful.get("http://mixed.example/", Fetch(delay=0))
    assert tried == ["93.184.216.34"]


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.5",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:8.8.8.8",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::808:808",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:808:808::",
        "3fff::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1%1",
        "fec0::1",
        "ff02::1",
        "localhost",
    ],
)
def test_is_public_of_a_special_address_is_false(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"])
def test_is_public_of_a_host_of_the_internet_is_true(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_is_public_never_lets_an_ipv4_pass_in_ipv6_clothes(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    assert not is_public(f"::ffff:{address}")
    assert not is_public(str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))))
    assert is_public(str(ipaddress.IPv6Address((0x64FF9B << 96) | number))) == is_public(str(address))


# robots.txt and pace


def test_get_of_a_page_that_robots_txt_forbids_is_refused(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/robots.txt"] = page(b"User-agent: *\nDisallow: /\n\nUser-agent: ivpipe\nDisallow: /prive/\n")
    site.pages["/a"] = page(b"a")
    assert fetcher.get(site.url("/a"), polite(site)).body == b"a"
    with pytest.raises(FetchRefused, match="robots.txt forbids it — ask the partner"):
        fetcher.get(site.url("/prive/b"), polite(site))
    assert site.paths == ["/robots.txt", "/a"]


def test_get_of_a_redirect_to_a_forbidden_page_is_refused(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/robots.txt"] = page(b"User-agent: *\nDisallow: /prive/\n")
    site.pages["/a"] = redirect("/prive/b")
    with pytest.raises(FetchRefused, match="/prive/b: the site's robots.txt forbids it"):
        fetcher.get(site.url("/a"), polite(site))


@pytest.mark.parametrize(
    "behaviour",
    [missing, status(403), page(b""), page(b"<html><body>Disallow: nothing</body>"), redirect("/robots.txt")],
    ids=["404", "403", "empty", "html", "loop"],
)
def test_get_where_there_are_no_rules_is_allowed(site: HttpSite, fetcher: Fetcher, behaviour: Behaviour) -> None:
    site.pages |= {"/robots.txt": behaviour, "/a": page(b"a")}
    assert fetcher.get(site.url("/a"), polite(site)).body == b"a"


def test_get_where_robots_txt_fails_is_retryable_and_asks_again_after_a_minute(
    site: HttpSite, fetcher: Fetcher, time: FakeTime
) -> None:
    site.pages |= {"/robots.txt": in_turn(*[status(500)] * 3, page(b"")), "/a": page(b"a")}
    for _ in range(2):
        with pytest.raises(FetchError, match="robots.txt cannot be read, so we do not know.*500") as caught:
            fetcher.get(site.url("/a"), polite(site))
        assert (caught.value.retryable, caught.value.subject) == (True, site.url("/a"))
        assert site.paths == ["/robots.txt"] * 3
    time.now += 61
    assert fetcher.get(site.url("/a"), polite(site)).body == b"a"


def test_get_reads_robots_txt_again_after_an_hour(site: HttpSite, fetcher: Fetcher, time: FakeTime) -> None:
    site.pages |= {"/robots.txt": in_turn(page(b""), page(b"User-agent: *\nDisallow: /")), "/a": page(b"a")}
    fetcher.get(site.url("/a"), polite(site))
    time.now += 3601
    with pytest.raises(FetchRefused):
        fetcher.get(site.url("/a"), polite(site))


def test_get_of_a_site_with_huge_rules_reads_their_beginning(site: HttpSite, fetcher: Fetcher) -> None:
    site.pages["/robots.txt"] = page(b"User-agent: *\nDisallow: /x\n" + b"# filler\n" * 1_000_000)
    with pytest.raises(FetchRefused, match="robots.txt forbids"):
        fetcher.get(site.url("/x"), polite(site))


def test_get_keeps_the_delay_between_requests_to_one_host(site: HttpSite, fetcher: Fetcher, time: FakeTime) -> None:
    site.pages["/a"] = page(b"a")
    for _ in range(3):
        fetcher.get(site.url("/a"), polite(site, delay=2))
    assert time.slept == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("crawl_delay", "slept"), [("7", 7.0), ("1", 2.0), ("86400", 30.0), ("inf", 2.0), ("nan", 2.0)]
)
def test_get_keeps_a_larger_crawl_delay_up_to_a_bound(
    site: HttpSite, fetcher: Fetcher, time: FakeTime, crawl_delay: str, slept: float
) -> None:
    site.pages |= {"/robots.txt": page(f"User-agent: *\nCrawl-delay: {crawl_delay}".encode()), "/a": page(b"a")}
    fetcher.get(site.url("/a"), polite(site, delay=2))
    fetcher.get(site.url("/a"), polite(site, delay=2))
    assert time.slept == [2.0, slept]


def test_pace_gives_threads_turns_one_delay_apart() -> None:
    slept: list[float] = []
    pace = Pace(lambda: 0.0, slept.append, 60.0)
    threads = [threading.Thread(target=pace.wait, args=("host", 2.0)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == [2.0 * turn for turn in range(1, 20)]


def test_get_from_many_threads_reads_robots_txt_once(site: HttpSite, fetcher: Fetcher) -> None:
    def slow_rules(request: Request) -> None:
        site.stopped.wait(0.1)  # long enough for the other threads to come by
        request.reply(200, b"")

    site.pages |= {"/robots.txt": slow_rules, "/a": page(b"a")}
    answers: list[Fetched] = []
    threads = [
        threading.Thread(target=lambda: answers.append(fetcher.get(site.url("/a"), polite(site)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.body for answer in answers] == [b"a"] * 8
    assert sorted(site.paths) == ["/a"] * 8 + ["/robots.txt"]


# Addresses that are none


@pytest.mark.parametrize(
    "url",
    ["", "ftp://partner.example/", "/relative", "http://", "http://a b/", "http://x:99999/", "http://x:0/", "\x00"],
)
def test_get_of_what_is_not_a_web_address_is_refused(fetcher: Fetcher, resolver: FakeResolver, url: str) -> None:
    with pytest.raises(FetchRefused):
        fetcher.get(url, Fetch(delay=0))
    assert resolver.asked == []


@pytest.mark.slow
@given(st.text(max_size=40).map(lambda tail: "http://" + tail))
def test_get_of_any_address_without_a_network_is_a_fetch_error(url: str) -> None:
    quick = FakeTime()
    with (
        Fetcher("x", resolve=FakeResolver(), clock=quick.clock, sleep=quick.sleep) as fetcher,
        pytest.raises(FetchError),
    ):
        fetcher.get(url.replace("//", "//nowhere.example."), Fetch(delay=0))


# TLS


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for partner.example, signed by itself, with its key."""
    return write_certificate(tmp_path / "partner.pem", "partner.example")


@pytest.fixture
def tls_site(certificate: Path) -> Iterator[tuple[HttpSite, list[str | None]]]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with running_site(context) as running:
        running.pages |= {"/robots.txt": page(b""), "/a": page(b"secure")}
        yield running, names


def test_get_over_tls_names_the_host_not_the_address(
    tls_site: tuple[HttpSite, list[str | None]],
    certificate: Path,
    resolver: FakeResolver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site, names = tls_site
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Fetcher("x", resolve=resolver) as fetcher:
        assert fetcher.get(site.url("/a").replace("http:", "https:"), polite(site)).body == b"secure"
    assert names == ["partner.example"]


def test_get_over_tls_with_a_certificate_nobody_vouches_for_is_an_error(
    tls_site: tuple[HttpSite, list[str | None]], fetcher: Fetcher
) -> None:
    site, _ = tls_site
    with pytest.raises(FetchError, match="certificate is not valid: self-signed.* tell the partner") as caught:
        fetcher.get(site.url("/a").replace("http:", "https:"), polite(site))
    assert (site.requests, caught.value.retryable) == ([], False)
