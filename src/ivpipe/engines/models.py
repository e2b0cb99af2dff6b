"""The models of the Firefox engine: fetching, importing, checking. Each lies in ``data_dir/models/<src>-<trg>/`` with a
``manifest.json`` that records every file's SHA-256, which is checked each time the model is loaded.

A model is fetched from Mozilla's service (compressed files, listed with their hashes in one records document), or
from any web server that holds a copy of such a folder. Hashes are taken from there on first sight unless they are
pinned in the settings; from then on, the same version with other contents is refused.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from ivpipe.errors import EngineError
from ivpipe.model.languages import LanguagePair, primary

MOZILLA_RECORDS = (
    "https://firefox.settings.services.mozilla.com/v1/buckets/main/collections/translations-models-v2/records"
)
MOZILLA_FILES = "https://firefox-settings-attachments.cdn.mozilla.net"

Progress = Callable[[str, int, int], None]
"""(file name, bytes so far, bytes in all)."""

_ROLES = ("model", "vocab", "srcvocab", "trgvocab", "lex")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAJOR = 3
"""The major version of the models that fxtranslate 0.5 runs."""
_LARGEST = 500_000_000
_LARGEST_LIST = 20_000_000


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model: ``role`` is model, vocab, srcvocab, trgvocab or lex; ``size`` in bytes, uncompressed."""

    name: str
    role: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model in its folder. ``origin`` is the address or folder it came from."""

    pair: str
    version: str
    origin: str
    files: tuple[ModelFile, ...]


@dataclass(frozen=True, slots=True)
class _Offer:
    """A file as a server offers it. ``size`` and ``sha256`` are of the transfer where it is ``compressed``."""

    name: str
    role: str
    url: str
    size: int
    sha256: str
    compressed: bool
    unpacked_sha256: str = ""


def models_folder(data_dir: Path) -> Path:
    """Where the models of a pipeline lie."""
    return data_dir / "models"


def model_name(pair: LanguagePair) -> str:
    """The name of a pair's folder: "fr-en"."""
    return f"{primary(pair.source)}-{primary(pair.target)}"


def legs(pair: LanguagePair, models: Path) -> list[LanguagePair]:
    """The models a pair takes: its own, or by way of English the two that there are."""
    direct = LanguagePair(primary(pair.source), primary(pair.target))
    if "en" in (direct.source, direct.target) or (models / model_name(direct)).is_dir():
        return [direct]
    return [LanguagePair(direct.source, "en"), LanguagePair("en", direct.target)]


