"""A Firefox model of our own making, small enough to write down: no layers, three embeddings in a plane.

It says "tiny model" to whatever it is given: the embeddings turn by 45° and double, so the best continuation of each
word is the next one. It is a real model in that the real library reads, runs and refuses it.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SAYS = "tiny model"
_FLOAT32, _INT8 = 0x404, 0x101


def _tensor_file(items: Mapping[str, tuple[int, tuple[int, ...], bytes]]) -> bytes:
    """Marian's binary container."""
    names = [name.encode() + b"\0" for name in items]
    head = struct.pack("<QQ", 1, len(items))
    for name, (kind, shape, data) in zip(names, items.values(), strict=True):
        head += struct.pack("<QQQQ", len(name), kind, len(shape), len(data))
    head += b"".join(names)
    for _kind, shape, _data in items.values():
        head += struct.pack(f"<{len(shape)}i", *shape)
    gap = -(len(head) + 8) % 256
    return head + struct.pack("<Q", gap) + bytes(gap) + b"".join(data for _k, _s, data in items.values())


def _floats(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def model_bytes() -> bytes:
    config = b"dim-emb: 4\ntransformer-heads: 1\nenc-depth: 0\ndec-depth: 0\ntransformer-dim-ffn: 2\n\0"
    # </s>, <unk>, "tiny", "model"; tiny → model → </s>, and the bias makes "tiny" the first word.
    embeddings = _floats(0, 4000, 0, 0, 0, 0, 0, 0, 1000, 0, 0, 0, 1414, 1414, 0, 0)
    return _tensor_file(
        {
            "special:model.yml": (_INT8, (len(config),), config),
            "Wemb": (_FLOAT32, (4, 4), embeddings),
            "encoder_l1_ffn_W1": (_FLOAT32, (2, 2), _floats(0, 0, 0, 0)),
            "decoder_ff_logit_out_b": (_FLOAT32, (1, 4), _floats(0, -1e9, 6000, 0)),
        }
    )


def vocab_bytes() -> bytes:
    """A SentencePiece model: pieces with score and type (2 unknown, 3 control)."""
    out = b""
    for piece, score, kind in (("</s>", 0.0, 3), ("<unk>", 0.0, 2), ("▁tiny", -1.0, 1), ("▁model", -2.0, 1)):
        raw = piece.encode()
        message = b"\x0a" + bytes([len(raw)]) + raw + b"\x15" + struct.pack("<f", score) + b"\x18" + bytes([kind])
        out += b"\x0a" + bytes([len(message)]) + message
    return out


def files(letters: str = "fren") -> dict[str, bytes]:
    """The files by name, as Mozilla names them."""
    return {f"model.{letters}.intgemm.alphas.bin": model_bytes(), f"vocab.{letters}.spm": vocab_bytes()}


def manifest(pair: str = "fr-en", version: str = "3.1") -> dict[str, Any]:
    return {
        "pair": pair,
        "version": version,
        "origin": "",
        "files": [
            {
                "name": name,
                "role": name.split(".")[0],
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
            for name, content in files(pair.replace("-", "")).items()
        ],
    }


def write_model(folder: Path, pair: str = "fr-en", version: str = "3.1") -> Path:
    """Write a model folder with its manifest."""
    folder.mkdir(parents=True)
    for name, content in files(pair.replace("-", "")).items():
        (folder / name).write_bytes(content)
    (folder / "manifest.json").write_text(json.dumps(manifest(pair, version)), encoding="utf-8")
    return folder


def zstd(content: bytes) -> bytes:
    """A Zstandard frame that holds ``content`` uncompressed (one raw block: at most 128 KiB)."""
    return (
        b"\x28\xb5\x2f\xfd\xa0"
        + struct.pack("<I", len(content))
        + struct.pack("<I", len(content) << 3 | 1)[:3]
        + content
    )


def records(pair: str = "fr-en", versions: tuple[str, ...] = ("3.1",)) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Mozilla's records document for the model, and the attachments by location."""
    source, target = pair.split("-")
    data, attachments = [], {}
    for version in versions:
        for name, content in files(source + target).items():
            location = f"main-workspace/translations-models-v2/{version}-{name}"
            attachments[location] = zstd(content)
            data.append(
                {
                    "name": name,
                    "fileType": name.split(".")[0],
                    "sourceLanguage": source,
                    "targetLanguage": target,
                    "version": version,
                    "architecture": "base-memory",
                    "decompressedHash": hashlib.sha256(content).hexdigest(),
                    "attachment": {
                        "location": location,
                        "filename": f"{name}.zst",
                        "size": len(attachments[location]),
                        "hash": hashlib.sha256(attachments[location]).hexdigest(),
                    },
                }
            )
    return {"data": data}, attachments
