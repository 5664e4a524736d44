"""The invented network of the practice data: shops, warehouses, teams, freight, calendars."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from paidan.geo import children, coordinates, distance_m


@dataclass(frozen=True, slots=True)
class PracticeShop:
    """A shop with its promise (carriage included) and its share of the orders."""

    code: str
    name: str
    platform: str
    ship_within_h: int
    share: float


@dataclass(frozen=True, slots=True)
class PracticeWarehouse:
    """A warehouse; `share` is the part of the goods that is bought for it."""

    code: str
    name: str
    region: str
    address: str
    lat: float
    lng: float
    cutoff: str
    capacity: int
    ratio: int
    share: float
    covers: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    weekdays_off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PracticeTeam:
    """A team. `stride` is how many orders it can move one step in an hour: its real speed, which nobody wrote down."""

    code: str
    name: str
    warehouse: str
    capacity: int
    ratio: int
    stride: int
    shops: tuple[str, ...] = ()
    skills: tuple[str, ...] = field(default=())


SHOPS = (
    PracticeShop("taobao", "暖屋生活馆", "taobao", 96, 0.36),
    PracticeShop("jd", "暖屋京东自营店", "jd", 72, 0.24),
    PracticeShop("pdd", "暖屋百货", "pdd", 120, 0.22),
    PracticeShop("douyin", "暖屋直播间", "douyin", 96, 0.18),
)

WAREHOUSES = (
    PracticeWarehouse("ks", "昆山仓", "320583", "江苏省苏州市昆山市花桥镇", 31.30, 121.10, "17:00", 520, 60, 0.27),
    PracticeWarehouse("gz", "广州仓", "440111", "广东省广州市白云区太和镇", 23.13, 113.26, "18:00", 380, 40, 0.25),
    PracticeWarehouse("bj", "北京仓", "110115", "北京市大兴区京南物流园", 39.90, 116.40, "17:00", 360, 0, 0.19),
    PracticeWarehouse("cd", "成都仓", "510114", "四川省成都市新都区物流大道", 30.82, 104.16, "16:00", 220, 0, 0.12),
    PracticeWarehouse(
        "wh", "武汉仓", "420112", "湖北省武汉市东西湖区走马岭", 30.62, 114.14, "16:30", 200, 0, 0.11,
        excludes=("540000", "650000", "460000"),
    ),
    PracticeWarehouse(
        "xa", "西安仓", "610112", "陕西省西安市未央区草滩物流园", 34.29, 108.95, "15:00", 120, 0, 0.06,
        covers=("610000", "620000", "630000", "640000", "650000", "540000", "140000", "150000", "410000"),
        weekdays_off=("sun",),
    ),
)  # fmt: skip

TEAMS = (
    PracticeTeam("ks-a", "昆山一组", "ks", 240, 3, 10),
    PracticeTeam("ks-b", "昆山二组", "ks", 200, 2, 5),
    PracticeTeam("ks-vip", "昆山贵宾组", "ks", 80, 0, 4, skills=("vip",)),
    PracticeTeam("gz-a", "广州一组", "gz", 200, 3, 7),
    PracticeTeam("gz-jd", "广州京东组", "gz", 130, 1, 6, shops=("jd",)),
    PracticeTeam("gz-vip", "广州贵宾组", "gz", 60, 0, 2, skills=("vip",)),
    PracticeTeam("bj-a", "北京一组", "bj", 180, 2, 5),
    PracticeTeam("bj-jd", "北京京东组", "bj", 190, 1, 8, shops=("jd",)),
    PracticeTeam("cd-a", "成都一组", "cd", 130, 2, 3),
    PracticeTeam("cd-b", "成都二组", "cd", 100, 1, 1, skills=("vip",)),
    PracticeTeam("wh-a", "武汉一组", "wh", 200, 1, 6),
    PracticeTeam("xa-a", "西安一组", "xa", 120, 1, 2),
)


@dataclass(frozen=True, slots=True)
class Tariff:
    """A carrier's prices by zone: first weight, further weight, days on the road."""

    carrier: str
    cm3_per_kg: int
    first_minor: tuple[int, ...]
    next_minor: tuple[int, ...]
    days: tuple[int, ...]


TARIFFS = (
    Tariff("SF", 6000, (650, 1500, 2200, 2600), (100, 500, 1000, 1800), (1, 1, 2, 3)),
    Tariff("YTO", 8000, (500, 700, 900, 1800), (250, 400, 650, 1400), (1, 2, 3, 4)),
)
ZONES_KM = (350, 1300, 2200)
"""Up to where the first three zones reach; beyond is the fourth. The own province is always in the first."""


@dataclass(frozen=True, slots=True)
class FreightRow:
    """What a carrier asks from a warehouse to a province."""

    warehouse: str
    carrier: str
    region: str
    first_minor: int
    next_minor: int
    days: int
    cm3_per_kg: int


def freight() -> list[FreightRow]:
    """A row per warehouse, carrier and province."""
    provinces = [province for province in children("CN") if province.code[0] in "123456"]
    lat, lng = coordinates(np.array([int(province.code) for province in provinces], np.int32))
    rows = []
    for warehouse in WAREHOUSES:
        for at, province in enumerate(provinces):
            km = distance_m(warehouse.lat, warehouse.lng, float(lat[at]), float(lng[at])) / 1000
            near = province.code[:2] == warehouse.region[:2]
            zone = 0 if near else sum(km > limit for limit in ZONES_KM)
            rows += [
                FreightRow(
                    warehouse.code,
                    tariff.carrier,
                    province.code,
                    tariff.first_minor[zone],
                    tariff.next_minor[zone],
                    tariff.days[zone],
                    tariff.cm3_per_kg,
                )
                for tariff in TARIFFS
            ]
    return rows
