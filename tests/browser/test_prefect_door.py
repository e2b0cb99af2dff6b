"""Prefect's API and page as ``ivpipe up`` serves them: open to whoever has the password, and to nobody else.

Whoever is let in could run commands with every key we hold. Tried from a page of another origin in a real browser, and from
a process of this machine that has no password.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, expect
from tests.flows.projects import serve_articles, write_project
from tests.servers.http_site import HttpSite, running_site
from tests.servers.reverse_proxy import reverse_proxy
from tests.servers.running_up import Up, free_ports, running_up
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

OPEN = {"/health", "/ready"}
SOCKETS = (
    "/events/in",
    "/events/out",
    "/logs/out",
    "/task_runs/subscriptions/scheduled",
    "/work_pools/default/workers/connect",
)
GREETINGS: tuple[tuple[list[Any] | None, dict[str, str] | None], ...] = (
    (None, None),
    (["prefect"], {"type": "auth"}),
    (["prefect"], {"type": "auth", "token": "ivpipe:guess"}),
)
EVENT = {
    "occurred": "2026-01-01T00:00:00Z",
    "event": "evil.happened",
    "resource": {"prefect.resource.id": "evil"},
    "payload": {},
    "id": str(uuid4()),
}
STEPS = [{"prefect.deployments.steps.run_shell_script": {"script": "touch /tmp/ivpipe-was-here"}}]

ATTACK = """
async ({api, deployment, event, steps, sockets}) => {
  const told = {};
  const attempt = async (name, make) => {
    try { told[name] = await make(); } catch (error) { told[name] = `refused: ${error.name}`; }
  };
  const send = (method, path, body, more) => async () => {
    const answer = await fetch(api + path, {method, body: body && JSON.stringify(body), ...more});
    return answer.type === 'opaque' ? 'opaque' : `${answer.status} ${await answer.text()}`;
  };
  const asJson = {headers: {'Content-Type': 'application/json'}};
  const simple = {headers: {'Content-Type': 'text/plain'}};
  const blind = {...simple, mode: 'no-cors'};
  const guess = {headers: {'Content-Type': 'application/json', 'Authorization': 'Basic ' + btoa('ivpipe:guess')}};
  const run = {state: {type: 'SCHEDULED'}};
  for (const [kind, more] of Object.entries({asJson, simple, blind, guess})) {
    await attempt(`${kind} list`, send('POST', '/deployments/filter', {}, more));
    await attempt(`${kind} run`, send('POST', `/deployments/${deployment}/create_flow_run`, run, more));
    await attempt(`${kind} event`, send('POST', '/events', [event], more));
    await attempt(`${kind} variable`, send('POST', '/variables/', {name: 'evil', value: 1}, more));
    if (kind !== 'blind') {
      await attempt(`${kind} patch`, send('PATCH', `/deployments/${deployment}`, {pull_steps: steps}, more));
      await attempt(`${kind} delete`, send('DELETE', `/deployments/${deployment}`, undefined, more));
    }
  }
  await attempt('read', send('GET', `/deployments/${deployment}`, undefined, {}));
  await attempt('with cookies', send('GET', `/deployments/${deployment}`, undefined, {credentials: 'include'}));
  await attempt('token', send('GET', '/csrf-token?client=evil', undefined, {}));
  await attempt('form', () => new Promise(resolve => {
    const frame = document.createElement('iframe');
    frame.name = 'taken';
    const form = document.createElement('form');
    Object.assign(form, {method: 'POST', target: 'taken', enctype: 'text/plain',
                         action: `${api}/deployments/${deployment}/create_flow_run`});
    const field = document.createElement('input');
    Object.assign(field, {name: '{"state": {"type": "SCHEDULED"}, "name": "', value: 'evil"}'});
    form.append(field);
    document.body.append(frame, form);
    frame.onload = () => resolve('sent');
    form.submit();
    setTimeout(() => resolve('sent, no answer'), 5000);
  }));
  for (const path of sockets)
    for (const [kind, protocols, greeting] of [
      ['bare', [], undefined],
      ['without a password', ['prefect'], {type: 'auth'}],
      ['with a guess', ['prefect'], {type: 'auth', token: 'ivpipe:guess'}],
    ])
      await attempt(`socket ${path} ${kind}`, () => new Promise(resolve => {
        const heard = [];
        const socket = new WebSocket(api.replace('http', 'ws') + path, protocols);
        socket.onopen = () => {
          if (greeting) socket.send(JSON.stringify(greeting));
          for (const text of [event, {type: 'filter', filter: {}}]) socket.send(JSON.stringify(text));
        };
        socket.onmessage = message => heard.push(message.data);
        socket.onclose = () => resolve(heard);
        setTimeout(() => resolve(['still open', ...heard]), 5000);
      }));
  return told;
}
"""


@pytest.fixture(scope="module")
def site() -> Iterator[HttpSite]:
    """The partner's site, which also serves the hostile page: to Prefect's server it is another origin."""
    with running_site() as site:
        serve_articles(site, 1)
        site.pages["/evil"] = lambda request: request.reply(
            200, b"<!doctype html><title>x</title>", Content_Type="text/html"
        )
        yield site


@pytest.fixture(scope="module")
def up(site: HttpSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    home = tmp_path_factory.mktemp("door") / "home"
    write_project(home, site)
    with running_up(home) as up:
        yield up


def state_of(up: Up) -> dict[str, Any]:
    """What a stranger could have changed."""
    with up.client() as client:

        def ask(path: str, **body: Any) -> Any:
            return client.post(path, json=body).raise_for_status().json()

        deployments = ask("/deployments/filter", sort="NAME_ASC")
        return {
            "deployments": {each["name"]: (each["id"], each["pull_steps"], each["paused"]) for each in deployments},
            "runs by hand": [run["name"] for run in ask("/flow_runs/filter", limit=200) if not run["auto_scheduled"]],
            "events": ask("/events/filter", filter={"event": {"name": ["evil.happened"]}})["events"],
            "variables": ask("/variables/filter"),
        }


def deployment_of(up: Up) -> str:
    return str(state_of(up)["deployments"]["publish"][0])


def test_a_page_of_another_origin_reads_stores_and_starts_nothing(chromium: Browser, up: Up, site: HttpSite) -> None:
    before = state_of(up)
    context = chromium.new_context()
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(site.url("/evil", host="127.0.0.1"))
    told: dict[str, Any] = page.evaluate(
        ATTACK,
        {"api": up.api, "deployment": deployment_of(up), "event": EVENT, "steps": STEPS, "sockets": SOCKETS},
    )
    context.close()
    heard = {name: words for name, words in told.items() if name.startswith("socket ")}
    answers = {name: words for name, words in told.items() if name not in heard}
    # What was sent blindly has an answer that the page may not read; all else the browser itself refuses to hand over.
    assert {words for name, words in answers.items() if name.startswith("blind")} == {"opaque"}
    assert answers.pop("form").startswith("sent")
    assert {words for name, words in answers.items() if not name.startswith("blind")} == {"refused: TypeError"}
    assert len(heard) == 3 * len(SOCKETS)
    assert not any("auth_success" in str(each) or each == "still open" for words in heard.values() for each in words)
    assert {json.loads(each)["type"] for words in heard.values() for each in words} <= {"auth_failure"}
    assert state_of(up) == before


def test_a_process_without_the_password_is_refused_at_every_address(up: Up) -> None:
    before = state_of(up)
    root = up.api.removesuffix("/api")
    paths = httpx.get(f"{root}/openapi.json", trust_env=False).json()["paths"]
    assert len(paths) > 100
    let_in = []
    with httpx.Client(base_url=root, trust_env=False) as nobody:
        for path, methods in paths.items():
            address = path if path.startswith("/api") else f"/api{path}"
            for part in [part for part in address.split("/") if part.startswith("{")]:
                address = address.replace(part, str(uuid4()))
            for method in methods:
                for headers in ({}, {"Authorization": "Basic aXZwaXBlOmd1ZXNz"}):
                    status = nobody.request(method, address, headers=headers).status_code
                    if status not in (401, 403):
                        let_in.append((method, path.removeprefix("/api"), status))
    assert {path for _, path, _ in let_in} <= OPEN, let_in
    for path in SOCKETS:
        for protocols, greeting in GREETINGS:
            heard = []
            try:
                with connect(up.api.replace("http", "ws") + path, subprotocols=protocols, proxy=None) as socket:
                    for message in (greeting, EVENT, {"type": "filter", "filter": {}}):
                        if message:
                            socket.send(json.dumps(message))
                    while True:
                        heard.append(json.loads(socket.recv(timeout=10))["type"])
            except (ConnectionClosed, InvalidStatus):
                pass
            assert set(heard) <= {"auth_failure"}, (path, greeting, heard)
    assert state_of(up) == before


def test_the_password_is_in_a_file_for_its_owner_and_nowhere_else(up: Up) -> None:
    file = up.home / "var" / "prefect-auth"
    assert file.stat().st_mode & 0o777 == 0o600
    secret = up.password.partition(":")[2]
    assert len(secret) >= 32
    assert str(file) in "\n".join(up.said)
    assert secret not in "\n".join(up.said)
    command_lines = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command_lines.append(place.read_bytes())
        except OSError:
            continue
    assert any(b"ivpipe.flows.deployments" in line for line in command_lines)
    assert not any(secret.encode() in line for line in command_lines)
    kept = [path for path in (up.home / "var").rglob("*") if path.is_file() and path != file]
    assert [path for path in kept if secret.encode() in path.read_bytes()] == []


def test_nothing_listens_beyond_this_machine(up: Up) -> None:
    """Of all that the ``up`` started: by the kernel's tables, for what Prefect may open by itself."""
    from ivpipe.cli.up_state import MARK, mark

    wanted = f"{MARK}={(up.home / 'var').resolve()}:".encode()
    assert mark(up.home / "var").encode() in wanted + str(os.getpid()).encode()
    sockets = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (place / "environ").read_bytes():
                sockets |= {str(file.readlink()) for file in (place / "fd").iterdir()}
        except OSError:
            continue
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                listening.append(fields[1].partition(":")[0])
    assert len(listening) >= 2
    assert set(listening) <= {"0100007F", "00000000000000000000000001000000"}


