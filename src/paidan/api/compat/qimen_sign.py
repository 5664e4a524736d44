"""The two signatures of a call through the Qimen gateway: the gateway's own (`sign`) and Wangdiantong's (`wdt_sign`).

`sign` covers every field of the form; `wdt_sign` covers the business parameters, with JSON texts expanded. The method's
name may bear a prefix (`3ldsmu02o9.wdt.…`): some clients sign it as sent, some without.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .wdt_sign import md5, same

GATEWAY_FIELDS = {"app_key", "timestamp", "v", "sign_method", "format", "session", "simplify", "sign", "method"}
SKIPPED = {"wdt3_customer_id", "wdt_sign", "target_app_key"}
"""Left out of `wdt_sign` at every level."""
PREFIX = re.compile(r"^[^.]+\.(?=wdt\.)")


def gateway_sign(fields: Mapping[str, str], secret: str) -> str:
    """MD5 in capitals over secret + Σ key + value in key order + secret; `sign` itself excluded."""
    text = "".join(f"{key}{value}" for key, value in sorted(fields.items()) if key != "sign")
    return md5(f"{secret}{text}{secret}").upper()


def wdt_sign(parameters: Mapping[str, Any], method: str, secret: str) -> str:
    """MD5 over secret + the expanded parameters and the method + secret."""
    return md5(f"{secret}{''.join(_expanded({**parameters, 'method': method}))}{secret}")


def bare(method: str) -> str:
    """A method's name without a prefix."""
    return PREFIX.sub("", method)


def business_of(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields `wdt_sign` covers: those that are not the gateway's."""
    return {key: value for key, value in fields.items() if key not in GATEWAY_FIELDS}


def is_wdt_signed(fields: Mapping[str, str], secret: str) -> bool:
    """Whether `wdt_sign` is right for the method as sent or without its prefix."""
    method, given = fields.get("method", ""), fields.get("wdt_sign", "").lower()
    parameters = business_of(fields)
    return any(same(given, wdt_sign(parameters, name, secret)) for name in (method, bare(method)))


def is_gateway_signed(fields: Mapping[str, str], secret: str) -> bool:
    """Whether `sign` is right."""
    return same(fields.get("sign", "").upper(), gateway_sign(fields, secret))


def _expanded(found: Any) -> Iterator[str]:
    """Keys and values in key order, all the way down; of lists only the objects count."""
    if isinstance(found, Mapping):
        for key, value in sorted(found.items()):
            if key not in SKIPPED and value is not None:
                yield key
                yield from _expanded(value)
    elif isinstance(found, list):
        for one in found:
            if isinstance(one, Mapping):
                yield from _expanded(one)
    elif isinstance(found, bool):
        yield str(found).lower()
    elif isinstance(found, str):
        inner = _as_json(found)
        yield from (found,) if inner is None else _expanded(inner)
    else:
        yield str(found)


def _as_json(text: str) -> Any:
    """What a text that is a JSON object or list stands for, else nothing."""
    ends = text.strip()[:1] + text.strip()[-1:]
    if ends not in ("{}", "[]"):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None
