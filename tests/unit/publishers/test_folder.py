"""Articles as folders and zip files, for hand work."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from pydantic import ValidationError
from tests.unit.publishers.sites import MAGAZINE, STRIKE, files, words

from ivpipe.errors import RemoteConflict
from ivpipe.model import Block, BlockType, Page, Picture
from ivpipe.publishers.folder import ArticleFolder, ArticleFolderSettings

NAME = "en/the-cranes-stand-still.ivpipe-1-en"
PICTURE = "pictures/12ab12ab12ab12ab12.jpg"


def target(data: Path, **settings: Any) -> ArticleFolder:
    return ArticleFolder(ArticleFolderSettings(**settings), slug="hand", magazine=MAGAZINE, data_dir=data)


@pytest.fixture
def page(tmp_path: Path) -> Page:
    file = tmp_path / "quay.jpg"
    file.write_bytes(b"picture")
    picture = Picture("https://semaine.example/quay.jpg", file, "image/jpeg", 40, 30, "ab12" * 16, alt="Empty quay")
    return replace(STRIKE, pictures=(picture,))


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(there: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in there.items():
            archive.writestr(name, data)
    return packed.getvalue()


def test_a_folder_holds_page_pictures_and_metadata(page: Page, tmp_path: Path) -> None:
    ref = target(tmp_path).upsert(page.key, page)
    root = tmp_path / "articles"
    assert (ref.id, ref.url) == (NAME, (root / NAME / "page.html").as_uri())
    there = files(root / NAME)
    assert sorted(there) == ["metadata.json", "page.html", PICTURE]
    shown = lxml_html.fromstring(there["page.html"].decode())
    assert [(one.tag, words(one)) for one in shown.iter("h1", "h2", "p")][:6] == [
        ("p", "Brittany"),
        ("h1", "The cranes stand still"),
        ("p", "After nine years of wage cuts, the dockers have had enough.1"),
        ("p", "By Claire Morvan, Yann Le Goff"),
        ("p", "Nobody has crossed the gate since Monday, and nobody means to."),
        ("h2", "A fund that does not say its name"),
    ]
    assert [img.get("src") for img in shown.iter("img")] == [PICTURE]
    values = json.loads(there["metadata.json"])
    hashes = {name: hashlib.sha256(there[name]).hexdigest() for name in ("page.html", PICTURE)}
    assert values.pop("files") == hashes
    assert [one.pop("file") for one in values["pictures"]] == [PICTURE]
    expected = json.loads(json.dumps(page.to_dict()))
    for one in expected["pictures"]:
        del one["file"]
    assert values == expected


@pytest.mark.parametrize(("signature", "days"), [("The strikers of Brest", 1), ("Brest, 12 June 2026", 0)])
def test_a_text_signed_without_its_date_is_followed_by_it(
    page: Page, tmp_path: Path, signature: str, days: int
) -> None:
    signed = replace(page.document, blocks=(Block(BlockType.PARAGRAPH, signature, role="signature"),))
    target(tmp_path).upsert(page.key, replace(page, document=signed))
    shown = lxml_html.fromstring(files(tmp_path / "articles" / NAME)["page.html"].decode())
    assert [words(one) for one in shown.iter("p")].count("12 June 2026") == days


def test_a_zip_file_holds_the_same_and_is_the_same_each_time(page: Page, tmp_path: Path) -> None:
    target(tmp_path / "a").upsert(page.key, page)
    ref = target(tmp_path / "b", zip=True, base_url="https://files.example/x").upsert(page.key, page)
    assert (ref.id, ref.url) == (f"{NAME}.zip", f"https://files.example/x/{NAME}.zip")
    place = tmp_path / "b/articles" / ref.id
    assert unpacked(place) == files(tmp_path / "a/articles" / NAME)
    first = place.read_bytes()
    assert target(tmp_path / "b", zip=True, base_url="https://files.example/x").upsert(page.key, page, ref) == ref
    target(tmp_path / "c", zip=True).upsert(page.key, page)
    assert (tmp_path / "c/articles" / ref.id).read_bytes() == first == place.read_bytes()


def test_a_zip_file_lives_from_first_publication_to_withdrawal(page: Page, tmp_path: Path) -> None:
    publisher = target(tmp_path, zip=True)
    assert publisher.find(page.key) is None
    first = publisher.upsert(page.key, page)
    assert publisher.find(page.key) == first
    second = publisher.upsert(page.key, replace(page, revision=4, slug="other", pictures=()), first)
    assert (second.id, second.revision) == (first.id, 4)
    assert publisher.find(page.key) == second
    assert sorted(unpacked(tmp_path / "articles" / second.id)) == ["metadata.json", "page.html"]
    publisher.withdraw(second)
    publisher.withdraw(second)
    assert publisher.find(page.key) is None
    assert files(tmp_path / "articles/en") == {}


def test_a_zip_file_people_changed_waits_for_an_editor(page: Page, tmp_path: Path) -> None:
    publisher = target(tmp_path, zip=True)
    ref = publisher.upsert(page.key, page)
    place = tmp_path / "articles" / ref.id
    there = unpacked(place)
    place.write_bytes(zipped(there | {"page.html": there["page.html"] + b"<p>Corrected.</p>"}))
    changed = place.read_bytes()
    with pytest.raises(RemoteConflict, match=r"page\.html changed since") as caught:
        publisher.upsert(page.key, replace(page, revision=4), ref)
    assert place.read_bytes() == changed
    assert "Corrected." in caught.value.theirs
    publisher.upsert(page.key, replace(page, revision=4), replace(ref, fingerprint=caught.value.fingerprint))
    assert b"Corrected." not in unpacked(place)["page.html"]


@pytest.mark.parametrize("damage", [b"", b"no zip", b"PK\x05\x06" + bytes(18)])
def test_a_zip_file_that_cannot_be_read_is_written_anew(page: Page, tmp_path: Path, damage: bytes) -> None:
    publisher = target(tmp_path, zip=True)
    ref = publisher.upsert(page.key, page)
    (tmp_path / "articles" / ref.id).write_bytes(damage)
    found = publisher.find(page.key)
    assert found is not None
    assert found.revision is None
    assert publisher.upsert(page.key, page, ref) == ref
    assert publisher.find(page.key) == ref


def test_what_people_put_beside_a_page_is_theirs(page: Page, tmp_path: Path) -> None:
    publisher = target(tmp_path)
    ref = publisher.upsert(page.key, page)
    own = tmp_path / "articles" / NAME / "letter.odt"
    own.write_text("Dear all")
    ref = publisher.upsert(page.key, replace(page, revision=4, pictures=()), ref)
    assert sorted(files(tmp_path / "articles" / NAME)) == ["letter.odt", "metadata.json", "page.html"]
    publisher.withdraw(ref)
    assert files(tmp_path / "articles" / NAME) == {"letter.odt": b"Dear all"}
    assert publisher.find(page.key) is None
    assert publisher.upsert(page.key, page).id == ref.id


def test_metadata_that_names_other_files_takes_none_of_them_away(page: Page, tmp_path: Path) -> None:
    publisher = target(tmp_path)
    ref = publisher.upsert(page.key, page)
    other = tmp_path / "articles/precious.txt"
    other.write_text("keep")
    (tmp_path / "articles" / NAME / "metadata.json").write_text('{"files": {"../../precious.txt": "x"}}')
    publisher.withdraw(ref)
    assert other.read_text() == "keep"
    assert publisher.find(page.key) is None


@pytest.mark.parametrize("address", ["files.example", "ftp://files.example/", "https://files.example/?a"])
def test_addresses_that_are_none_are_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        ArticleFolderSettings(base_url=address)
