from __future__ import annotations

import io
import random
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from ivpipe.errors import PictureRefused
from ivpipe.sources.clean_pictures import LARGEST, clean_picture

WHERE = "https://semaine.example/quay"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def photograph(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right, some noise on top."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    dice = random.Random(7)
    for _ in range(50):
        image.putpixel((dice.randrange(width), dice.randrange(height)), (dice.randrange(256),) * 3)
    return image.convert(mode)


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("kind", "mode", "options", "media_type"),
    [
        ("JPEG", "RGB", {}, "image/jpeg"),
        ("JPEG", "L", {}, "image/jpeg"),
        ("JPEG", "CMYK", {}, "image/jpeg"),
        ("WEBP", "RGB", {}, "image/jpeg"),
        ("WEBP", "RGBA", {}, "image/jpeg"),  # nothing of it is see-through
        ("AVIF", "RGB", {}, "image/jpeg"),
        ("PNG", "RGB", {}, "image/png"),
        ("PNG", "1", {}, "image/png"),
        ("PNG", "I;16", {}, "image/png"),
        ("PNG", "P", {}, "image/png"),
        ("PNG", "LA", {}, "image/png"),
        ("GIF", "P", {}, "image/png"),
    ],
)
def test_every_kind_becomes_one_that_all_take(kind: str, mode: str, options: dict[str, Any], media_type: str) -> None:
    image = Image.new("I;16", (64, 48), 30_000) if mode == "I;16" else photograph(mode=mode)
    clean = clean_picture(encoded(image, kind, **options), WHERE)
    again = decoded(clean.data)
    assert (clean.media_type, clean.width, clean.height) == (media_type, 64, 48)
    assert (again.size, again.mode) == ((64, 48), "RGB")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_what_is_see_through_stays_so(kind: str) -> None:
    image = photograph(mode="RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size).point(lambda value: 0 if value < 128 else 255))
    clean = clean_picture(encoded(image, kind), WHERE)
    assert clean.media_type == "image/png"
    assert decoded(clean.data).getchannel("A").getextrema() == (0, 255)


def test_a_large_one_is_made_smaller_and_a_large_drawing_a_jpeg() -> None:
    clean = clean_picture(encoded(photograph(3000, 1500), "JPEG"), WHERE)
    assert (clean.width, clean.height, decoded(clean.data).size) == (LARGEST, LARGEST // 2, (LARGEST, LARGEST // 2))
    noise = Image.frombytes("RGB", (1000, 800), random.Random(3).randbytes(1000 * 800 * 3))
    assert clean_picture(encoded(noise, "PNG"), WHERE).media_type == "image/jpeg"


def test_nothing_goes_along_but_what_is_seen() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A camera that tells"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 0.0)  # where it was taken
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind, more in (("JPEG", {"comment": b"kept secret"}), ("PNG", {}), ("WEBP", {"xmp": b"<x>kept secret</x>"})):
        clean = clean_picture(encoded(photograph(), kind, exif=exif, icc_profile=srgb, **more), WHERE)
        again = decoded(clean.data)
        assert dict(again.getexif()) == {}
        assert not {"icc_profile", "comment", "xmp", "exif"} & set(again.info)
        assert b"secret" not in clean.data
        assert b"camera" not in clean.data


def test_it_stands_the_right_way_up() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn it by a quarter
    clean = clean_picture(encoded(photograph(), "JPEG", exif=exif, quality=95), WHERE)
    again = decoded(clean.data)
    assert again.size == (48, 64)
    top, bottom = again.getpixel((24, 5)), again.getpixel((24, 60))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 150 > top[2]
    assert bottom[2] > 150 > bottom[0]


def test_of_a_moving_one_the_first_frame() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("lime", "red", "blue")]
    clean = clean_picture(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), WHERE)
    assert decoded(clean.data).getpixel((3, 3)) == (0, 255, 0)


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is of this size, and is almost empty."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is no picture that we know (JPEG, PNG, GIF, WebP or AVIF)"),
        (b"<!doctype html><title>403</title>", "it is no picture that we know (JPEG, PNG, GIF, WebP or AVIF)"),
        (
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            "it is no picture that we know (JPEG, PNG, GIF, WebP or AVIF)",
        ),
        (png_of(8000, 8000), "the picture is of 8000 × 8000 pixels, more than we open"),
        (png_of(12_000, 12_000), "the picture is of 12000 × 12000 pixels, more than we open"),
        (png_of(60_000, 60_000), "the picture is of more pixels than we open"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(PictureRefused) as caught:
        clean_picture(data, WHERE)
    assert str(caught.value) == f"{WHERE}: {reason}"
    assert not caught.value.retryable


def test_one_that_breaks_off_is_refused() -> None:
    whole = encoded(photograph(300, 300), "JPEG")
    with pytest.raises(PictureRefused, match="damaged"):
        clean_picture(whole[: len(whole) // 2], WHERE)


WHOLE = [encoded(photograph(), kind) for kind in ("JPEG", "PNG", "GIF", "WEBP")]


@given(st.sampled_from(WHOLE), st.data())
def test_damaged_bytes_are_read_or_refused(whole: bytes, data: st.DataObject) -> None:
    harmed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        harmed[data.draw(st.integers(0, len(harmed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(harmed) // 2, len(harmed)))
    try:
        clean = clean_picture(bytes(harmed[:cut]), WHERE)
    except PictureRefused:
        return
    assert decoded(clean.data).size == (clean.width, clean.height)
