"""All names a region goes by in addresses, and how far each can be trusted; `reading` decides which one is meant."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from paidan.geo.table import TABLES, RegionTable, read_rows, region_table

# Nationalities in the names of autonomous divisions, longest first where one contains another.
_NATIONS = (
    "蒙古族|回族|藏族|维吾尔|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族?|傣族|黎族|傈僳族|佤族"
    "|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族?|土族|达斡尔族?|仫佬族|羌族|布朗族|撒拉族|毛南族|仡佬族|锡伯族?|普米族"
    "|塔吉克族?|怒族|鄂温克族|保安族|裕固族|独龙族|各族|蒙古"
)
_AUTONOMOUS = re.compile(rf"^(.{{2,}}?)(?:(?:{_NATIONS})*族?自治[州县旗区]|(?:{_NATIONS})+区)$")
_SUFFIX = re.compile(
    r"(?:(?<=浦东|滨海|沈北|两江|雄安)新区|(?<=神农架)林区|(?<=六枝|万山)特区|特别行政区|行政区|地区|省|市|县|区|盟|旗)$"
)

# Stems that are ordinary words inside other words: never a name without their suffix.
_NO_STEM = frozenset(["南部", "城关", "市中", "市南", "市北", "城中", "城区", "郊区", "新市"])


@dataclass(slots=True)
class Word:
    """One name and the regions it can mean, by how it means them; earlier kinds win where they fit what is known."""

    text: str
    full: list[int] = field(default_factory=list)  # the name today, with its suffix
    former: list[int] = field(default_factory=list)  # a name it had or is called by, complete
    short: list[int] = field(default_factory=list)  # today's name without its suffix
    former_short: list[int] = field(default_factory=list)  # an old name without its suffix
    loose: list[int] = field(
        default_factory=list
    )  # with a suffix it never had (朝阳县 for 朝阳区): only under a known parent
    contested: list[int] = field(default_factory=list)  # regions that lost the name lately, where another has it now
    within: list[int] = field(default_factory=list)  # a nickname that only its own city understands (高新区)
    trusted: bool = False  # its short form can begin an address (浦东)

    @property
    def complete(self) -> bool:
        """Whether it can stand for a region without leaning on its surroundings.

        沙县 can not, although a county was called so: today it is short for 沙县区, and half of China eats 沙县小吃.
        """
        return bool(self.full or (self.former and not self.short))


def stem_of(name: str) -> str:
    """The name without nationalities and suffix: 黔东南苗族侗族自治州 → 黔东南; '' where what is left is no name."""
    stem = match[1] if (match := _AUTONOMOUS.match(name)) else _SUFFIX.sub("", name)
    return "" if len(stem) < 2 or stem in _NO_STEM else stem


class Names:
    """The dictionary of all names, found by their first two characters, longest first."""

    def __init__(self, table: RegionTable) -> None:
        self.words: dict[str, Word] = {}
        self._add_current(table)
        self._add_retired(table)
        self._add_aliases()
        heads: dict[str, set[int]] = defaultdict(set)
        for name in self.words:
            heads[name[:2]].add(len(name))
        self.lengths = {head: tuple(sorted(lengths, reverse=True)) for head, lengths in heads.items()}

    def word(self, text: str) -> Word:
        """The entry for a name, made if it is new."""
        found = self.words.get(text)
        if found is None:
            found = self.words[text] = Word(text)
        return found

    def _add_current(self, table: RegionTable) -> None:
        for number, name in table.names.items():
            if number in (500100, 500200):
                continue
            self.word(name).full.append(number)
            if name.startswith("市"):  # 济南市中区 is 济南 + 市中区, not 济南市 + 中区
                city = table.names[table.parents[number]]
                self.word(city[:-1] + name).full.append(number)
            if stem := stem_of(name):
                if stem != name:
                    self.word(stem).short.append(number)
                for variant in _variants(number, name, stem):
                    self.word(variant).loose.append(number)

    def _add_retired(self, table: RegionTable) -> None:
        for name, code, now in table.retired_names:
            if name == table.names[now]:
                continue
            entry = self.word(name)
            self._once(entry.former, now)
            if entry.full and (name, now) in table.still_said:
                self._once(entry.contested, now)
            stem = stem_of(name)
            if stem and stem != name and now not in self.word(stem).short:
                self._once(self.word(stem).former_short, now)
                if code % 100 == 0 and name.endswith("地区"):
                    self._once(self.word(stem + "市").loose, now)

    def _add_aliases(self) -> None:
        for name, code, use in read_rows(TABLES / "aliases.csv"):
            entry, number = self.word(name), int(code)
            if use == "name":
                entry.former.append(number)
            elif use == "within":
                entry.within.append(number)
            else:
                entry.trusted = True
                self._once(entry.short, number)
        for name, code in read_rows(TABLES / "romanised.csv"):
            entry = self.word(name)
            entry.trusted = True
            self._once(entry.short, int(code))

    @staticmethod
    def _once(numbers: list[int], number: int) -> None:
        if number not in numbers:
            numbers.append(number)


def _variants(number: int, name: str, stem: str) -> list[str]:
    """The suffixes people put on a stem although the region has another: 石柱县, 黔东南州, 铜山县."""
    if number % 10000 == 0:
        wanted = ["省"] if stem != name else []
    elif number % 100 == 0:
        wanted = ["州", "自治州", "市"] if "自治州" in name else ["市", "地区"] if not name.endswith("市") else ["地区"]
    elif name.endswith("旗"):
        wanted = ["旗", "自治旗", "县"]
    else:
        wanted = ["县", "市", "区", "自治县"] if "自治县" in name else ["县", "市", "区"]
    return [stem + suffix for suffix in wanted if stem + suffix != name]


@lru_cache(maxsize=1)
def names() -> Names:
    """The names of this process, built on first use."""
    return Names(region_table())