def log_in(chromium: Browser, page_url: str, password: str, picture: Path) -> None:
    """Open Prefect's page, give the password, and see the four deployments; a picture is left for people to look at."""
    context = chromium.new_context(viewport={"width": 1300, "height": 800})
    page = context.new_page()
    host = urlsplit(page_url).hostname
    # The page asks a service that counts its users; nothing but ours is reached from a test.
    context.route(
        "**/*", lambda route: route.continue_() if urlsplit(route.request.url).hostname == host else route.abort()
    )
    page.goto(page_url)
    page.locator("input[type=password]").fill("ivpipe:wrong")
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    expect(page.locator("input[type=password]")).to_be_visible()
    page.locator("input[type=password]").fill(password)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Deployments").first.click()
    for name in ("ingest", "translate", "publish", "reconcile"):
        expect(page.get_by_role("link", name=name, exact=True).first).to_be_visible()
    page.screenshot(path=picture)
    # Something is started from the page: writing works too, with its token against forged requests.
    page.get_by_role("link", name="reconcile", exact=True).first.click()
    page.get_by_role("button", name="Run").click()
    page.get_by_role("menuitem", name="Quick run").click()
    expect(page.get_by_text("Flow run created").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_page_works_with_the_password_on_a_port_of_its_own(
    chromium: Browser, up: Up, host: str, tmp_path: Path
) -> None:
    picture = Path(os.environ.get("IVPIPE_PICTURES", tmp_path)) / f"prefect-{host}.png"
    log_in(chromium, up.page.replace("127.0.0.1", host), up.password, picture)


def test_the_page_works_behind_a_web_server_below_a_path(chromium: Browser, site: HttpSite, tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_project(home, site)
    (port,) = free_ports(1)
    public_url = f"http://127.0.0.1:{port}/magazine/prefect"
    with (
        running_up(home, public_url) as up,
        reverse_proxy(port, up.api.removesuffix("/magazine/prefect/api"), "/magazine/prefect"),
    ):
        assert httpx.post(f"{public_url}/api/flows/filter", json={}, trust_env=False).status_code in (401, 403)
        picture = Path(os.environ.get("IVPIPE_PICTURES", tmp_path)) / "prefect-behind.png"
        log_in(chromium, up.page, up.password, picture)
