"""Planted secrets: every variable that holds one has a canary; whatever we talk to echoes all of them, in every form they
travel in, in all kinds of refusals; and then nothing that is stored, shown or logged has one of them in it."""

import base64
import html
import json
import logging
import os
import re
import socketserver
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from click.testing import CliRunner
from pydantic import BaseModel
from sqlalchemy import update
from tests.desk.conftest import TestClient, Visitor
from tests.flows.projects import Project

from ivpipe import engines, masking, publishers
from ivpipe.cli import main
from ivpipe.desk.app import create_app
from ivpipe.errors import IvpipeError
from ivpipe.flows.work import Work
from ivpipe.model import Publication, Role, Source, Translation
from ivpipe.plugins import load_plugin
from ivpipe.steps.people import add_user
from ivpipe.store import Store
from ivpipe.wiring import open_app

SRC = Path(masking.__file__).parent
STATUSES = (500, 401, 302, 200)
COMMANDS = (["status"], ["status", "--json"], ["config", "check"], ["target", "check"], ["engines", "list"])


def secret_variables() -> list[str]:
    """Every variable that holds a secret: those of the configuration by its own models, and the fixed ones."""
    named = []
    for seam, table in (("engines", engines.BUILTIN), ("publishers", publishers.BUILTIN)):
        for name in table:
            model: type[BaseModel] = load_plugin(seam, name, table).Settings
            named += [field.default for key, field in model.model_fields.items() if key.endswith("_env")]
    return sorted({*named, *masking.OURS, *masking.PREFECTS})


def canary(number: int) -> str:
    return f"k4nari{number:02d}\"/+<&%41>Zz9'{number:02d}-of-no-use-elsewhere"


CANARIES = {name: canary(number) for number, name in enumerate(secret_variables())}


def forms(secret: str) -> list[str]:
    """A secret as it travels. Written anew here: what masks must not say what is looked for."""
    coded = [base64.b64encode(f"{before}{secret}".encode()).decode() for before in ("", "u:", "us:", "ivpipe:")]
    whole = [
        *(secret, *coded, *(code.rstrip("=") for code in coded)),
        *(code.replace("+", "-").replace("/", "_") for code in coded),
        *(quote(secret), quote(secret, safe=""), quote_plus(secret), quote(quote(secret, safe=""), safe="")),
        *(quote(code, safe="") for code in coded),
        *(json.dumps(secret)[1:-1], json.dumps(json.dumps(secret))[3:-3], json.dumps(secret).replace("/", "\\/")[1:-1]),
        *(html.escape(secret), html.escape(secret, quote=False), html.escape(json.dumps(secret))),
        *(repr(secret)[1:-1], repr(secret.encode())[2:-1], secret.encode().hex(), secret.encode().hex().upper()),
    ]
    return list(dict.fromkeys(whole))


FORMS = [form for secret in CANARIES.values() for form in forms(secret)]


def found(text: str | bytes) -> list[str]:
    """The forms of canaries in a text, and any run of one's plain characters, however it is written."""
    raw = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
    return [form for form in FORMS if form.encode() in raw] + re.findall(rb"k4nari[0-9]+", raw)  # type: ignore[arg-type]


class Echo(BaseHTTPRequestHandler):
    """Answers each request with the next refusal, which repeats what it was sent, and all canaries."""

    def do_GET(self) -> None:
        server: Any = self.server
        size = int(self.headers.get("Content-Length") or 0)
        sent = f"{self.requestline} {dict(self.headers)} {self.rfile.read(size).decode(errors='replace')}"
        server.turn += 7
        start = server.turn % len(FORMS)
        echoed = " ".join([*FORMS[start:], *FORMS[:start], sent, str(self.headers)])
        body = echoed.encode() if server.turn % 2 else json.dumps({"code": "x", "message": echoed}).encode()
        self.send_response(server.status)
        if server.status == 302:
            self.send_header("Location", "/other?a=" + quote(FORMS[start]) + "&token=abc123")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_GET  # noqa: N815

    def log_message(self, *_args: object) -> None:
        """Quiet."""


