"""A month of orders: real baskets, dealt to shops, buyers and moments, with the dirt that real orders have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from .goods import best_sellers, bundles, goods
from .network import SHOPS, PracticeShop
from .people import AMBIGUOUS, UNRESOLVABLE, Buyer, buyers
from .raw import Basket, baskets, chance, spread

CHINA = ZoneInfo("Asia/Shanghai")
DAYS = 29
"""Ordinary days before the day of the promotion."""
PER_DAY = 330
PROMOTION_TIMES = 4
"""The promotion brings so many times the orders of an ordinary day."""

_HOURS = (3, 2, 1, 1, 1, 1, 2, 3, 5, 6, 7, 7, 6, 6, 6, 6, 6, 5, 6, 7, 9, 10, 9, 6)
"""How the orders of a day spread over its hours."""
_WEEK = (0.95, 0.93, 0.95, 0.98, 1.02, 1.10, 1.07)
VIP, BAD_ADDRESS, UNMAPPED, BUNDLED, REMARKED = 0.05, 0.008, 0.010, 0.03, 0.10

BUYER_REMARKS = (
    "请尽快发货",
    "急用，麻烦今天发出",
    "送货前请打电话",
    "放丰巢快递柜",
    "生日礼物，请用礼盒包装",
    "工作日送到单位",
    "不要发邮政",
    "易碎，请多包几层",
)
SELLER_REMARKS = ("老客户，送小礼物", "需开发票", "等客服确认后再发", "赠品：贺卡一张")
SHOWN_NUMBER, SHOWN_BUYER = "310067121200", "buyer00000"
WAIT_FOR_US = "等客服确认"
"""The seller's remark that keeps an order back."""


@dataclass(frozen=True, slots=True)
class PracticeLine:
    """A line as the platform sends it; `code` is the shop's own."""

    number: str
    code: str
    sku: str
    qty: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class PracticeOrder:
    """An order as the platform sends it."""

    shop: str
    number: str
    paid_at: datetime
    buyer: Buyer
    payment: str
    tags: tuple[str, ...]
    buyer_remark: str
    seller_remark: str
    lines: tuple[PracticeLine, ...]

    @property
    def amount_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)


def month(today: date, now: datetime, days: int = DAYS) -> list[PracticeOrder]:
    """The orders of the days before `today` and of today until `now`, in the order in which they were paid."""
    moments = _moments(today, now, days)
    people, vips, shops = _people(len(moments)), _vips(), _shops(len(moments))
    rng = chance("orders")
    orders = [
        _order(rng, place, moment, SHOPS[shops[place]], people[place], people[place].account in vips)
        for place, moment in enumerate(moments)
    ]
    first = next(place for place, order in enumerate(orders) if order.paid_at.date() == today)
    orders[first] = _shown(orders[first])
    return orders


def _shown(order: PracticeOrder) -> PracticeOrder:
    """The promotion's first order, made into the one the demo explains: from Shanghai, at the shop with own teams."""
    buyer = Buyer(SHOWN_BUYER, "沈思源", "138****1024", "上海市", "上海市", "黄浦区", "人民大道200号")
    lines = _lines(SHOPS[1], ((best_sellers()[0], 1),), new=False)
    return replace(
        order,
        shop=SHOPS[1].code,
        number=SHOWN_NUMBER,
        buyer=buyer,
        tags=(),
        buyer_remark="",
        seller_remark="",
        lines=lines,
    )


def _moments(today: date, now: datetime, days: int) -> list[datetime]:
    rng = chance("moments")
    moments: list[datetime] = []
    for back in range(days, 0, -1):
        day = today - timedelta(days=back)
        count = round(PER_DAY * _WEEK[day.weekday()])
        moments += _within_day(rng, datetime.combine(day, time(), CHINA), timedelta(days=1), count)
    midnight = datetime.combine(today, time(), CHINA)
    so_far = max(now - midnight, timedelta(minutes=1))
    return moments + _within_day(rng, midnight, so_far, PROMOTION_TIMES * PER_DAY)


def _within_day(rng: np.random.Generator, start: datetime, length: timedelta, count: int) -> list[datetime]:
    """Moments of a day that spread as orders do; a day cut short squeezes them."""
    hours = np.array(_HOURS, np.float64)
    at = (rng.choice(24, count, p=hours / hours.sum()) + rng.random(count)) / 24
    return [start + timedelta(seconds=int(part * length.total_seconds())) for part in np.sort(at)]


