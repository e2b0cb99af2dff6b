"""A real SPIP 4.4 for the tests: Debian's package on PHP's own web server, SQLite, a private folder, a loopback port.

Debian 12 has no ``spip``, Debian 13 has it and it runs on Debian 12's PHP. The packages are downloaded once, through an
apt configuration of our own made from the machine's own sources, into a cache folder; nothing is installed. A site is
then unpacked and walked through SPIP's installation once a session, in memory where there is enough; tests empty it.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.servers.places import quick_folder

from ivpipe.publishers.spip.file_driver import php_file, php_options
from ivpipe.publishers.spip.session import Session

SUITE = "trixie"
PACKAGES = """
    spip fonts-dustin libjs-jquery libjs-jquery-form libjs-jquery-jstree libjs-mediaelement libjs-prefix-free
    libjs-twitter-bootstrap-datepicker node-js-cookie php-algo26-idna-convert php-getid3 php-symfony-dependency-injection
    php-symfony-deprecation-contracts php-symfony-filesystem php-psr-container php-symfony-service-contracts
    php-symfony-var-exporter php-jakeasmith-http-build-url
""".split()
EXTENSIONS = ("pdo_sqlite", "simplexml", "mbstring", "gd", "zip", "curl")
WRITABLE = ("IMG", "local", "tmp", "plugins", "config", "squelettes")
LOGIN, PASSWORD = "robot", "un mot de passe d'essai"
"""An account of its own, with the rights of an administrator."""
TOKEN = "un jeton d'essai, aussi long qu'il faut"
"""Of the PHP file, which publishes as the same account."""
_OPTIONS = "<?php define('_DEBUG_BLOCK_QUEUE', true);\n"
"""No jobs beside the pages: among them are calls to SPIP's own site."""
_FILLED = (
    "articles auteurs_liens mots mots_liens documents documents_liens versions versions_fragments resultats".split()
)
_FIELDS = ("surtitre", "soustitre", "descriptif", "chapeau", "texte", "ps", "urlref", "redac", "mots")
_WIRED = ("vendor/autoload.php", "php/SpipLeague/Component/Kernel/InstallationDetector.php")
"""Files in which Debian has written the absolute path of the site; ``php/*/autoload.php`` too, for the libraries'."""
_PHP_84 = """<?php
if (!function_exists('array_any')) {
    function array_any(array $array, callable $test): bool {
        foreach ($array as $key => $value) { if ($test($value, $key)) { return true; } }
        return false;
    }
}
"""
"""A function of PHP 8.4 for older ones: SPIP's own package carries it, Debian 13 needs none."""

_PLAIN_PAGE = """<BOUCLE_article(ARTICLES){id_article}><!DOCTYPE html>
<html lang="#LANG"><head><title>[(#TITRE|textebrut)]</title></head><body>
[<p class="surtitre">(#SURTITRE)</p>]<h1>#TITRE</h1>[<p class="soustitre">(#SOUSTITRE)</p>]
[<div class="chapo">(#CHAPO)</div>][<div class="texte">(#TEXTE)</div>][<div class="ps">(#PS)</div>]
[<div class="notes">(#NOTES)</div>]
</body></html></BOUCLE_article>
"""
"""A page with the article and nothing else."""


class SpipMissing(Exception):
    """There is no PHP, or SPIP's packages cannot be had; the message says what to do."""


