"""A chat service on 127.0.0.1 that speaks OpenAI's interface: it reads the segments it is sent and upper-cases them.

Besides what ``tests.servers.misbehaviour`` has it does what language models do: ``chatter`` (a fence and talk around
the JSON), ``merge`` (the first two segments in one), ``merge blank`` (the same, the second left empty), ``shift``
(numbers from 0), ``prose`` (no JSON), ``length`` (stops amid the JSON), ``several`` (misbehaves with more than one
segment only), ``quota`` (429 with insufficient_quota), ``reorder``, ``missing``, ``extra``, ``leak`` (the prompt in the
last segment), ``echo`` (what it was sent, then the answer), ``refusal`` (no content).
"""

from __future__ import annotations

import json
import re
from typing import Any

from tests.servers.misbehaviour import Misbehaving, spoilt

_TAG = re.compile(r"</?[0-9]+/?>")
_PIECE = re.compile(r"</?[0-9]+/?>|&[a-z]+;")


class OpenAIStandIn(Misbehaving):
    """Use as a context manager; ``requests`` are the bodies of the chat requests."""

    def __init__(self, *, key: str = "", models: tuple[str, ...] = ("small",)) -> None:
        super().__init__()
        self.key = key
        self.models = models

    @property
    def asked(self) -> list[list[str]]:
        """The texts of each request."""
        return [
            [segment["text"] for segment in json.loads(body["messages"][-1]["content"])["segments"]]
            for body in self.requests
        ]

    def post(self, path: str, body: Any, headers: Any, fault: str) -> tuple[int, Any]:
        if path != "/v1/chat/completions":
            return 404, {"error": {"message": "Unknown request URL", "code": "unknown_url"}}
        if self.key and headers.get("Authorization") != f"Bearer {self.key}":
            return 401, {"error": {"message": f"Incorrect API key: {headers.get('Authorization')}", "code": "invalid"}}
        if fault == "quota":
            return 429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
        if body["model"] not in self.models:
            return 404, {"error": {"message": f"The model {body['model']} does not exist", "code": "model_not_found"}}
        segments = json.loads(body["messages"][-1]["content"])["segments"]
        if fault == "several":
            fault = "merge" if len(segments) > 1 else ""
        answers = [{"id": one["id"], "text": spoilt(_upper(one["text"]), fault, _TAG, self.chance)} for one in segments]
        if fault == "chaos" and self.chance.random() < 0.2:
            fault = self.chance.choice(("merge", "merge blank", "shift", "prose", "length", "chatter"))
        if fault == "merge" and len(answers) > 1:
            answers[0]["text"] += " " + answers.pop(1)["text"]
        if fault == "merge blank" and len(answers) > 1:
            answers[0]["text"] += " " + answers[1]["text"]
            answers[1]["text"] = ""
        if fault == "reorder":
            answers.reverse()
        if fault == "missing":
            answers.pop()
        if fault == "extra":
            answers.append({"id": len(answers) + 1, "text": "AND MORE"})
        if fault == "leak":
            answers[-1]["text"] += " " + body["messages"][0]["content"]
        if fault == "shift":
            answers = [{**answer, "id": answer["id"] - 1} for answer in answers]
        content = json.dumps({"segments": answers}, ensure_ascii=False)
        if fault == "chatter":
            content = f"Sure! Here is {{your}} translation:\n```json\n{content}\n```\nLet me know if {{…}} helps."
        if fault == "echo":
            content = f"You sent me {body['messages'][-1]['content']}, which gives:\n{content}"
        if fault == "prose":
            content = "I cannot help with that."
        if fault == "length":
            content = content[: len(content) // 2]
        message: dict[str, Any] = {"role": "assistant", "content": content}
        if fault == "refusal":
            message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
        reason = "length" if fault == "length" else "stop"
        return 200, {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20},
        }


def _upper(tagged: str) -> str:
    out, at = "", 0
    for match in _PIECE.finditer(tagged):
        out += tagged[at : match.start()].upper() + match[0]
        at = match.end()
    return out + tagged[at:].upper()
