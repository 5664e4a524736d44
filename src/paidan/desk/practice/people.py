"""Invented buyers in real districts: names, phones that cannot ring, streets, and the addresses that go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from paidan.geo import ancestors, children, region

from .raw import chance, populations

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰凤梅琳雪峰鹏浩宇晨欣怡佳慧婷悦彤子涵梓轩一诺思源雨桐"
STREETS = (
    "人民路", "解放路", "建设路", "和平路", "新华路", "文化路", "中山路", "胜利路", "友谊路", "光明路",
    "长江路", "黄河路", "学府路", "滨河路", "站前街", "府前街",
    "迎宾大道", "世纪大道", "科技路", "工业路", "兴业街", "康乐街", "朝阳街", "花园路", "湖滨路", "东风路",
    "红旗街", "民主路", "公园路", "环城路",
)  # fmt: skip
ESTATES = (
    "阳光花园", "锦绣华庭", "翠湖名邸", "金色家园", "紫荆苑", "和谐家园",
    "书香苑", "丽景湾", "东方名城", "绿洲小区", "幸福里", "梧桐公寓",
)  # fmt: skip
AMBIGUOUS = (
    "鼓楼区中山路18号",
    "朝阳区建设路66号3栋",
    "城关区人民路5号",
    "新华区和平路120号",
    "西湖区文化路9号院",
    "桥西区红旗街31号",
)
"""Districts that several cities have, written without the city."""
UNRESOLVABLE = (
    "幸福家园三期12栋2单元501",
    "学校北门菜鸟驿站",
    "老地方，到了打电话",
    "工业园B区门卫代收",
)

_WHOLE = ("江苏省南京市", "北京市", "甘肃省兰州市", "河北省石家庄市", "浙江省杭州市", "河北省石家庄市")


def mended(address: str) -> str:
    """What a buyer with an ambiguous address answers when asked for the whole; nothing for the others."""
    return _WHOLE[AMBIGUOUS.index(address)] + address if address in AMBIGUOUS else ""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who receives an order and where, as a platform would write it."""

    account: str
    name: str
    phone: str
    province: str
    city: str
    district: str
    address: str


def buyers(count: int) -> list[Buyer]:
    """So many buyers, in districts in proportion to the people living there."""
    rng = chance("buyers")
    numbers = list(populations())
    weights = np.array([populations()[number] for number in numbers], np.float64)
    homes = rng.choice(len(numbers), count, p=weights / weights.sum())
    return [_buyer(rng, place, numbers[home]) for place, home in enumerate(homes)]


def _buyer(rng: np.random.Generator, place: int, number: int) -> Buyer:
    districts = _districts(number)
    home = districts[int(rng.integers(len(districts)))]
    province, city, district = _levels(home)
    return Buyer(f"buyer{place + 1:05d}", _name(rng), _phone(rng), province, city, district, _street(rng))


def _name(rng: np.random.Generator) -> str:
    surname = SURNAMES[min(int(rng.exponential(12)), len(SURNAMES) - 1)]
    given = rng.integers(len(GIVEN), size=2 if rng.random() < 0.75 else 1)
    return surname + "".join(GIVEN[index] for index in given)


def _phone(rng: np.random.Generator) -> str:
    """Eleven characters like a mobile number; the stars in the middle are part of it, so it can never ring."""
    start = ("138", "139", "150", "158", "177", "186", "189", "199")[int(rng.integers(8))]
    return f"{start}****{int(rng.integers(10_000)):04d}"


def _street(rng: np.random.Generator) -> str:
    street = STREETS[int(rng.integers(len(STREETS)))]
    house = f"{street}{int(rng.integers(1, 400))}号"
    if rng.random() < 0.6:
        estate = ESTATES[int(rng.integers(len(ESTATES)))]
        building, flat = int(rng.integers(1, 30)), 100 * int(rng.integers(1, 19)) + int(rng.integers(1, 5))
        return f"{house}{estate}{building}栋{flat}室"
    return house


@cache
def _districts(number: int) -> tuple[str, ...]:
    """Where people of a prefecture live: its urban districts, else its counties, else itself."""
    code = str(number)
    below = [child for city in _cities(code) for child in children(city)]
    urban = [child.code for child in below if child.name.endswith("区")]
    return tuple(urban or [child.code for child in below] or [code])


def _cities(code: str) -> list[str]:
    """Chongqing's districts are one level further down than those of the other municipalities."""
    below = children(code)
    if code.endswith("0000") and any(child.level == "city" for child in below):
        return [child.code for child in below if child.level == "city"]
    return [code]


@cache
def _levels(code: str) -> tuple[str, str, str]:
    """Province, city and district as platforms fill these fields; municipalities stand in both of the first."""
    own, above = region(code), [part for part in ancestors(code) if part.code != "CN"]
    province = above[-1].name if above else own.name
    if province in ("北京市", "天津市", "上海市", "重庆市"):
        return province, province, own.name
    if own.level == "city":
        return province, own.name, ""
    city = next((part.name for part in above if part.level == "city"), "")
    return province, city, own.name