def packages() -> Path:
    """The folder with SPIP's Debian packages, downloaded if it is not there yet. Raises SpipMissing, also without PHP."""
    if shutil.which("php") is None:
        raise SpipMissing("install php-cli php-sqlite3 php-xml php-mbstring php-gd php-zip php-curl")
    loaded = subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout.lower().split()
    if absent := [name for name in EXTENSIONS if name not in loaded]:
        raise SpipMissing(f"install PHP's extensions {' '.join(absent)}")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ivpipe-tests" / "spip"
    done = cache / "complete"

    def complete() -> bool:
        return done.is_file() and done.read_text(encoding="utf-8").split() == PACKAGES

    if complete():
        return cache
    if shutil.which("apt-get") is None:
        raise SpipMissing("run on Debian, from whose packages SPIP is taken")
    cache.parent.mkdir(parents=True, exist_ok=True)
    with cache.with_name("spip.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes side by side want it at the same moment
        if not complete():
            shutil.rmtree(cache, ignore_errors=True)
            cache.mkdir()
            _download(cache)
            done.write_text(" ".join(PACKAGES), encoding="utf-8")
    return cache


def _download(folder: Path) -> None:
    apt = folder / "apt"
    for part in ("sources", "state/lists/partial", "cache/archives/partial"):
        (apt / part).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources" / "suite.sources").write_text(_sources(), encoding="utf-8")
    settings = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": apt / "sources",
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
    }
    (apt / "apt.conf").write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()), encoding="utf-8")
    environment = {**os.environ, "APT_CONFIG": str(apt / "apt.conf")}
    for command in (["update"], ["download", *PACKAGES]):
        done = subprocess.run(
            ["apt-get", "-qq", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SpipMissing(f"let apt-get {command[0]} reach Debian's {SUITE}: {done.stderr.strip()[-300:]}")
    shutil.rmtree(apt)


def _sources() -> str:
    """The machine's own Debian source in apt's format, with another suite."""
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    own = re.search(r"^VERSION_CODENAME=\"?([a-z]+)", release, re.M)
    for file in sorted(Path("/etc/apt").glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text(encoding="utf-8")):
            suites = re.search(r"^Suites:(.*)$", stanza, re.M)
            if own and suites and own[1] in suites[1].split():
                return re.sub(r"^Suites:.*$", f"Suites: {SUITE}", stanza, flags=re.M) + "\n"
    for file in (Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt").glob("sources.list.d/*.list"))):
        for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
            if own and (match := re.match(rf"deb\s+(\[[^]]*\]\s+)?(\S+)\s+{own[1]}\s+(.*)", line)):
                return f"Types: deb\nURIs: {match[2]}\nSuites: {SUITE}\nComponents: {match[3]}\n"
    raise SpipMissing("name Debian in apt's sources, from which SPIP's packages are to come")


@dataclass
class Spip:
    """A running site. ``folder`` is its root, ``url`` ends with a slash."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the site's database."""
        with closing(sqlite3.connect(self.folder / "config" / "bases" / "spip.sqlite", timeout=30)) as connection:
            rows = connection.execute(query, values).fetchall()
            connection.commit()
            return rows

    def php(self, code: str, given: object = None) -> Any:
        """Run PHP inside the site: ``$given`` is what was given, the value of ``return`` comes back (both as JSON)."""
        program = f"""
            $_SERVER += ['HTTP_HOST' => '127.0.0.1', 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET'];
            ob_start();
            include 'vendor/autoload.php';
            include 'ecrire/inc_version.php';
            $given = json_decode(file_get_contents('php://stdin'), true);
            $answer = (function () use ($given) {{ {code} }})();
            ob_end_clean();
            echo "\\n", json_encode($answer, JSON_THROW_ON_ERROR);"""
        done = subprocess.run(
            ["php", "-d", "memory_limit=1G", "-r", program], cwd=self.folder, input=json.dumps(given), text=True,
            capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"PHP failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return json.loads(done.stdout.rpartition("\n")[2])

    @contextmanager
    def session(self, login: str = LOGIN, password: str = PASSWORD) -> Iterator[Session]:
        """A login in its private area."""
        session = Session(self.url, login, password, timeout=120, subject="SPIP")
        try:
            yield session
        finally:
            session.close()

    def author(self, login: str, password: str, status: str = "1comite") -> int:
        """Make an account."""
        return int(
            self.php(
                """include_spip('action/editer_auteur'); include_spip('auth/spip'); include_spip('inc/autoriser');
                $id = sql_insertq('spip_auteurs', ['nom' => $given[0], 'login' => $given[0], 'statut' => $given[2]]);
                auth_spip_modifier_pass($given[0], $given[1], $id); return $id;""",
                [login, password, status],
            )
        )

    @contextmanager
    def setting(self, name: str, value: str) -> Iterator[None]:
        """Another value of one of the site's settings, until the block ends."""
        write = "$was = $GLOBALS['meta'][$given[0]]; ecrire_meta($given[0], $given[1]); return $was;"
        was = self.php(write, [name, value])
        try:
            yield
        finally:
            self.php(write, [name, was])

    @contextmanager
    def option(self, php: str = "", account: str = LOGIN) -> Iterator[None]:
        """Another line in the site's file of options, another account for the PHP file ("": none), until the block ends."""
        write_options(self.folder, php, account)
        try:
            yield
        finally:
            write_options(self.folder)

    @property
    def file(self) -> Path:
        """The PHP file that publishes."""
        return self.folder / "squelettes" / "action" / "ivpipe.php"

    def empty(self) -> None:
        """Throw away all articles, and what came with them."""
        for left in self.folder.glob("tmp/ivpipe-*"):
            left.unlink()
        for table in _FILLED:
            self.rows(f"DELETE FROM spip_{table}")
        self.rows("DELETE FROM spip_auteurs WHERE id_auteur > 2")
        self.rows("DELETE FROM spip_rubriques WHERE id_rubrique > 1")
        for folder in ("IMG", "tmp/cache/calcul"):
            shutil.rmtree(self.folder / folder, ignore_errors=True)
            (self.folder / folder).mkdir()

    def public(self, identifier: int | str) -> str | None:
        """The page of an article as the site's readers get it; None where there is none."""
        return self._get({f"article{identifier}": ""})

    def plain(self, identifier: int | str) -> str | None:
        """The article on a page with nothing else on it; None where readers do not see it."""
        return self._get({"page": "plain", "id_article": identifier})

    def _get(self, arguments: dict[str, Any]) -> str | None:
        try:
            # With a session, though it is none, SPIP makes the page anew; its caches know no less than a second.
            cookies = {"spip_session": "none"}
            arguments = {**arguments, "var_mode": "calcul"}
            answer = httpx.get(f"{self.url}spip.php", params=arguments, cookies=cookies, timeout=60)
        except httpx.RemoteProtocolError:  # SPIP's “Http/1.0 404 Not Found”, which other web servers put right
            return None
        return answer.text if answer.status_code == 200 and answer.text.strip() else None


@contextmanager
def installed() -> Iterator[Spip]:
    """A site, installed and running until the block ends. Raises SpipMissing."""
    home = Path(tempfile.mkdtemp(prefix="ivpipe-spip-", dir=quick_folder()))
    try:
        unpack(home / "site")
        with serving(home / "site") as site:
            install(site)
            warm(site)
            yield site
    finally:
        shutil.rmtree(home, ignore_errors=True)


def unpack(folder: Path) -> None:
    """Lay out an uninstalled site in ``folder``. Raises SpipMissing."""
    raw = folder.with_name(f"{folder.name}-packages")
    for package in sorted(packages().glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", str(package), str(raw)], check=True)
    share = raw / "usr" / "share"
    for link in share.rglob("*"):
        if link.is_symlink():
            found = link.resolve()
            link.unlink()
            if found.is_relative_to(share):
                _copy(found, link)
    (share / "spip").rename(folder)
    (share / "php").rename(folder / "php")
    shutil.rmtree(raw)
    (folder / "vendor" / "php84.php").write_text(_PHP_84, encoding="utf-8")
    with (folder / "vendor" / "autoload.php").open("a", encoding="utf-8") as autoload:
        autoload.write("\nrequire_once __DIR__ . '/php84.php';\n")
    for name in WRITABLE:
        (folder / name).mkdir(exist_ok=True)
    write_options(folder)
    # SPIP hashes a password anew at each login: what is to take others long would take the tests long.
    hashing = folder / "ecrire" / "src" / "Chiffrer" / "Password.php"
    text = hashing.read_text(encoding="utf-8")
    hashing.write_text(text.replace("PASSWORD_DEFAULT)", "PASSWORD_DEFAULT, ['cost' => 4])"), encoding="utf-8")
    (folder / "squelettes" / "action").mkdir()
    (folder / "squelettes" / "action" / "ivpipe.php").write_text(php_file(), encoding="utf-8")
    (folder / "squelettes" / "plain.html").write_text(_PLAIN_PAGE, encoding="utf-8")
    _rewire(folder, [("'/usr/share/php/", f"'{folder}/php/"), ("'/usr/share/spip/", f"'{folder}/")])


def write_options(folder: Path, php: str = "", account: str = LOGIN) -> None:
    """Write the site's file of options."""
    options = _OPTIONS + (php_options(account, TOKEN) if account else "") + php
    (folder / "config" / "mes_options.php").write_text(options, encoding="utf-8")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def _wired(folder: Path) -> list[Path]:
    return [*(folder / name for name in _WIRED), *(folder / "php").rglob("autoload.php")]


def _rewire(folder: Path, pairs: list[tuple[str, str]]) -> None:
    for file in _wired(folder):
        text = file.read_text(encoding="utf-8")
        for old, new in pairs:
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")


def install(site: Spip) -> None:
    """Walk through SPIP's installation as its webmaster would, and make a section to publish in."""
    with httpx.Client(base_url=site.url, timeout=120, follow_redirects=True) as client:
        page = "ecrire/"
        client.get(page, params={"exec": "install", "etape": "chmod"})
        chosen = {"server_db": "sqlite3", "adresse_db": "", "login_db": "", "pass_db": "", "chmod": "511"}
        for step, more in (
            ("2", {}),
            ("3", {"choix_db": "new_spip", "table_new": "spip", "tprefix": "spip"}),
            ("3b", {"nom": "Webmestre", "email": "webmestre@ivpipe.example", "login": "webmestre", "pass": PASSWORD,
                    "pass_verif": PASSWORD, "sel_db": "spip"}),
            ("fin", {}),
        ):  # fmt: skip
            answer = client.post(page, params={"exec": "install"}, data={"etape": step, **chosen, **more})
            answer.raise_for_status()
    site.php(
        """foreach ($given as $key => $value) { ecrire_meta($key, $value); }
        sql_insertq('spip_groupes_mots',
            ['titre' => 'Sujets', 'tables_liees' => 'articles', 'minirezo' => 'oui', 'comite' => 'oui']);
        return sql_insertq('spip_rubriques', ['titre' => 'Articles', 'statut' => 'publie', 'lang' => 'fr', 'id_parent' => 0,
            'id_secteur' => 1, 'langue_choisie' => 'oui']);""",
        {
            **{f"articles_{field}": "oui" for field in _FIELDS},
            "langues_multilingue": "fr,en,es,de,ar",
            "multi_objets": "spip_articles",
            "gerer_trad_objets": "spip_articles",
            "documents_objets": "spip_articles",
            "activer_logos": "oui",
            "nom_site": "Revue d’essai",
        },
    )
    site.author(LOGIN, PASSWORD, "0minirezo")


def warm(site: Spip) -> None:
    """Have SPIP compile its pages, as on a site in use, so that no copy has to."""
    with site.session() as session:
        session.get("article_edit", new="oui", id_rubrique=1)
        session.get("rubrique_edit", id_rubrique=1)
        session.get("recherche", recherche="essai")
        site.rows("INSERT INTO spip_articles (id_article, id_rubrique, titre, statut) VALUES (1, 1, 'Essai', 'prepa')")
        for page in ("article", "article_edit"):
            session.get(page, id_article=1)
        site.rows("DELETE FROM spip_articles")


@contextmanager
def serving(folder: Path) -> Iterator[Spip]:
    """Serve the site in ``folder`` until the block ends; the workers are in the server's process group."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = {"opcache.enable": 1, "opcache.revalidate_freq": 0, "memory_limit": "256M", "upload_max_filesize": "20M",
               "post_max_size": "40M", "display_errors": 0}  # fmt: skip
    command = ["php", *(part for key, value in options.items() for part in ("-d", f"{key}={value}"))]
    with (folder.with_name(f"{folder.name}.log")).open("ab") as log:
        server = subprocess.Popen(
            [*command, "-S", f"127.0.0.1:{port}", "-t", str(folder)], cwd=folder, stdout=log, stderr=log,
            env={**os.environ, "PHP_CLI_SERVER_WORKERS": "4"}, start_new_session=True,
        )  # fmt: skip
    try:
        _wait_for(port, server)
        site = Spip(folder, port)
        if (folder / "config" / "connect.php").exists():
            site.rows("UPDATE spip_meta SET valeur = ? WHERE nom = 'adresse_site'", site.url.rstrip("/"))
            (folder / "tmp" / "meta_cache.php").unlink(missing_ok=True)
        yield site
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(10)
        finally:
            _end_group(server.pid)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("PHP's web server did not start")


def _end_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
