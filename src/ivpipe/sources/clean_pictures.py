"""Pictures made safe to show: checked, and written anew as nothing but what is to be seen."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from ivpipe.bounded import Budget, bounded
from ivpipe.errors import PictureRefused

LARGEST = 2000
"""Pixels of the longer side; what is larger is made smaller."""

_MOST_PIXELS = 50_000_000
_LOSSLESS_BYTES = 1_000_000
_READ = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
_LOSSLESS = frozenset({"PNG", "GIF"})
_QUALITY = 85
_BUDGET = Budget(processor=20, memory=1_200_000_000, result=32_000_000)
"""48 million pixels take at most 4.3 s and, see-through as WebP, 950 MB; 12 million as PNG, 2.5 s and 140 MB."""


@dataclass(frozen=True, slots=True)
class CleanPicture:
    """A picture as we show it. ``media_type`` is image/jpeg or image/png, which every target and reader takes."""

    data: bytes
    media_type: str
    width: int
    height: int


@bounded(
    "reading this picture",
    PictureRefused,
    subject="{subject}",
    advice="the page goes on without it",
    budget=_BUDGET,
)
def clean_picture(data: bytes, subject: str) -> CleanPicture:
    """Decode a picture and encode it anew: the right way up, in sRGB, no larger than ``LARGEST``, without metadata.

    Reads JPEG, PNG, GIF, WebP, AVIF (of a moving one, the first frame). Drawings (from PNG and GIF) and all that is
    see-through stay PNG, unless that is large; the rest becomes JPEG. Raises PictureRefused for what is no such picture
    (SVG is a document that can hold programs, so it is none), is damaged, is of more than 50 million pixels, or is over the
    budget (bounded: it runs in a process of its own).
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            image: Image.Image = Image.open(io.BytesIO(data), formats=_READ)
        kind = image.format
        if image.width * image.height > _MOST_PIXELS:
            raise PictureRefused(
                f"the picture is of {image.width} × {image.height} pixels, more than we open", subject=subject
            )
        if kind == "JPEG":
            image.draft(None, (LARGEST, LARGEST))  # decodes a large one at a fraction of its size
        image.load()
        image = _in_srgb(ImageOps.exif_transpose(image))
        image.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
        return _encoded(image, lossless=kind in _LOSSLESS)
    except UnidentifiedImageError as error:
        raise PictureRefused("it is no picture that we know (JPEG, PNG, GIF, WebP or AVIF)", subject=subject) from error
    except Image.DecompressionBombError as error:
        raise PictureRefused("the picture is of more pixels than we open", subject=subject) from error
    except PictureRefused:
        raise
    except Exception as error:  # decoders of hostile bytes raise anything: OSError, SyntaxError, struct.error …
        raise PictureRefused(f"the picture is damaged ({error})", subject=subject) from error


def _in_srgb(image: Image.Image) -> Image.Image:
    """In RGB or RGBA, its colours converted by its own profile where that can be read."""
    see_through = image.has_transparency_data
    profile = image.info.get("icc_profile")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGBA" if see_through else "RGB")


def _encoded(image: Image.Image, *, lossless: bool) -> CleanPicture:
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    bare = Image.new(image.mode, image.size)  # nothing of the old file's information goes along
    bare.paste(image)
    if lossless or bare.mode == "RGBA":
        data = _written(bare, "PNG", optimize=True)
        if bare.mode == "RGBA" or len(data) <= _LOSSLESS_BYTES:
            return CleanPicture(data, "image/png", *bare.size)
    return CleanPicture(
        _written(bare, "JPEG", quality=_QUALITY, optimize=True, progressive=True), "image/jpeg", *bare.size
    )


def _written(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
