"""A real WordPress for the tests: Debian's package on PHP's own web server, MariaDB, a private folder, a loopback port."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.servers.places import quick_folder

PACKAGES = "php-cli php-mysql php-gd php-xml php-mbstring php-curl php-zip mariadb-server mariadb-client wordpress"
THEME = "twentytwentythree"
_PROGRAMS = ("php", "mariadbd", "mariadb-install-db", "mariadb")
_EXTENSIONS = ("mysqli", "gd", "xml", "mbstring")
_CORE = Path("/usr/share/wordpress")
_ROUTER = """<?php
// As a web server's rewrite rules for WordPress: files are files, everything else is index.php's.
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
if ($path !== '/' && is_file(__DIR__ . $path)) { return false; }
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
require __DIR__ . '/index.php';
"""
_CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:%(socket)s'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_ENVIRONMENT_TYPE', 'local'); // else application passwords are refused over http
define('WP_HOME', '%(url)s'); define('WP_SITEURL', '%(url)s');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('AUTOMATIC_UPDATER_DISABLED', true); define('DISABLE_WP_CRON', true);
define('WP_DEBUG', false); define('FS_METHOD', 'direct'); define('WP_MEMORY_LIMIT', '256M');
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY',
    'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT'] as $name) { define($name, 'test ' . $name); }
$table_prefix = 'wp_';
if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
"""
_INSTALL = """
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('The Ferry', 'admin', 'admin@ferry.example', true, '', 'admin');
foreach (['comments' => 'default_comment_status', 'pings' => 'default_ping_status'] as $option) {
    update_option($option, 'closed');
}
update_option('timezone_string', 'Europe/Paris');
update_option('permalink_structure', '/%%postname%%/');
switch_theme('%(theme)s');
return array_map(
    fn($role) => wp_insert_user(['user_login' => $role, 'user_pass' => $role, 'role' => $role]),
    ['editor', 'author', 'contributor']
);
"""
_ACCOUNT = """
$user = get_user_by('login', $given[0]);
[$password, $item] = WP_Application_Passwords::create_new_application_password($user->ID, ['name' => uniqid('ivpipe')]);
return [$user->ID, $password, $item['uuid']];
"""
_RESET = """
DELETE FROM wp_posts; DELETE FROM wp_postmeta; DELETE FROM wp_comments; DELETE FROM wp_term_relationships;
DELETE FROM wp_terms WHERE term_id > 1; DELETE FROM wp_term_taxonomy WHERE term_id > 1; DELETE FROM wp_termmeta;
UPDATE wp_term_taxonomy SET count = 0;
"""


class WordPressMissing(Exception):
    """What WordPress needs is not on this machine; the message says how to get it."""


@dataclass(frozen=True)
class Account:
    """A user with an application password, whose ``uuid`` serves to revoke it."""

    id: int
    name: str
    password: str
    uuid: str


