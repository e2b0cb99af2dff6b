"""Addresses that we print lead to hosts of the public internet, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivpipe.text.hosts import is_public, is_public_host, is_public_port
from ivpipe.text.media import absolute_url

BASE = "https://revue.example/2025/article"


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST.", "a.localhost", "intranet", "printer.local", "db.internal", "router.lan", "nas.home.arpa",
        "127.0.0.1", "127.0.0.1.", "169.254.169.254", "10.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1",
        "0", "999.1.1.1", "1.2.3.4.5", "[::1]", "::ffff:169.254.169.254", "fe80::1", "fd00::1", "", ".", "a..example",
        "-a.example", "a b.example", "%31.example", "a" * 64 + ".example", "a." * 130 + "example",
    ],
)  # fmt: skip
def test_hosts_that_are_not_public(host: str) -> None:
    assert not is_public_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "revue.example",
        "REVUE.example.",
        "xn--bcher-kva.example",
        "a_b.example",
        "8.8.8.8",
        "2606:4700::1111",
        "0x8.8.8.8",
    ],
)
def test_hosts_that_may_be_public(host: str) -> None:
    assert is_public_host(host)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_form(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    first, rest = number >> 24, number & 0xFFFFFF
    for form in (str(number), hex(number), f"{first}.{rest}", f"0{first:o}.{rest}", f"{first:#x}.{rest:#x}"):
        assert is_public_host(form) == is_public(str(address))


def test_ports_of_the_web() -> None:
    assert [port for port in (None, 22, 25, 80, 443, 6667, 8080, 70000) if is_public_port(port)] == [
        None,
        80,
        443,
        8080,
    ]


@pytest.mark.parametrize(
    "href",
    [
        "http://169.254.169.254/", "http://localhost:8000/x", "//2130706433/x", "https://revue.example@evil.example/",
        "https://user:secret@revue.example/", "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
        "file:///etc/passwd", "https://evil.example:22/", "https://[::1]/", "https://１２７.0.0.1/", "https://a\u202eb.example/",
        "https://evil.example\\@revue.example/", "/" + "x" * 5000,
    ],
)  # fmt: skip
def test_absolute_url_of_what_no_reader_could_go_to_is_empty(href: str) -> None:
    assert absolute_url(href, BASE) == ""


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("https://bücher.example/ä?q=ü", "https://xn--bcher-kva.example/%C3%A4?q=%C3%BC"),
        ("https://аррӏе.example/", "https://xn--80ak6aa92e.example/"),
        ("https://Revue.example:8443/a", "https://Revue.example:8443/a"),
        ("../x", "https://revue.example/x"),
        ("mailto:redaction@revue.example", "mailto:redaction@revue.example"),
    ],
)
def test_absolute_url_names_hosts_in_ascii(href: str, url: str) -> None:
    assert absolute_url(href, BASE) == url


def test_absolute_url_stays_on_the_host_the_page_comes_from() -> None:
    assert absolute_url("/a", "http://127.0.0.1:8000/b") == "http://127.0.0.1:8000/a"
    assert absolute_url("http://127.0.0.1:8000/a b", "http://127.0.0.1:8000/b") == "http://127.0.0.1:8000/a%20b"
    assert absolute_url("http://127.0.0.2/a", "http://127.0.0.1:8000/b") == ""
