"""Real runs over two partners, one of which sends what stops a reader: the other's articles are read all the same."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers.http_site import Behaviour, HttpSite, Request, running_site

from ivpipe.cli import main

pytestmark = pytest.mark.slow

TEXT = "<p>" + "Les dockers ne cèdent pas, et le port reste vide depuis trois semaines. " * 12 + "</p>"
OWN = """
import ctypes, os, signal
from ivpipe.sources.extraction import extract

def read(page, url, *, spec, content_type):
    name = url.rsplit("/", 1)[-1]
    if name == "loop":
        while True:
            pass
    if name == "eat":
        kept = [bytearray(10_000_000) for _ in range(200)]
    if name == "exit":
        os._exit(0)
    if name == "crash":
        ctypes.string_at(0)
    if name == "killer":
        with open("asked", "a") as file:
            file.write(f"{os.getppid()}\\n")
        os.kill(os.getppid(), signal.SIGKILL)
    return extract(page, url, spec=spec, content_type=content_type)
"""


def html(text: str, title: str = "L’usine") -> bytes:
    return f"<html lang=fr><title>{title}</title><body><article><h1>{title}</h1>{text}</article></body></html>".encode()


def page(body: bytes) -> Behaviour:
    return lambda request: request.reply(200, body, Content_Type="text/html; charset=utf-8")


def drip(request: Request) -> None:
    request.start(Content_Type="text/html")
    while not request.site.stopped.wait(0.1):
        request.wfile.write(b"<p>")
        request.wfile.flush()


HOSTILE: dict[str, Behaviour] = {
    "paragraphs": page(html("<p>a b c" * 1_000_000)),
    "nested": page(html("<div>" * 1_900_000)),
    "attribute": page(html(f"<p title='{'x' * 9_900_000}'>")),
    "bomb": lambda request: request.reply(
        200, gzip.compress(b"<p>" * 100_000_000, 1), Content_Type="text/html", Content_Encoding="gzip"
    ),
    "drip": drip,
    **{name: page(html(TEXT)) for name in ("loop", "eat", "exit", "crash")},
}


def announce(site: HttpSite, names: list[str], pages: dict[str, Behaviour]) -> None:
    site.pages["/robots.txt"] = lambda request: request.reply(404)
    items = "".join(
        f"<item><title>{name}</title><link>http://127.0.0.1:{site.port}/{name}</link></item>" for name in names
    )
    feed = f'<?xml version="1.0"?><rss version="2.0"><channel><title>S</title>{items}</channel></rss>'.encode()
    site.pages["/feed"] = lambda request: request.reply(200, feed, Content_Type="application/rss+xml")
    site.pages |= {f"/{name}": pages.get(name) or page(html(TEXT, f"L’usine {name}")) for name in names}


def project(home: Path, sites: dict[str, HttpSite]) -> None:
    """``a`` is read before ``b``, and by the project's own extractor."""
    (home / "config" / "sources").mkdir(parents=True)
    (home / "config" / "ivpipe.toml").write_text(
        '[magazine]\nname = "M"\nlanguages = ["en"]\n[engines]\norder = ["dummy"]\n'
    )
    (home / "own.py").write_text(OWN)
    for slug, site in sites.items():
        own = 'extractor = "own:read"\n' if slug == "a" else ""
        address = f"127.0.0.1:{site.port}"
        (home / "config" / "sources" / f"{slug}.toml").write_text(
            f'name = "{slug}"\nurl = "http://{address}/"\nlanguages = ["fr"]\n{own}'
            f'[discovery]\nurls = ["http://{address}/feed"]\n'
            f'[fetch]\ndelay = 0\nmax_seconds = 2\nallow_private = ["{address}"]\n'
        )
    command(home, "init")


def command(home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", f"from {main.__module__} import main; main()", *arguments],
        cwd=home, env={**os.environ, "IVPIPE_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def ingest(home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ivpipe.flows.run", "ingest", "--no-prefect"],
        cwd=home, env={**os.environ, "IVPIPE_HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def stuck(home: Path) -> dict[str, str]:
    """What ``status`` says of articles, by the last part of their address (which is the title announced)."""
    said = json.loads(command(home, "status", "--json"))
    return {row["title"]: row["why"] for row in said["stuck"] if row["what"] == "article"}


@pytest.fixture
def sites() -> Iterator[dict[str, HttpSite]]:
    with running_site() as one, running_site() as other:
        yield {"a": one, "b": other}


def test_what_one_site_sends_does_not_stop_the_others(tmp_path: Path, sites: dict[str, HttpSite]) -> None:
    announce(sites["a"], ["first", *HOSTILE, "last"], HOSTILE)
    announce(sites["b"], ["un", "deux", "trois"], {})
    project(tmp_path, sites)
    done = ingest(tmp_path)
    assert "sources: 2 read; articles: 9 failed, 5 new" in done.stderr
    assert "a: its health has fallen" in done.stderr.splitlines()[-1]  # which is why the run is red
    assert "Traceback" not in done.stderr
    why = stuck(tmp_path)
    assert set(why) == set(HOSTILE)
    for name, words in {
        "loop": "reading this page took more than 5 seconds of the processor",
        "eat": "reading this page took more than 300 MB of memory",
        "exit": "reading this page ended its process twice (exit code 0)",
        "crash": "reading this page ended its process twice (SIGSEGV)",
        "bomb": "the answer is larger than",
        "drip": "its answer was not complete",
    }.items():
        assert words in why[name]
        assert f"/{name}: " in why[name]


def test_a_page_that_twice_killed_who_read_it_waits_and_says_so(tmp_path: Path, sites: dict[str, HttpSite]) -> None:
    announce(sites["a"], ["killer", "last"], {})
    announce(sites["b"], ["un", "deux"], {})
    project(tmp_path, sites)
    assert [ingest(tmp_path).returncode for _ in range(2)] == [-9, -9]
    done = ingest(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 new, 1 failed" in done.stdout  # of the other site; "last" was read before the killer's second try
    assert stuck(tmp_path).keys() == {"killer"}
    assert "was begun twice, and both times the process ended before it was done" in stuck(tmp_path)["killer"]
    assert "waits a day" in stuck(tmp_path)["killer"]
    again = ingest(tmp_path)
    assert again.returncode == 0
    assert len((tmp_path / "asked").read_text().split()) == 2
    command(tmp_path, "retry", "--all")
    assert ingest(tmp_path).returncode == -9
