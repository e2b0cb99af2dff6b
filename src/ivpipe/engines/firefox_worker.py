"""The process in which Firefox's models run: started by ``firefox.py`` as a program, speaking JSON lines on its pipes.

Apart from the rest because the library panics when touched from another thread and holds the interpreter while it
translates. It imports nothing of ivpipe, so it starts fast and stays small.

    → {"legs": ["fr-en"], "text": "Bonjour."}        ← {"text": "Hello."}, {"refused": "…"} (this text), {"error": "…"}

The program's one argument is the models' folder. End of input ends it, as when the parent has died.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Serve until the input ends. The replies have a pipe of their own: what a library prints goes to stderr."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    models = Path(sys.argv[1])
    loaded: dict[str, Any] = {}
    for line in requests:
        request = json.loads(line)
        failed = "error"
        try:
            for leg in request["legs"]:
                if leg not in loaded:
                    loaded[leg] = load(models / leg)
            failed = "refused"
            text = request["text"]
            for leg in request["legs"]:
                text = loaded[leg].translate_long(text)
            reply = {"text": text}
        except Exception as error:
            said = f"{error}" if isinstance(error, ValueError | OSError) else f"{type(error).__name__}: {error}"
            reply = {failed: said}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def load(folder: Path) -> Any:
    """Make a translator of a model folder, every file checked against its manifest. Never touches the network."""
    from fxtranslate import Translator

    data: dict[str, bytes] = {}
    for file in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]:
        content = (folder / file["name"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != file["sha256"]:
            raise ValueError(f"the model file {file['name']} in {folder.name} has changed since it was installed")
        data[file["role"]] = content
    shared = data.get("vocab", b"")
    return Translator(data["model"], data.get("srcvocab", shared), data.get("trgvocab", shared), data.get("lex"))


if __name__ == "__main__":
    main()
