"""The OpenAPI document, as it is committed and served."""

import json
from typing import Any

from .main import api


def described() -> dict[str, Any]:
    """Plain JSON values, the same in every process and language."""
    document = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    content = answer.pop("content", {})
                    answer["content"] = {"application/problem+json": next(iter(content.values()), {})}
    return dict(document)