class WordPress:
    """``with WordPress() as site``: installed and running; ``site.url`` ends in a slash.

    MariaDB refuses to run as root, so there it runs as the unprivileged user that Debian's package brings (or
    ``nobody``), in a folder that this user can reach; it listens on a socket in that folder only.
    """

    def __init__(self, core: Path = _CORE) -> None:
        self.core = core
        self.user = _server_user()
        _look_for(core)

    def __enter__(self) -> WordPress:
        self.folder = Path(tempfile.mkdtemp(prefix="ivpipe-wordpress-", dir=quick_folder()))
        self.root = self.folder / "site"
        self.socket = self.folder / "db" / "mysql.sock"
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            self.port = _free_port()
            self.url = f"http://127.0.0.1:{self.port}/"
            self._start_database()
            self._lay_out()
            self.php(_INSTALL % {"theme": THEME}, installing=True)
            self._serve()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        for process in reversed(self._processes):
            os.killpg(process.pid, signal.SIGKILL)  # each leads a group of its own: PHP's workers go with it
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def reset(self) -> None:
        """Take away all posts, pictures and terms."""
        self.sql(_RESET)
        shutil.rmtree(self.root / "wp-content" / "uploads", ignore_errors=True)
        shutil.rmtree(self.root / "wp-content" / "mu-plugins", ignore_errors=True)

    @cached_property
    def editor(self) -> Account:
        """An editor who keeps the same application password."""
        return self.account("editor")

    def account(self, role: str = "editor") -> Account:
        """A new application password of the user with this role: admin, editor, author, contributor."""
        number, password, uuid = self.php(_ACCOUNT, [role])
        return Account(number, role, password, uuid)

    def revoke(self, account: Account) -> None:
        """Take an application password away."""
        self.php(
            "return WP_Application_Passwords::delete_application_password($given[0], $given[1]);",
            [account.id, account.uuid],
        )

    def plugin(self, name: str, code: str) -> None:
        """Add PHP that every request runs, until ``reset``."""
        folder = self.root / "wp-content" / "mu-plugins"
        folder.mkdir(exist_ok=True)
        # Under a new name each time: PHP does not look at once whether a file has changed.
        (folder / f"{name}-{uuid.uuid4().hex}.php").write_text(f"<?php\n{code}", encoding="utf-8")

    def php(self, code: str, given: object = None, *, installing: bool = False) -> Any:
        """Run PHP inside the site: ``$given`` is what was given, the value of ``return`` comes back (both as JSON)."""
        with self.asking(code, installing=installing) as ask:
            return ask(given)

    @contextmanager
    def asking(self, code: str, *, installing: bool = False) -> Iterator[Callable[[object], Any]]:
        """The same for many calls in one PHP, which keeps what it has looked up: for code that only computes."""
        program = (
            f"$_SERVER += ['HTTP_HOST' => '127.0.0.1:{self.port}', 'REQUEST_METHOD' => 'GET', 'REQUEST_URI' => '/'];"
            + ("define('WP_INSTALLING', true);" if installing else "")
            + "ob_start(); require 'wp-load.php'; ob_end_clean();"
            "while (($line = fgets(STDIN)) !== false) { ob_start();"
            f"$answer = (function ($given) {{ {code} }})(json_decode($line, true));"
            "ob_end_clean(); echo json_encode($answer, JSON_THROW_ON_ERROR), PHP_EOL; }"
        )
        with (self.folder / "php-cli.log").open("wb") as log:
            process = subprocess.Popen(
                ["php", "-d", "memory_limit=1G", "-r", program],
                cwd=self.root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                encoding="utf-8",
            )
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(given: object) -> Any:
            print(json.dumps(given), file=process.stdin, flush=True)
            answer = process.stdout.readline()
            if not answer:
                raise RuntimeError(f"PHP failed: {self._log('php-cli')}")
            return json.loads(answer)

        try:
            yield ask
        finally:
            process.stdin.close()
            process.stdout.close()
            process.wait()

    def sql(self, statements: str) -> list[list[str]]:
        """Run SQL in the site's database; the rows of what was asked, as text."""
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "-u", "root", "-N", "-B", "wordpress"]
        done = subprocess.run(command, input=statements, text=True, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(f"SQL failed: {done.stderr}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def _start_database(self) -> None:
        data = self.socket.parent
        data.mkdir()
        if self.user:
            account = pwd.getpwnam(self.user)
            for folder in (self.folder, data):
                os.chown(folder, account.pw_uid, account.pw_gid)
            self.folder.chmod(0o755)
        self._run(
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
            "--innodb-log-file-size=8M",
            "--debug-no-sync",
        )
        self._start(
            "mariadbd",
            "--no-defaults",
            f"--datadir={data}",
            f"--socket={self.socket}",
            f"--pid-file={data}/pid",
            "--skip-networking",
            "--skip-log-bin",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=0",
            "--innodb-log-file-size=8M",
            "--innodb-buffer-pool-size=32M",
            "--performance-schema=off",
            "--debug-no-sync",
            as_server=True,
        )
        for _ in range(600):
            if self.socket.exists():
                break
            time.sleep(0.05)
        subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={self.socket}", "-u", "root", "-e", "CREATE DATABASE wordpress"],
            check=True,
            capture_output=True,
        )

    def _lay_out(self) -> None:
        subprocess.run(["cp", "-rL", str(self.core), str(self.root)], check=False, capture_output=True)
        (self.root / "wp-config.php").write_text(
            _CONFIG % {"socket": self.socket, "url": self.url.rstrip("/")}, encoding="utf-8"
        )
        (self.root / "router.php").write_text(_ROUTER, encoding="utf-8")

    def _serve(self) -> None:
        self._start("php", "-S", f"127.0.0.1:{self.port}", "-t", str(self.root), str(self.root / "router.php"))
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"PHP's web server does not answer: {self._log('php')}")

    def _start(self, program: str, *arguments: str, as_server: bool = False) -> None:
        with (self.folder / f"{program}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    [*self._as_user(as_server), program, *arguments],
                    stdout=log,
                    stderr=log,
                    cwd=self.folder,
                    env={**os.environ, "PHP_CLI_SERVER_WORKERS": "4"},
                    start_new_session=True,
                )
            )

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user(True), program, *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")

    def _as_user(self, as_server: bool) -> list[str]:
        if not (as_server and self.user):
            return []
        return ["setpriv", "--reuid", self.user, "--regid", self.user, "--clear-groups", "--"]

    def _log(self, program: str) -> str:
        return (self.folder / f"{program}.log").read_text(encoding="utf-8", errors="replace")[-2000:]


def _look_for(core: Path) -> None:
    os.environ["PATH"] += ":/usr/sbin" if "/usr/sbin" not in os.environ["PATH"].split(":") else ""
    if absent := [program for program in _PROGRAMS if shutil.which(program) is None]:
        raise WordPressMissing(f"apt-get install {PACKAGES} ({', '.join(absent)} missing)")
    loaded = subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout.lower().split()
    if absent := [name for name in _EXTENSIONS if name not in loaded]:
        raise WordPressMissing(f"apt-get install {PACKAGES} (PHP has no {', '.join(absent)})")
    if not (core / "wp-content" / "themes" / THEME).is_dir():
        raise WordPressMissing(f"apt-get install wordpress wordpress-theme-{THEME}")


def _server_user() -> str | None:
    if os.getuid() != 0:
        return None
    for name in ("mysql", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise WordPressMissing("run the tests as a user other than root")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
