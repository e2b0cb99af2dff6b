"""A branch of a git repository that we write to from afar, by system git and the credentials it has.

Nothing is checked out: a commit is made of objects in a repository of our own and pushed, so whoever is killed leaves the
branch as it was. A push that is refused because others pushed meanwhile is made again on top of theirs; none is forced.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ivpipe.environment import environment_without_secrets
from ivpipe.errors import PublishAuth, PublishError, PublishTransient

_SECONDS = 120
_REFUSED = ("[rejected]", "[remote rejected]", "failed to update ref", "cannot lock ref", "fetch first")
_NO_LOGIN = ("Authentication failed", "could not read Username", "Permission denied", "Host key verification failed")
_NO_ANSWER = (
    "Could not resolve host",
    "Connection refused",
    "Connection timed out",
    "Connection reset",
    "The requested URL returned error: 5",
    "early EOF",
    "the remote end hung up",
)

Changes = Mapping[str, bytes | None]
"""Path → what it shall hold; None: it shall not be there."""


class PushRefused(Exception):
    """Others have pushed to the branch since we looked."""


class Repository:
    """``folder`` is ours, bare, and made on use; ``remote`` an address or path git can push to. ``identity`` ("Name
    <address>") signs commits; "" leaves that to git's own configuration. Raises PublishError."""

    def __init__(self, folder: Path, *, remote: str, branch: str, identity: str, target: str) -> None:
        self.folder = folder
        self.remote = remote
        self.branch = branch
        self.target = target
        name, _, address = identity.rstrip(">").partition("<")
        self._identity = {
            f"GIT_{role}_{part}": value.strip()
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", name), ("EMAIL", address))
            if identity
        }

    def fetch(self) -> str:
        """Bring the branch as it is now; return its commit, "" where the remote has no such branch yet."""
        if not (self.folder / "HEAD").is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            self._git("init", "--quiet", "--bare")
        found = self._git("ls-remote", "--heads", "--", self.remote, f"refs/heads/{self.branch}").split()
        if not found:
            return ""
        commit = found[0].decode()
        if not self._has(commit):
            ours = f"refs/ivpipe/{self.branch}"
            self._git("fetch", "--quiet", "--no-tags", "--", self.remote, f"+refs/heads/{self.branch}:{ours}")
            commit = self._git("rev-parse", ours).decode().strip()
        return commit

    def read(self, commit: str, path: str) -> bytes | None:
        """What a file holds in a commit; None where it is not there."""
        entry = self._git("ls-tree", "-z", commit, "--", path) if commit else b""
        kind, name = entry.split(b" ", 2)[1:2], entry.partition(b"\t")[2].rstrip(b"\0")
        there = kind == [b"blob"] and name == path.encode()
        return self._git("cat-file", "blob", f"{commit}:{path}") if there else None

    def paths_with(self, commit: str, text: str) -> list[str]:
        """Paths of the files that hold this text, sorted."""
        if not commit:
            return []
        found = self._git("grep", "-l", "-I", "-z", "-F", "-e", text, commit, may_fail=1)
        prefix = f"{commit}:".encode()
        return sorted(path.removeprefix(prefix).decode() for path in found.split(b"\0") if path)

    def push(self, commit: str, changes: Changes, message: str) -> None:
        """Put a commit with these changes on top of ``commit``; none where they change nothing. Raises PushRefused."""
        index = self.folder / f"index-{os.getpid()}"
        try:
            environment = {"GIT_INDEX_FILE": str(index)}
            if commit:
                self._git("read-tree", commit, environment=environment)
            lines = []
            for path, content in changes.items():
                blob = (
                    "0" * 40
                    if content is None
                    else self._git("hash-object", "-w", "--stdin", stdin=content).decode().strip()
                )
                lines.append(f"{'0' if content is None else '100644'} {blob}\t{path}\0")
            self._git("update-index", "-z", "--index-info", stdin="".join(lines).encode(), environment=environment)
            tree = self._git("write-tree", environment=environment).decode().strip()
        finally:
            index.unlink(missing_ok=True)
        if commit and tree == self._git("rev-parse", f"{commit}^{{tree}}").decode().strip():
            return
        parents = ["-p", commit] if commit else []
        new = self._git("commit-tree", tree, *parents, "-F", "-", stdin=message.encode()).decode().strip()
        self._git("push", "--quiet", "--", self.remote, f"{new}:refs/heads/{self.branch}")

    def version(self) -> str:
        """What git says it is. Raises PublishError where there is none."""
        return self._git("version", anywhere=True).decode().strip()

    def signer(self) -> str:
        """Who signs the commits. Raises PublishError where git does not know."""
        return "commits are signed by " + self._git("var", "GIT_COMMITTER_IDENT").decode().rpartition(">")[0] + ">"

    def _has(self, commit: str) -> bool:
        return self._run(["cat-file", "-e", f"{commit}^{{commit}}"], b"", {}).returncode == 0

    def _git(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        may_fail: int | None = None,
        anywhere: bool = False,
    ) -> bytes:
        done = self._run(arguments, stdin, environment or {}, anywhere=anywhere)
        if done.returncode in (0, may_fail):
            return done.stdout
        said = done.stderr.decode(errors="replace").strip()
        if any(sign in said for sign in _REFUSED) and arguments[0] == "push":
            if "denyCurrentBranch" in said or "refusing to update checked out branch" in said:
                raise self._error(
                    PublishError, said, "give a bare repository, or one where another branch is checked out"
                )
            if "pre-receive hook declined" in said or "protected branch" in said:
                raise self._error(PublishAuth, said, "let this login push to the branch")
            raise PushRefused(said)
        if any(sign in said for sign in _NO_LOGIN):
            raise self._error(PublishAuth, said, "give git a key or a credential helper for this address")
        if any(sign in said for sign in _NO_ANSWER):
            raise self._error(PublishTransient, said, "it will be tried again")
        raise self._error(PublishError, said, f"try it by hand: git {arguments[0]} … {self.remote}")

    def _run(
        self, arguments: Sequence[str], stdin: bytes, environment: Mapping[str, str], *, anywhere: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        place = [] if anywhere else ["--git-dir", str(self.folder), "-c", "gc.autoDetach=false"]
        kept = {
            name: value
            for name, value in environment_without_secrets().items()
            if not name.startswith("GIT_") or name == "GIT_SSH_COMMAND"
        }
        asked = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes", "LC_ALL": "C"}
        try:
            return subprocess.run(  # noqa: S603
                ["git", *place, *arguments],  # noqa: S607
                input=stdin,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
                env={**asked, **kept, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", **self._identity, **environment},
            )
        except FileNotFoundError as error:
            raise self._error(PublishError, "there is no git on this machine", "install git") from error
        except subprocess.TimeoutExpired as error:
            reason = f"git {arguments[0]} did not end within {_SECONDS} seconds"
            raise self._error(PublishTransient, reason, "it will be tried again") from error

    def _error(self, kind: type[PublishError], said: str, advice: str) -> PublishError:
        return kind(said or "git failed", subject=f"target {self.target}", advice=advice)