class Mail(socketserver.StreamRequestHandler):
    """A mail server that refuses every login with what it was sent."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            if line.upper().startswith(b"EHLO"):
                self.wfile.write(b"250-here\r\n250 AUTH PLAIN LOGIN\r\n")
            else:
                start = 3 * len(line) % len(FORMS)
                self.wfile.write(b"535 " + line.strip() + b" " + " ".join(FORMS[start : start + 5]).encode() + b"\r\n")


@pytest.fixture
def hostile() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.status, server.turn = 500, 0  # type: ignore[attr-defined]
    mail = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mail)
    server.mail_port = mail.server_address[1]  # type: ignore[attr-defined]
    threads = [threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.02}) for one in (server, mail)]
    for thread in threads:
        thread.start()
    yield server
    for one in (server, mail):
        one.shutdown()
        one.server_close()


def configure(project: Project, hostile: Any) -> None:
    url = f"http://127.0.0.1:{hostile.server_address[1]}"
    config = project.home / "config"
    file = config / "ivpipe.toml"
    text = file.read_text().replace('"dummy"', '"deepl", "openai", "libretranslate", "dummy"')
    for name in ("deepl", "libretranslate", "openai"):
        text += f'\n[engines.{name}]\nserver_url = "{url}"\n' + ('model = "m"\n' if name == "openai" else "")
    file.write_text(text)
    spec = (config / "sources" / "semaine.toml").read_text()
    bad = spec.replace(f"127.0.0.1:{project.site.port}", url.removeprefix("http://")).replace("La Semaine", "Hostile")
    (config / "sources" / "hostile.toml").write_text(bad)
    targets = {
        "wordpress": f'url = "{url}"\nuser = "ivpipe"',
        "spip": f'url = "{url}"\nlogin = "ivpipe"\nsection = 1',
        "spip-file": f'url = "{url}"\nlogin = "ivpipe"\nsection = 1\ndriver = "file"',
        "webhook": f'url = "{url}/hook?token=abc123"',
        "email": f'to = ["a@b.example"]\nsender = "a@b.example"\nhost = "127.0.0.1"\nport = {hostile.mail_port}\n'
        'security = "none"\nuser = "ivpipe"',
        "markdown": f'remote = "{url}/site.git"\nbase_url = "https://review.example/"',
    }
    for name, rest in targets.items():
        (config / "targets" / f"{name}.toml").write_text(f'type = "{name.removesuffix("-file")}"\n{rest}\n')


class Processes(threading.Thread):
    """The command lines of all processes of ours, looked at again and again."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[bytes] = set()
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.005):
            for place in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    if place.stat().st_uid == os.geteuid():
                        self.seen.add(place.read_bytes())
                except OSError:
                    continue


