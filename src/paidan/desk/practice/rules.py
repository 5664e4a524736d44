"""The rule set of the practice data, in the words of the problem format: one rule for each thing rules can do."""

from __future__ import annotations

from typing import Any

from .orders import WAIT_FOR_US

PROMOTION = "double-warm"
FIXED_TAG = "antique"
"""Goods that only one warehouse packs."""
LARGE_PIECES = 24
"""Orders of so many pieces may be sent in parts."""


def rule_set() -> dict[str, Any]:
    """The document that `paidan rules publish` takes."""
    return {"rules": [_numbered(place, rule) for place, rule in enumerate(_RULES, 1)]}


def _numbered(place: int, rule: dict[str, Any]) -> dict[str, Any]:
    return {"priority": place * 10, **rule}


_RULES: tuple[dict[str, Any], ...] = (
    {
        "id": "ask-first",
        "name": "等客服确认的先挂起",
        "when": {"remark": [WAIT_FOR_US]},
        "then": {"warehouses": [], "otherwise": "hold"},
    },
    {
        "id": "vip",
        "name": "贵宾订单由贵宾组处理",
        "when": {"tag": ["vip"]},
        "then": {"strategies": ["nearest"], "team": "skill:vip", "raise_priority": 10, "otherwise": "next"},
    },
    {
        "id": "antique",
        "name": "仿古货只由武汉仓包装",
        "when": {"tag": [FIXED_TAG]},
        "then": {"warehouses": ["wh"], "strategies": ["ranked"], "otherwise": "next"},
    },
    {
        "id": "jd-own-team",
        "name": "京东订单由京东组处理",
        "when": {"shop": ["jd"]},
        "then": {"strategies": ["nearest"], "team": "shop", "otherwise": "next"},
    },
    {
        "id": "north-west",
        "name": "西北订单走西安、成都",
        "when": {"region": ["610000", "620000", "630000", "640000", "650000", "540000"]},
        "then": {"warehouses": ["xa", "cd"], "strategies": ["ranked"], "otherwise": "next"},
    },
    {
        "id": "heavy",
        "name": "重货比运费",
        "when": {"weight_g": [8000, None], "not": {"tag": ["vip"]}},
        "then": {"strategies": ["cheapest", "nearest"], "max_km": 2000, "otherwise": "next"},
    },
    {
        "id": "urgent",
        "name": "急单走最快",
        "when": {"remark": ["急用", "尽快"]},
        "then": {"strategies": ["fastest", "nearest"], "otherwise": "next"},
    },
    {
        "id": "promotion-share",
        "name": "大促：直播间订单昆山六、广州四",
        "when": {"shop": ["douyin"]},
        "then": {"warehouses": ["ks", "gz"], "strategies": ["ratio"], "otherwise": "next"},
        "limits": {"promotion": PROMOTION},
    },
    {
        "id": "large-quantity",
        "name": "大数量可拆件，缺货部分发货",
        "when": {"pieces": [LARGE_PIECES, None]},
        "then": {
            "strategies": ["most_stock", "nearest"],
            "split": "by_piece",
            "max_parcels": 3,
            "shortage": "partial",
        },
    },
    {
        "id": "several-lines",
        "name": "多行订单尽量少拆",
        "when": {"lines": [2, None]},
        "then": {
            "strategies": ["fewest_parcels", "nearest"],
            "split": "by_line",
            "max_parcels": 3,
            "shortage": "reject",
        },
    },
    {
        "id": "everything-else",
        "name": "其余就近",
        "then": {"strategies": ["nearest", "least_loaded"]},
    },
)