def _people(count: int) -> list[Buyer]:
    """Who bought: some buyers come again and again."""
    known = buyers(round(count * 0.7))
    return [known[index] for index in chance("returning buyers").integers(len(known), size=count)]


def _vips() -> frozenset[str]:
    rng = chance("vips")
    return frozenset(f"buyer{place + 1:05d}" for place in np.flatnonzero(rng.random(100_000) < VIP))


def _shops(count: int) -> list[int]:
    shares = np.array([shop.share for shop in SHOPS])
    return [int(index) for index in chance("shops").choice(len(SHOPS), count, p=shares / shares.sum())]


def _order(
    rng: np.random.Generator, place: int, paid_at: datetime, shop: PracticeShop, buyer: Buyer, vip: bool
) -> PracticeOrder:
    basket = baskets()[place % len(baskets())]
    # Chance is drawn the same number of times for every order, whatever comes of it.
    address, unmapped, bundled, remark, word, pays = rng.random(6)
    lines = _lines(shop, _with_bundle(basket) if bundled < BUNDLED else basket, new=unmapped < UNMAPPED)
    return PracticeOrder(
        shop.code,
        number_of(shop, paid_at, place),
        paid_at,
        _misplaced(buyer, address) if address < BAD_ADDRESS else buyer,
        "cod" if pays < 0.03 and shop.code == "jd" else "online",
        ("vip",) if vip else (),
        _pick(BUYER_REMARKS, word) if remark < REMARKED else "",
        _pick(SELLER_REMARKS, word) if remark > 1 - REMARKED / 3 else "",
        lines,
    )


def _pick(options: tuple[str, ...], part: float) -> str:
    return options[int(part * len(options))]


def _misplaced(buyer: Buyer, part: float) -> Buyer:
    address = _pick(AMBIGUOUS + UNRESOLVABLE, part / BAD_ADDRESS)
    return Buyer(buyer.account, buyer.name, buyer.phone, "", "", "", address)


def _with_bundle(basket: Basket) -> Basket:
    """The basket with a gift set in place of its first good."""
    sets = sorted(bundles())
    chosen = sets[int(spread(basket[0][0], 0, len(sets) - 0.001))]
    return ((chosen, 1), *basket[1:])


def _lines(shop: PracticeShop, basket: Basket, *, new: bool) -> tuple[PracticeLine, ...]:
    lines = []
    for place, (sku, qty) in enumerate(basket, 1):
        good = bundles()[sku][0] if sku in bundles() else goods()[sku]
        code = new_code(shop, sku) if new and place == 1 else shop_code(shop, sku)
        lines.append(PracticeLine(str(place), code, sku, qty, qty * good.price_minor))
    return tuple(lines)


def shop_code(shop: PracticeShop, sku: str) -> str:
    """What a shop calls a SKU: one has numbers of its own for all, one for a third, the others use ours."""
    if sku in bundles():
        return sku
    if shop.code == "jd":
        return f"1000{int(spread(f'jd {sku}', 10_000_000, 99_999_999)):08d}"
    if shop.code == "taobao" and spread(f"taobao {sku}", 0, 1) < 1 / 3:
        return f"TB-{sku}"
    return sku


def new_code(shop: PracticeShop, sku: str) -> str:
    """A code that the shop began to use and nobody has mapped yet; there are only a few."""
    return f"{shop.code.upper()}-NEW-{int(spread(sku, 1, 4.999))}"


def number_of(shop: PracticeShop, paid_at: datetime, place: int) -> str:
    """An order number in the manner of the platform; unique because it contains the order's place in the month."""
    tail = f"{place + 1:06d}"
    noise = int(spread(f"{shop.code} {place}", 0, 999_999))
    match shop.platform:
        case "jd":
            return f"{300_000 + noise % 90_000}{tail}"
        case "pdd":
            return f"{paid_at:%y%m%d}-{noise:06d}{tail}{place % 1000:03d}"
        case "douyin":
            return f"69{noise:06d}{place % 97:02d}{tail}517"
        case _:
            return f"4{noise:06d}{tail}{place % 89:02d}8810"
