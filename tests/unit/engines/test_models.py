from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.servers import tiny_model

from ivpipe.engines.models import fetch_models, import_models, installed_models, model_problem, read_model
from ivpipe.errors import EngineError
from ivpipe.model.languages import LanguagePair

PAIR = LanguagePair("fr", "en")


class Files:
    """A web server of files by path; ``cut`` names one whose answer breaks off."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut = ""


@pytest.fixture
def web() -> Iterator[Files]:
    served = Files()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = served.files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write((content or b"")[: -10 if served.cut and self.path.endswith(served.cut) else None])

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}"  # type: ignore[attr-defined]
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


def offer_folder(web: Files, pair: str = "fr-en", version: str = "3.1") -> str:
    web.files[f"/models/{pair}/manifest.json"] = json.dumps(tiny_model.manifest(pair, version)).encode()
    for name, content in tiny_model.files(pair.replace("-", "")).items():
        web.files[f"/models/{pair}/{name}"] = content
    return f"{web.url}/models"  # type: ignore[attr-defined]


def offer_mozilla(web: Files, versions: tuple[str, ...] = ("3.1",)) -> dict[str, str]:
    document, attachments = tiny_model.records(versions=versions)
    web.files["/records"] = json.dumps(document).encode()
    web.files.update({f"/cdn/{location}": content for location, content in attachments.items()})
    return {"records_url": f"{web.url}/records", "files_url": f"{web.url}/cdn"}  # type: ignore[attr-defined]


def leftovers(data_dir: Path) -> list[str]:
    return sorted(path.name for path in (data_dir / "models").iterdir()) if (data_dir / "models").exists() else []


def test_fetch_from_a_web_folder_reports_progress_and_records_hashes(web: Files, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    [folder] = fetch_models(PAIR, tmp_path, offer_folder(web), progress=lambda *step: seen.append(step))
    assert {name: (folder / name).read_bytes() for name in tiny_model.files()} == tiny_model.files()
    assert model_problem(folder) is None
    assert {(name, total) for name, done, total in seen if done == total} == {
        (name, len(content)) for name, content in tiny_model.files().items()
    }
    assert installed_models(tmp_path) == [("fr-en", read_model(folder))]
    assert leftovers(tmp_path) == ["fr-en"]


def test_fetch_from_mozilla_takes_the_newest_version_it_can_run_and_unpacks_it(web: Files, tmp_path: Path) -> None:
    pytest.importorskip("fxtranslate")
    [folder] = fetch_models(PAIR, tmp_path, **offer_mozilla(web, ("2.1", "3.0", "3.10", "3.9", "4.0")))
    model = read_model(folder)
    assert (model.version, {file.role for file in model.files}) == ("3.10", {"model", "vocab"})
    assert (folder / "vocab.fren.spm").read_bytes() == tiny_model.vocab_bytes()


def test_fetch_of_a_pair_without_english_takes_both_legs(web: Files, tmp_path: Path) -> None:
    offer_folder(web, "en-es")
    folders = fetch_models(LanguagePair("fr", "es"), tmp_path, offer_folder(web))
    assert [folder.name for folder in folders] == ["fr-en", "en-es"]


def test_fetch_of_a_file_with_other_contents_leaves_nothing(web: Files, tmp_path: Path) -> None:
    url = offer_folder(web)
    web.files["/models/fr-en/vocab.fren.spm"] = b"x" * len(tiny_model.vocab_bytes())
    with pytest.raises(EngineError, match=r"vocab\.fren\.spm came with other contents"):
        fetch_models(PAIR, tmp_path, url)
    web.files["/models/fr-en/vocab.fren.spm"] = tiny_model.vocab_bytes() * 2
    with pytest.raises(EngineError, match="came with other contents"):
        fetch_models(PAIR, tmp_path, url)
    assert leftovers(tmp_path) == []


def test_fetch_that_breaks_off_keeps_the_model_there_was(web: Files, tmp_path: Path) -> None:
    url = offer_folder(web)
    [folder] = fetch_models(PAIR, tmp_path, url)
    web.cut = "vocab.fren.spm"
    with pytest.raises(EngineError, match="cannot be fetched") as caught:
        fetch_models(PAIR, tmp_path, url)
    assert caught.value.retryable
    assert model_problem(folder) is None
    assert leftovers(tmp_path) == ["fr-en"]


def test_fetch_refuses_a_hash_other_than_pinned(web: Files, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="pinned is 00"):
        fetch_models(PAIR, tmp_path, offer_folder(web), pins={"vocab.fren.spm": "00"})
    assert leftovers(tmp_path) == []


def test_fetch_refuses_other_contents_of_the_same_version(
    web: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch_models(PAIR, tmp_path, offer_folder(web))
    monkeypatch.setattr(tiny_model, "vocab_bytes", lambda: b"other")
    with pytest.raises(EngineError, match=r"same version 3\.1 .* other contents"):
        fetch_models(PAIR, tmp_path, offer_folder(web))
    [folder] = fetch_models(PAIR, tmp_path, offer_folder(web, version="3.2"))
    assert (folder / "vocab.fren.spm").read_bytes() == b"other"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"pair": "de-en"}, "it is of the model de-en"),
        ({"files": []}, "a model has one file model and vocab"),
        (
            {"files": [{**file, "name": "../../evil"} for file in tiny_model.manifest()["files"]]},
            "no file '../../evil'",
        ),
        ({"files": [{**file, "size": 10**12} for file in tiny_model.manifest()["files"]]}, "make no sense"),
        ({"files": [{**file, "sha256": "abc"} for file in tiny_model.manifest()["files"]]}, "make no sense"),
        ({"files": 3}, "cannot be used"),
    ],
)
def test_fetch_refuses_a_manifest_that_makes_no_sense(
    web: Files, tmp_path: Path, change: dict[str, object], says: str
) -> None:
    url = offer_folder(web)
    web.files["/models/fr-en/manifest.json"] = json.dumps({**tiny_model.manifest(), **change}).encode()
    with pytest.raises(EngineError, match=says):
        fetch_models(PAIR, tmp_path, url)


def test_fetch_without_such_a_model_or_connection_says_what_to_do(web: Files, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="answers 404 — .*ivpipe models import DIR de en") as missing:
        fetch_models(LanguagePair("de", "en"), tmp_path, offer_folder(web))
    assert not missing.value.retryable
    with pytest.raises(EngineError, match="there is no such model"):
        fetch_models(LanguagePair("de", "en"), tmp_path, **offer_mozilla(web))
    with pytest.raises(EngineError, match="there is no such model"):
        fetch_models(PAIR, tmp_path, **offer_mozilla(web, ("2.1",)))
    with pytest.raises(EngineError, match="cannot be fetched") as down:
        fetch_models(PAIR, tmp_path, "http://127.0.0.1:1/models")
    assert down.value.retryable
    web.files["/records"] = b"<html>"
    with pytest.raises(EngineError, match="cannot be used"):
        fetch_models(PAIR, tmp_path, records_url=f"{web.url}/records")  # type: ignore[attr-defined]


def test_import_takes_files_as_mozilla_offers_them(tmp_path: Path) -> None:
    pytest.importorskip("fxtranslate")
    (tmp_path / "brought").mkdir()
    files = tiny_model.files()
    (tmp_path / "brought" / "model.fren.intgemm.alphas.bin.zst").write_bytes(
        tiny_model.zstd(files["model.fren.intgemm.alphas.bin"])
    )
    (tmp_path / "brought" / "vocab.fren.spm.gz").write_bytes(gzip.compress(files["vocab.fren.spm"]))
    (tmp_path / "brought" / "model.enfr.intgemm.alphas.bin").write_bytes(b"of another pair")
    folder = import_models(tmp_path / "brought", PAIR, tmp_path)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "manifest.json"} == files
    assert model_problem(folder) is None


def test_import_refuses_what_does_not_agree_with_its_manifest(tmp_path: Path) -> None:
    brought = tiny_model.write_model(tmp_path / "brought")
    (brought / "vocab.fren.spm").write_bytes(b"changed")
    with pytest.raises(EngineError, match=r"vocab\.fren\.spm has the SHA-256 .*, pinned is"):
        import_models(brought, PAIR, tmp_path)
    with pytest.raises(EngineError, match="holds the model fr-en"):
        import_models(brought, LanguagePair("de", "en"), tmp_path)
    assert leftovers(tmp_path) == []


def test_import_of_half_a_model_says_what_it_takes(tmp_path: Path) -> None:
    (tmp_path / "brought").mkdir()
    with pytest.raises(EngineError, match=r"holds no whole model: .*vocab\.fren\.spm"):
        import_models(tmp_path / "brought", PAIR, tmp_path)
    with pytest.raises(EngineError, match="there is no folder"):
        import_models(tmp_path / "nowhere", PAIR, tmp_path)
    (tmp_path / "brought" / "vocab.fren.spm.gz").write_bytes(b"no gzip")
    with pytest.raises(EngineError, match=r"vocab\.fren\.spm\.gz cannot be read"):
        import_models(tmp_path / "brought", PAIR, tmp_path)
