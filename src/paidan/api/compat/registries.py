"""The numbers Wangdiantong gives platforms, carriers and states, and what they are here."""

from collections.abc import Mapping

OWN_PLATFORM = 127
_PLATFORMS: Mapping[int, tuple[str, ...]] = {
    1: ("taobao", "tmall", "淘宝", "天猫"),
    3: ("jd", "jingdong", "京东"),
    9: ("1688", "alibaba", "阿里", "阿里巴巴"),
    13: ("suning", "苏宁"),
    14: ("vip", "vipshop", "唯品会"),
    17: ("youzan", "有赞"),
    39: ("pdd", "pinduoduo", "拼多多"),
    56: ("xiaohongshu", "xhs", "red", "小红书"),
    69: ("douyin", "doudian", "抖音", "抖店"),
    75: ("kuaishou", "ks", "快手"),
}
_PLATFORM_OF = {word: number for number, words in _PLATFORMS.items() for word in words}

_CARRIERS: Mapping[int, tuple[str, ...]] = {
    3: ("EMS", "ems", "中国邮政"),
    4: ("圆通速递", "yto", "yuantong", "圆通"),
    5: ("中通快递", "zto", "zhongtong", "中通"),
    6: ("申通快递", "sto", "shentong", "申通"),
    8: ("顺丰速运", "sf", "shunfeng", "sf express", "顺丰"),
    9: ("韵达快递", "yunda", "yd", "韵达"),
}
_CARRIER_OF = {word.lower(): number for number, words in _CARRIERS.items() for word in words}
OTHER_CARRIER = 0

WAREHOUSE_TYPE = 1
"""An ordinary warehouse of the seller."""

CANCELLED, UNPAID, CHOOSING, DELAYED, AUDIT = 5, 10, 13, 16, 30
NOT_CONFIRMED, CONFIRMED, SHIPPED = 53, 55, 95
TRADE_STATUSES = (CANCELLED, UNPAID, CHOOSING, DELAYED, AUDIT, NOT_CONFIRMED, CONFIRMED, SHIPPED)
"""`trade_status` and stock-out `status`: docs/how-to/wdt.md says which state of ours is which."""

FLAGSHIP = {CHOOSING: AUDIT, NOT_CONFIRMED: CONFIRMED}
"""What the flagship edition calls states that only the enterprise edition has."""

BAD_ADDRESS, BAD_REMARK, BAD_GOODS = 2, 16, 32
"""Bits of `bad_reason`."""


def platform_id(platform: str) -> int:
    """The number of a platform by whatever word the shop has for it; 127 (own) for any other."""
    return _PLATFORM_OF.get(platform.strip().lower(), OWN_PLATFORM)


def carrier_type(carrier: str) -> int:
    """The number of a carrier; 0 where there is none."""
    return _CARRIER_OF.get(carrier.strip().lower(), OTHER_CARRIER)


def carrier_name(carrier: str) -> str:
    """A carrier's name as clients know it, else as it is stored."""
    number = carrier_type(carrier)
    return _CARRIERS[number][0] if number else carrier


def carrier_code(number: int) -> str:
    """Our code of a carrier by its number; empty when it is not in the registry."""
    words = _CARRIERS.get(number)
    return words[1] if words else ""