def desk_pages(home: Path) -> dict[str, str]:
    """Every page that can be read, as somebody with all roles."""
    pages = {}
    with open_app(home) as app:
        add_user(app.store, "all", "All", "correct horse battery", list(Role), datetime.now(UTC))
        desk = create_app(app)
        visitor = Visitor(TestClient(desk, base_url="http://127.0.0.1"))
        assert visitor.log_in("all", "correct horse battery").status_code == 303
        for route in desk.routes:
            if "GET" not in (getattr(route, "methods", None) or ()):
                continue
            for number in range(1, 8) if "{id" in route.path else [0]:
                path = re.sub(r"\{id:int\}", str(number), route.path).replace("{sha256:str}", "0" * 64)
                pages[path] = visitor.get(path).text
    return pages


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_no_secret_is_stored_shown_or_logged(
    project: Project, hostile: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    for name, value in CANARIES.items():
        if not name.startswith("PREFECT") and name != "IVPIPE_DATABASE_URL":  # these two would be obeyed
            monkeypatch.setenv(name, value)
        masking.remember(value, name)
    masking.install()
    monkeypatch.setattr("deepl.http_client.max_network_retries", 0)  # it waits longer each time
    configure(project, hostile)
    caplog.set_level(logging.DEBUG, "ivpipe")
    processes = Processes()
    processes.start()
    messages = []

    def run(flow: str) -> None:
        state = getattr(import_module(f"ivpipe.flows.{flow}"), flow)(return_state=True)
        messages.append(f"{state.message} {state.data!r}")

    def crash(self: Work, ids: Any, log: Any) -> Any:
        raise ValueError("unforeseen: " + " ".join(FORMS))

    outputs = []
    approved = 0
    for status in STATUSES:
        hostile.status = status
        run("ingest")
        if caplog.handler not in logging.root.handlers:  # the first flow of a process replaces them
            logging.root.addHandler(caplog.handler)
        run("translate")
        approved += project.approve_all()
        run("publish")
        for words in COMMANDS if status in (500, 302) else ():
            outputs.append(CliRunner().invoke(main, ["--home", str(project.home), *words]).output)  # noqa: PERF401
        with project.store.write() as session:  # the waits are over
            for table in (Translation, Publication):
                session.execute(update(table).values(retry_at=None))
    assert approved == 3
    with monkeypatch.context() as patch:
        patch.setattr(Work, "draft", crash)
        patch.setattr(Work, "translations", lambda self: [1])
        run("translate")
        patch.setattr(Work, "translations", lambda self: crash(self, [], None))
        run("translate")
    processes.over.set()
    processes.join()
    time.sleep(3)  # Prefect's logs go to its server every two seconds

    with project.store.read() as session:
        assert session.get(Source, "hostile").failures == len(STATUSES)  # type: ignore[union-attr]
    record = sqlite3.connect(project.home / "var" / "ivpipe.db")
    tables = [row[0] for row in record.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {table: repr(record.execute(f'SELECT * FROM "{table}"').fetchall()) for table in tables}
    record.close()
    from prefect.settings import get_current_settings

    prefect = str(get_current_settings().server.database.connection_url.get_secret_value()).partition("///")[2]
    places: dict[str, str | bytes] = {
        **{f"table {table}": text for table, text in rows.items()},
        **{str(path): path.read_bytes() for path in (project.home / "var").rglob("*") if path.is_file()},
        **{str(path): path.read_bytes() for path in Path(prefect).parent.glob(Path(prefect).name + "*")},
        **{f"output {number}": text for number, text in enumerate(outputs)},
        **{f"state {number}": text for number, text in enumerate(messages)},
        **{f"desk {path}": text for path, text in desk_pages(project.home).items()},
        **{f"process {line!r}": line for line in processes.seen},
        "log": caplog.text,
        "printed": "".join(capfd.readouterr()),
    }
    assert {place: found(text)[:3] for place, text in places.items() if found(text)} == {}
    # What was looked through is what the echoes went into.
    for place in (
        Path(prefect),
        "log",
        "table publications",
        "table runs",
        "table sources",
        "desk /status",
        "output 0",
    ):
        text = places[str(place)]
        marks = text.count(b"***") if isinstance(text, bytes) else text.count("***")
        if place != "table sources":  # a partner's answer is not told, only its status
            assert marks, place
    sys.stdout.write(f"{len(CANARIES)} canaries, {len(FORMS)} forms, {len(places)} places\n")


@pytest.mark.parametrize("name", sorted(CANARIES))
def test_every_form_of_every_secret_is_masked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, CANARIES[name])
    masking.read_secret(name)
    for form in forms(CANARIES[name]):
        for text in (form, f"x {form} y", f"<p>{form}</p>", f"k={form}&l=1", json.dumps({"a": form}), f"“{form}”"):
            masked = masking.mask(text)
            assert not found(masked), (text, masked)
            assert masking.mask(masked) == masked


def test_no_variable_is_read_but_where_it_is_known() -> None:
    """A new secret must be read by ``read_secret``: the environment is looked into by nobody else, but for what is none."""
    allowed = {"IVPIPE_HOME", "PREFECT_API_URL"}
    reads = []
    for file in SRC.rglob("*.py"):
        for line in file.read_text(encoding="utf-8").splitlines():
            if re.search(r"os\.(environ\.get|environ\[|getenv)\(?", line) and file.name != "masking.py":
                names = set(re.findall(r"\"([A-Z_]+)\"", line))
                if not names or not names <= allowed:
                    reads.append(f"{file.relative_to(SRC)}: {line.strip()}")
    assert reads == [
        "cli/prefect_settings.py: return {name: os.environ.get(name) or value for name, value in ours.items()}"
    ]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:k4nari/00@@h:x/db",
        "postgresql://u:k4nari:00@h:port/db",
        "nosuch://u:k4nari00@h/db",
        "k4nari00",
        "u:k4nari00@h/db",
        "mysql://u:k4nari00@h/db",
    ],
)
def test_a_database_address_that_cannot_be_used_is_not_told(url: str) -> None:
    with pytest.raises(IvpipeError, match="IVPIPE_DATABASE_URL is not a database address") as caught:
        Store(url)
    assert "k4nari" not in str(caught.value)
    assert caught.value.__cause__ is None


def wrapped(text: str, separator: str, width: int = 10) -> str:
    return separator.join(text[start : start + width] for start in range(0, len(text), width))