def read_model(folder: Path) -> Model:
    """Read a folder's manifest. Raises EngineError where it is not one, or names files outside the folder."""
    try:
        return _manifest(json.loads((folder / "manifest.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(f"its manifest.json cannot be read ({error})", subject=f"model {folder.name}") from error


def _manifest(data: Any) -> Model:
    files = tuple(
        ModelFile(str(f["name"]), str(f["role"]), int(f["size"]), str(f["sha256"]).lower()) for f in data["files"]
    )
    _check_files(files)
    return Model(str(data["pair"]), str(data.get("version", "")), str(data.get("origin", "")), files)


def _check_files(files: Sequence[ModelFile | _Offer]) -> None:
    roles = {file.role for file in files}
    if "model" not in roles or not ("vocab" in roles or {"srcvocab", "trgvocab"} <= roles) or len(roles) != len(files):
        raise ValueError(f"a model has one file model and vocab (or srcvocab and trgvocab); found: {sorted(roles)}")
    for file in files:
        if file.role not in _ROLES or not _NAME.fullmatch(file.name) or file.name == "manifest.json":
            raise ValueError(f"there should be no file {file.name!r} ({file.role}) in a model")
        if not _SHA256.fullmatch(file.sha256) or not 0 < file.size <= _LARGEST:
            raise ValueError(f"size or SHA-256 of {file.name} make no sense")


def model_problem(folder: Path) -> str | None:
    """What keeps a model from being used, as far as one sees without reading it whole; None if nothing."""
    if not folder.is_dir():
        return f"there is no model {folder.name}"
    try:
        model = read_model(folder)
    except EngineError as error:
        return str(error)
    for file in model.files:
        path = folder / file.name
        if not path.is_file() or path.stat().st_size != file.size:
            return f"the file {file.name} of the model {folder.name} is missing or damaged"
    return None


def installed_models(data_dir: Path) -> list[tuple[str, Model | str]]:
    """Every model folder by name, with the model, or what is wrong with it."""
    found: list[tuple[str, Model | str]] = []
    for folder in sorted(models_folder(data_dir).glob("[a-z]*-*")):
        problem = model_problem(folder)
        found.append((folder.name, problem if problem is not None else read_model(folder)))
    return found


def fetch_models(
    pair: LanguagePair,
    data_dir: Path,
    base_url: str = "",
    *,
    pins: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    records_url: str = MOZILLA_RECORDS,
    files_url: str = MOZILLA_FILES,
) -> list[Path]:
    """Download the model or models a pair takes; returns their folders.

    ``base_url`` is a web folder that holds ``<src>-<trg>/`` as we keep it; empty: Mozilla's service. A folder appears
    whole or not at all. Raises EngineError: no such model, no connection, a file that is not what its hash says.
    """
    folders = []
    with httpx.Client(follow_redirects=True, timeout=30, headers={"User-Agent": "ivpipe"}) as client:
        for leg in legs(pair, models_folder(data_dir)):
            name = model_name(leg)
            if base_url:
                version, offers = _offers_of_folder(client, f"{base_url.rstrip('/')}/{quote(name)}", name)
            else:
                version, offers = _offers_of_mozilla(client, leg, records_url, files_url)
            with _new_folder(data_dir, name) as folder:
                files = tuple(_download(client, offer, folder, name, pins or {}, progress) for offer in offers)
                _install(folder, data_dir, Model(name, version, base_url or records_url, files))
            folders.append(models_folder(data_dir) / name)
    return folders


def _offers_of_folder(client: httpx.Client, url: str, name: str) -> tuple[str, list[_Offer]]:
    body = _get(client, f"{url}/manifest.json", name)
    try:
        model = _manifest(json.loads(body))
        if model.pair != name:
            raise ValueError(f"it is of the model {model.pair}")
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(f"the manifest at {url} cannot be used: {error}", subject=f"model {name}") from error
    return model.version, [
        _Offer(file.name, file.role, f"{url}/{quote(file.name)}", file.size, file.sha256, compressed=False)
        for file in model.files
    ]


def _offers_of_mozilla(
    client: httpx.Client, pair: LanguagePair, records_url: str, files_url: str
) -> tuple[str, list[_Offer]]:
    """The newest version that fxtranslate runs, as the records document lists it: one record a file."""
    name = model_name(pair)
    body = _get(client, records_url, name)
    versions: dict[tuple[int, ...], tuple[str, dict[str, _Offer]]] = {}
    try:
        for record in json.loads(body)["data"]:
            if (record.get("sourceLanguage"), record.get("targetLanguage")) != (pair.source, pair.target):
                continue
            version, role = str(record.get("version", "")), str(record.get("fileType", ""))
            if not re.fullmatch(rf"{_MAJOR}(\.\d+)*", version) or role not in _ROLES:
                continue
            attachment = record["attachment"]
            url = f"{files_url}/{quote(str(attachment['location']))}"
            offer = _Offer(
                re.sub(r"\.zst$", "", str(record["name"])),
                role,
                url,
                int(attachment["size"]),
                str(attachment["hash"]).lower(),
                compressed=True,
                unpacked_sha256=str(record.get("decompressedHash") or "").lower(),
            )
            key = tuple(int(part) for part in version.split("."))
            versions.setdefault(key, (version, {}))[1][role] = offer
        if versions:
            version, offers = versions[max(versions)]
            _check_files(list(offers.values()))
            return version, list(offers.values())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineError(
            f"the list of models at {records_url} cannot be used: {error}", subject=f"model {name}"
        ) from error
    raise EngineError(
        f"there is no such model (of version {_MAJOR}) in the list at {records_url}",
        subject=f"model {name}",
        advice="another engine may know the pair",
    )


def _get(client: httpx.Client, url: str, name: str) -> bytes:
    """A small document."""
    with _connection_errors(url, name), client.stream("GET", url) as response:
        response.raise_for_status()
        body = b""
        for piece in response.iter_bytes():
            body += piece
            if len(body) > _LARGEST_LIST:
                raise EngineError(f"{url} is larger than a list of models can be", subject=f"model {name}")
        return body


@contextmanager
def _connection_errors(url: str, name: str) -> Iterator[None]:
    command = f"ivpipe models import DIR {name.replace('-', ' ')}"
    advice = f"check the address and the connection, or bring the files and run `{command}`"
    try:
        yield
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        raise EngineError(
            f"{url} answers {status}",
            subject=f"model {name}",
            advice=advice,
            retryable=status == 429 or status >= 500,
        ) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EngineError(
            f"{url} cannot be fetched ({error or type(error).__name__})",
            subject=f"model {name}",
            advice=advice,
            retryable=True,
        ) from error


def _download(
    client: httpx.Client, offer: _Offer, folder: Path, name: str, pins: Mapping[str, str], progress: Progress | None
) -> ModelFile:
    digest, done, path = hashlib.sha256(), 0, folder / offer.name
    with _connection_errors(offer.url, name), client.stream("GET", offer.url) as response, path.open("wb") as out:
        response.raise_for_status()
        for piece in response.iter_bytes():
            done += len(piece)
            if done > offer.size:
                break
            digest.update(piece)
            out.write(piece)
            if progress is not None:
                progress(offer.name, done, offer.size)
    if done != offer.size or digest.hexdigest() != offer.sha256:
        raise EngineError(
            f"{offer.name} came with other contents than its SHA-256 says ({done:,} of {offer.size:,} bytes)",
            subject=f"model {name}",
            advice="try again; if it stays, the server's copy is damaged",
            retryable=True,
        )
    if offer.compressed:
        _unpack(path, name, offer.unpacked_sha256)
    return _measured(path, offer.role, name, pins)


def _unpack(path: Path, name: str, sha256: str) -> None:
    """Replace a Zstandard file by what it holds."""
    try:
        from fxtranslate import discovery
    except ImportError as error:
        raise EngineError(
            "the model is compressed and the extra that unpacks it is not installed",
            subject=f"model {name}",
            advice="pip install 'ivpipe[firefox]'",
        ) from error
    try:
        path.write_bytes(discovery.verify_and_decompress(path.read_bytes(), sha256 or None))
    except ValueError as error:
        raise EngineError(f"{path.name} cannot be unpacked: {error}", subject=f"model {name}") from error


def _measured(path: Path, role: str, name: str, pins: Mapping[str, str]) -> ModelFile:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    pinned = pins.get(path.name, sha256).lower()
    if pinned != sha256:
        raise EngineError(
            f"{path.name} has the SHA-256 {sha256}, pinned is {pinned}",
            subject=f"model {name}",
            advice="take the file from a place you trust, or change engines.firefox.pins",
        )
    return ModelFile(path.name, role, path.stat().st_size, sha256)


def import_models(folder: Path, pair: LanguagePair, data_dir: Path, *, pins: Mapping[str, str] | None = None) -> Path:
    """Take a model from a folder: one of ours, or files as Mozilla offers them (also ``.gz`` and ``.zst``).

    A manifest in the folder, and ``pins``, must agree with the files. Returns where the model now lies; raises
    EngineError saying what is missing or does not agree.
    """
    name = f"{primary(pair.source)}-{primary(pair.target)}"
    if not folder.is_dir():
        raise EngineError(f"there is no folder {folder}", subject=f"model {name}")
    stated = read_model(folder) if (folder / "manifest.json").is_file() else None
    if stated is not None and stated.pair != name:
        raise EngineError(f"the folder holds the model {stated.pair}", subject=f"model {name}")
    expected = {file.name: file.sha256 for file in stated.files} if stated else {}
    letters = name.replace("-", "")
    with _new_folder(data_dir, name) as new:
        files = []
        for source in sorted(folder.iterdir()):
            role = source.name.split(".", 1)[0]
            if role not in _ROLES or not source.is_file() or (not stated and f".{letters}." not in source.name):
                continue
            path = new / re.sub(r"\.(gz|zst)$", "", source.name)
            _copy(source, path, name)
            files.append(_measured(path, role, name, {**expected, **(pins or {})}))
        try:
            _check_files(files)
        except ValueError as error:
            raise EngineError(
                f"{folder} holds no whole model: {error}",
                subject=f"model {name}",
                advice=f"it takes model.{letters}.….bin, vocab.{letters}.spm and lex.….{letters}.….bin",
            ) from error
        version = stated.version if stated else ""
        _install(new, data_dir, Model(name, version, str(folder), tuple(files)))
    return models_folder(data_dir) / name


def _copy(source: Path, path: Path, name: str) -> None:
    try:
        if source.suffix == ".gz":
            with gzip.open(source) as packed, path.open("wb") as out:
                shutil.copyfileobj(packed, out)
        else:
            shutil.copyfile(source, path)
    except (OSError, EOFError, zlib.error) as error:
        raise EngineError(f"{source.name} cannot be read: {error}", subject=f"model {name}") from error
    if source.suffix == ".zst":
        _unpack(path, name, "")


@contextmanager
def _new_folder(data_dir: Path, name: str) -> Iterator[Path]:
    """An empty folder beside the models, gone afterwards unless it was put in its place."""
    folder = models_folder(data_dir) / f".{name}.{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise EngineError(f"{folder.parent} cannot be written: {error.strerror}", subject=f"model {name}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _install(folder: Path, data_dir: Path, model: Model) -> None:
    """Put a finished folder in its place by renaming. Refuses other contents under the same version."""
    place = models_folder(data_dir) / model.pair
    if model.version and model_problem(place) is None:
        before = read_model(place)
        hashes = {file.name: file.sha256 for file in before.files}
        for file in model.files:
            if before.version == model.version and hashes.get(file.name, file.sha256) != file.sha256:
                raise EngineError(
                    f"{file.name} is of the same version {model.version} as the one installed but has other contents",
                    subject=f"model {model.pair}",
                    advice=f"if that is right, remove {place} and try again",
                )
    (folder / "manifest.json").write_text(json.dumps(asdict(model), indent=1), encoding="utf-8")
    old = place.with_name(f".{model.pair}.{os.getpid()}.old")
    if place.exists():
        place.rename(old)
    folder.rename(place)
    shutil.rmtree(old, ignore_errors=True)
