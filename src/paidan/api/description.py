"""The OpenAPI document, as it is committed and served."""

import json
from functools import cache
from typing import Any

from .main import api
from .once import LONGEST, WRITING

KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": LONGEST, "pattern": "^[ -~]*$"},
    "description": "The same request with the same key within 24 hours is done once, and answered alike",
}


@cache
def described() -> dict[str, Any]:
    """Plain JSON values, the same in every process and language; made once, to be read only."""
    document = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
    for methods in document["paths"].values():
        for method, operation in methods.items():
            if method.upper() in WRITING:
                operation.setdefault("parameters", []).append(KEY)
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    content = answer.pop("content", {})
                    answer["content"] = {"application/problem+json": next(iter(content.values()), {})}
    return dict(document)