ODD_SPELLINGS = {
    "folded header": lambda secret: wrapped(secret, "\r\n "),
    "base64 in lines": lambda secret: wrapped(base64.b64encode(f"user:{secret}".encode()).decode(), "\r\n"),
    "base64 in lines, in JSON": lambda secret: json.dumps(wrapped(base64.b64encode(secret.encode()).decode(), "\r\n")),
    "base64 of the secret before the user": lambda secret: base64.b64encode(f"{secret}:user".encode()).decode(),
    "base64 twice": lambda secret: base64.b64encode(base64.b64encode(f"user:{secret}".encode())).decode(),
    "base64 of JSON": lambda secret: base64.b64encode(json.dumps({"auth": secret}).encode()).decode(),
    "base64 of a query": lambda secret: base64.b64encode(f"a=b&k={quote(secret, safe='')}".encode()).decode(),
    "base64 of UTF-16": lambda secret: base64.b64encode(f"user:{secret}".encode("utf-16")).decode(),
    "UTF-16 read as UTF-8": lambda secret: secret.encode("utf-16-le").decode(errors="replace"),
    "big UTF-16 read as UTF-8": lambda secret: secret.encode("utf-16-be").decode(errors="replace"),
    "UTF-16 whose zeros became blanks": lambda secret: " ".join(secret),
    "Latin-1 read as UTF-8": lambda secret: secret.encode("latin-1").decode(errors="replace"),
    "UTF-8 read as Latin-1": lambda secret: secret.encode().decode("latin-1"),
    "invisible characters": lambda secret: "\u200b".join(secret),
    "soft hyphens": lambda secret: "&shy;".join(secret),
    "entities without an end": lambda secret: "".join(f"&#{ord(one)}" for one in secret),
    "long entities": lambda secret: "".join(f"&#X{ord(one):09X};" for one in secret),
    "percent, upper case": lambda secret: "".join(f"%{byte:02X}" for byte in secret.encode()),
    "percent, lower case, twice": lambda secret: "".join(f"%25{byte:02x}" for byte in secret.encode()),
    "hexadecimal, spaced": lambda secret: secret.encode().hex(" "),
    "hexadecimal, with colons": lambda secret: secret.encode().hex(":").upper(),
    "quoted-printable": lambda secret: wrapped("".join(f"={byte:02X}" for byte in secret.encode()), "=\r\n", 12),
    "octal": lambda secret: "".join(f"\\{byte:03o}" for byte in secret.encode()),
    "braced escapes": lambda secret: "".join(f"\\u{{{ord(one):x}}}" for one in secret),
    "JSON in JSON in JSON in JSON": lambda secret: json.dumps(json.dumps(json.dumps(json.dumps([secret])))),
}


@pytest.mark.parametrize("spelling", ODD_SPELLINGS)
@pytest.mark.parametrize("secret", ["Zq7x Kp3w w2Rt 9mVb", "3f1c9b7e-55aa-4b0d:fx", 'pé"$wörd/42+x'])
def test_odd_spellings_are_masked(secret: str, spelling: str) -> None:
    masking.remember(secret)
    written = ODD_SPELLINGS[spelling](secret)
    masked = masking.mask(f"said {written} end")
    pieces = (written[start : start + 12] for start in range(max(1, len(written) - 11)))
    assert [piece for piece in pieces if len(re.findall(r"\w", piece)) > 3 and piece in masked] == []
    assert "***" in masked
    assert masking.mask("said nothing of it") == "said nothing of it"


def test_shapes_of_credentials_are_masked_where_the_secret_is_not_known() -> None:
    for text, masked in {
        "Authorization: Basic dTpw Accept: */*": "Authorization: *** Accept: */*",
        '{"authorization": "Bearer a.b.c", "x": 1}': '{"authorization": "***", "x": 1}',
        "Set-Cookie: spip_session=12; Path=/\nX: y": "Set-Cookie: ***\nX: y",
        "https://u:pw@h.example/a?b=1&token=x#y": "https://u:***@h.example/a?b=1&token=***#y",
        "postgresql://u:pw@h/db?sslpassword=zz": "postgresql://u:***@h/db?sslpassword=***",
        "%41uthorization%3A Bearer zz": "%41uthorization%3A ***",
        "basic instructions, keys and tokens": "basic instructions, keys and tokens",
    }.items():
        assert masking.mask(text) == masked


def test_a_traceback_and_a_log_record_are_masked(capfd: Any) -> None:
    masking.remember("k4nari-of-the-log")
    masking.install()
    stream = logging.StreamHandler(sys.stderr)
    log = logging.getLogger("ivpipe.test")
    log.propagate = False  # Prefect's handler, where there is one, draws its own traceback
    log.addHandler(stream)
    try:
        raise KeyError("k4nari-of-the-log")
    except KeyError:
        log.exception("%s and %r", "k4nari-of-the-log", ["k4nari-of-the-log"])
    finally:
        log.removeHandler(stream)
    said = capfd.readouterr().err
    assert "*** and ['***']" in said
    assert "KeyError: '***'" in said
    assert "k4nari" not in said.replace('raise KeyError("k4nari-of-the-log")', "").replace(
        'log.exception("%s and %r", "k4nari-of-the-log", ["k4nari-of-the-log"])', ""
    )


def test_short_secrets_are_named_not_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "abc")
    masking.read_secret("SMTP_PASSWORD")
    assert (masking.mask("abc"), masking.too_short()) == ("abc", ["SMTP_PASSWORD"])
