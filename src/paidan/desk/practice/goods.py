"""The goods of the practice data: categories read off their names, weights and volumes to suit, bundles."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from .raw import baskets, originals, spread

FEN_PER_PENNY = 9.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A category: the words that show it, and what a plain piece of it weighs and fills."""

    category: str
    words: str
    weight_g: int
    volume_cm3: int


@dataclass(frozen=True, slots=True)
class Good:
    """A SKU of the practice data."""

    code: str
    name: str
    category: str
    tags: tuple[str, ...]
    weight_g: int
    volume_cm3: int
    price_minor: int


# The first kind with a word in the name wins: "T-LIGHT HOLDER GLASS" is lighting, not glassware.
KINDS = (
    Kind("furniture", "CABINET DRAWER STOOL TABLE CHAIR SHELF SHELVES LADDER PARASOL BENCH TROLLEY", 3200, 16000),
    Kind("christmas", "CHRISTMAS XMAS ADVENT SANTA REINDEER BAUBLE TINSEL SNOWMAN SNOWFLAKE", 120, 900),
    Kind("lighting", "T-LIGHT T-LIGHTS CANDLE CANDLES LANTERN LIGHT LIGHTS LAMP CANDLESTICK CHANDELIER", 260, 900),
    Kind("bags", "BAG BAGS SHOPPER PURSE WALLET LUGGAGE SATCHEL RUCKSACK BACKPACK CASE", 160, 1400),
    Kind("jewellery", "BRACELET NECKLACE EARRINGS RING BROOCH CHARM HAIRCLIP PENDANT BEADS BANGLE TRINKET", 45, 90),
    Kind(
        "toys",
        "TOY DOLL DOLLY GIRL CHILDRENS CHILDS KIDS JIGSAW PUZZLE GAME PLAYHOUSE CIRCUS SPACEBOY BLOCKS",
        280,
        1500,
    ),
    Kind(
        "stationery",
        "CARD CARDS PAPER PEN PENCIL PENCILS NOTEBOOK STICKERS STICKER WRAP TAPE TISSUES RIBBON RIBBONS SKETCHBOOK "
        "TAG TAGS ENVELOPE CRAFT RUBBER RULER MAGNETS",
        110,
        450,
    ),
    Kind(
        "tableware",
        "MUG CUP BOWL PLATE TEACUP SAUCER JUG TEAPOT GLASS CUTLERY TEA COFFEE CAKESTAND DISH TRAY",
        420,
        1500,
    ),
    Kind(
        "kitchen",
        "KITCHEN CAKE BAKING TIN TINS JAM JAR JARS APRON OVEN RECIPE SCALES PANTRY LUNCH COOKIE MOULD BOTTLE NAPKINS "
        "DOILIES PAN BREAD EGG SNACK TOWEL",
        300,
        1500,
    ),
    Kind(
        "textiles",
        "CUSHION COVER DOORMAT TOWELS BLANKET THROW QUILT CURTAIN RUG MAT BUNTING GARLAND DOORSTOP",
        520,
        3600,
    ),
    Kind("garden", "GARDEN PLANT POT HERB WATERING BIRD FLOWER FLOWERS PICNIC UMBRELLA SHED", 480, 2400),
    Kind("bathroom", "BATH BATHROOM SOAP SPONGE HOT WARMER PLASTERS MIRROR SCENTED", 340, 1200),
    Kind("decoration", "", 240, 1100),
)
BREAKABLE = re.compile(r"\b(GLASS|CERAMIC|PORCELAIN|CHINA|MUG|BOWL|PLATE|TEACUP|TEAPOT|JUG|MIRROR|CRYSTAL|BAKELIKE)\b")
ANTIQUE = re.compile(r"\b(ANTIQUE|VICTORIAN|EDWARDIAN)\b")
_FACTORS = (
    (re.compile(r"\b(METAL|ZINC|IRON|ENAMEL|SLATE|STONE|CERAMIC|PORCELAIN)\b"), 1.5, 1.0),
    (re.compile(r"\b(FELT|PAPER|FABRIC|COTTON|FEATHER|INFLATABLE)\b"), 0.6, 0.9),
    (re.compile(r"\b(LARGE|JUMBO|BIG|GIANT)\b"), 2.0, 2.2),
    (re.compile(r"\b(SMALL|MINI|LITTLE)\b"), 0.5, 0.5),
    (re.compile(r"\b(3 TIER|3 DRAWER|4 DRAWER|9 DRAWER|CHEST)\b"), 1.9, 1.9),
)
_SET = re.compile(r"\b(?:SET OF|SET/|S/)\s*(\d+)")

BUNDLES = (
    ("SET-TEATIME", "TEA TIME GIFT SET", "tableware", 2),
    ("SET-BAKING", "HOME BAKING GIFT SET", "kitchen", 3),
    ("SET-CANDLE", "CANDLELIGHT EVENING SET", "lighting", 3),
    ("SET-PARTY", "BIRTHDAY PARTY SET", "textiles", 2),
    ("SET-STATIONERY", "BACK TO SCHOOL SET", "stationery", 3),
    ("SET-NURSERY", "NURSERY PLAY SET", "toys", 2),
)
"""Code, name, the category whose best sellers it is made of, and of how many of them."""


@cache
def goods() -> dict[str, Good]:
    """Every SKU of the baskets, by code."""
    return {code: _good(code, name, pence) for code, name, pence in originals()}


def _good(code: str, name: str, pence: int) -> Good:
    kind = kind_of(name)
    weight, volume = float(kind.weight_g), float(kind.volume_cm3)
    for words, heavier, bigger in _FACTORS:
        if words.search(name):
            weight, volume = weight * heavier, volume * bigger
    if several := _SET.search(name):
        pieces = min(12, int(several[1])) ** 0.6
        weight, volume = weight * pieces, volume * pieces
    marks = (("fragile", BREAKABLE), ("antique", ANTIQUE))
    tags = tuple(tag for tag, words in marks if words.search(name))
    return Good(
        code,
        name,
        kind.category,
        tags,
        max(10, 5 * round(weight * spread(f"{code} weight", 0.75, 1.3) / 5)),
        max(20, 10 * round(volume * spread(f"{code} volume", 0.75, 1.3) / 10)),
        max(10, 10 * round(pence * FEN_PER_PENNY / 10)),
    )


def kind_of(name: str) -> Kind:
    """The category a name speaks of; decoration where it does not say."""
    words = set(re.split(r"[^A-Z-]+", name.upper()))
    return next(kind for kind in KINDS if not kind.words or words & set(kind.words.split()))


@cache
def best_sellers() -> tuple[str, ...]:
    """SKU codes by how many baskets they are in, most first."""
    count = Counter(code for basket in baskets() for code, _ in basket)
    return tuple(sorted(count, key=lambda code: (-count[code], code)))


@cache
def bundles() -> dict[str, tuple[Good, tuple[str, ...]]]:
    """Every bundle, by code, with its components (one of each); it weighs what they do and costs a tenth less."""
    stock = goods()
    made: dict[str, tuple[Good, tuple[str, ...]]] = {}
    for code, name, category, size in BUNDLES:
        parts = tuple(sku for sku in best_sellers() if stock[sku].category == category)[:size]
        price = sum(stock[sku].price_minor for sku in parts)
        made[code] = (
            Good(
                code,
                name,
                category,
                ("bundle",),
                sum(stock[sku].weight_g for sku in parts),
                sum(stock[sku].volume_cm3 for sku in parts),
                10 * round(price * 0.09),
            ),
            parts,
        )
    return made
