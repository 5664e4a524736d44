"""Reads one plain address: which names stand in it as places, which are streets or firms, and what they agree on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from paidan.geo.names import Word, names
from paidan.geo.table import region_table
from paidan.geo.vocabulary import (
    AFTER_CITY,
    AFTER_COUNTY,
    AFTER_STATED_CITY,
    EVERYDAY,
    FILLER,
    FILLER_STARTS,
    FIRM_AHEAD,
    GENERIC,
    TOWN,
)


@dataclass(slots=True)
class Reading:
    """What a chain of names means: the regions it may be, and how well it is founded."""

    known: tuple[int, ...]
    end: int
    strong: bool  # rests on a complete name, or on two that agree
    contradiction: bool = False


@lru_cache(maxsize=1 << 17)
def narrow(known: tuple[int, ...], name: str) -> tuple[tuple[int, ...], bool]:
    """What is known once the name follows, and whether the name was a complete one; () where it fits nothing."""
    word, table = names().words[name], region_table()
    for kind in (word.full, word.former, word.short, word.former_short):
        if fit := agree(known, tuple(kind)):
            return fit, word.complete and (kind is word.full or kind is word.former)
    # 新北市 under 江苏 is Taiwan's in the wrong province, not Changzhou's 新北区; 太和区 under 安徽 is Jinzhou's.
    elsewhere = word.full and (name.endswith("区") or any(number % 100 == 0 for number in word.full))
    if not elsewhere and (fit := agree(known, tuple(word.loose))):
        return fit, False
    inside = [n for n in word.within if any(k in (n, table.parents[n]) for k in known)]
    return tuple(inside), False


def agree(known: tuple[int, ...], said: tuple[int, ...]) -> tuple[int, ...]:
    """The regions both can mean: of each pair where one contains the other, the inner."""
    lineages, fit = region_table().lineages, set[int]()
    for number in said:
        for other in known:
            if other in lineages[number]:
                fit.add(number)
            elif number in lineages[other]:
                fit.add(other)
    return tuple(sorted(fit))


@lru_cache(maxsize=1)
def _innermost() -> frozenset[int]:
    """Regions that contain no other, now or formerly: nothing that follows them can be nearer."""
    table = region_table()
    return frozenset(table.names).difference(*(lineage - {number} for number, lineage in table.lineages.items()))


def skip_filler(text: str, at: int) -> int:
    """The position after separators and words that carry no place."""
    if text[at : at + 1] in FILLER_STARTS and (match := FILLER.match(text, at)):
        return match.end()
    return at


def words_at(text: str, at: int) -> list[Word]:
    """The names that begin here, the longest first; a romanised one must end with its word."""
    found = []
    words = names().words
    for length in names().lengths.get(text[at : at + 2], ()):
        word = words.get(text[at : at + length])
        if word is not None and not (text[at] <= "z" and text[at + length : at + length + 1].isalpha()):
            found.append(word)
    return found


def read(text: str) -> Reading | None:
    """Read a plain text; None where no place is named. Chains of names found apart are weighed against each other."""
    at = skip_filler(text, 0)
    best = _read_chain(text, at, True)
    if best is not None:
        if best.contradiction or (best.strong and _settled(best)):
            return best
        at = best.end
    length = len(text)
    while at < length:
        edge = at == 0 or text[at - 1] < "一"
        if edge or best is None:
            start = skip_filler(text, at) if edge else at
            found = None if best is not None and _is_generic(text, start) else _read_chain(text, start, edge)
            if found is not None:
                best = found if best is None else _weigh(best, found)
                if best.contradiction or (best.strong and _settled(best)):
                    return best
                at = max(found.end, at + 1)
                continue
        at += 1
    return best


def _is_generic(text: str, at: int) -> bool:
    """Whether a name begins here that may be a part of any town or housing estate: 东区3栋."""
    words = words_at(text, at)
    return bool(words) and (words[0].text in GENERIC or words[0].text[-1] in "乡镇")


def _settled(reading: Reading) -> bool:
    return len(reading.known) == 1 and reading.known[0] in _innermost()


def _weigh(best: Reading, found: Reading) -> Reading:
    """What two chains of one text say together; a well-founded one beats a bare word, two of them contradict."""
    if found.contradiction:
        return found if best.strong else Reading(found.known, found.end, True, True)
    fit = agree(best.known, found.known)
    if fit and not best.strong and found.strong and all(number % 100 for number in best.known):
        return found  # a bare county before a noise is as likely a person's name
    if fit and (found.strong or len(best.known) > 1):
        return Reading(fit, found.end, best.strong or found.strong)
    if fit or not found.strong:
        return best
    if not best.strong:
        return found
    return Reading(best.known + found.known, found.end, True, True)


def _read_chain(text: str, at: int, edge: bool) -> Reading | None:
    """Names that follow each other from here, each inside or around the ones before; None if no place begins here."""
    known, end, strong = _first(text, at, edge)
    if not known:
        return None
    links = 1
    while not (len(known) == 1 and known[0] in _innermost() and (links > 1 or known[0] % 100 == 0)):
        begin = skip_filler(text, end)
        fit, stop, strangers = _next(text, begin, known)
        if any(_contradicts(text, begin, end, word, fit or known) for word in strangers):
            return Reading(known, end, True, True)
        if not fit:
            break
        known, end, strong = fit, stop, True
        links += 1
    if strong:
        # 城东区 stands once in the table, and outside it in half of all towns.
        in_any_town = links == 1 and len(known) == 1 and end < len(text) and text[at:end] in GENERIC
        return None if in_any_town else Reading(known, end, True)
    if AFTER_CITY.match(text, end) or FIRM_AHEAD.match(text, end):
        return None
    provinces = tuple(number for number in known if number % 10000 == 0)
    return Reading(provinces or known, end, False)  # 海南 alone is the province, not the prefecture in 青海


def _next(text: str, begin: int, known: tuple[int, ...]) -> tuple[tuple[int, ...], int, list[Word]]:
    """What is known with the name that begins here (() if none fits), its end, and the longer names that do not fit."""
    strangers: list[Word] = []
    for word in words_at(text, begin):
        stop = begin + len(word.text)
        fit, complete = narrow(known, word.text)
        if not fit:
            strangers.append(word)
        elif complete:
            return fit, stop, []
        elif strangers or _is_street(text, stop, fit, stated=True):
            break  # a longer name was meant (大兴安岭, not 大兴), or no place
        else:
            return fit, stop, []
    return (), begin, strangers


def _first(text: str, begin: int, edge: bool) -> tuple[tuple[int, ...], int, bool]:
    """The regions the first name may mean, its end, and whether it is complete; () if it is not taken for a place."""
    for word in words_at(text, begin):
        stop = begin + len(word.text)
        if word.complete:
            codes = tuple(word.full + word.contested or word.former)
            taken = (edge or (word.full and codes[0] % 100 == 0)) and not _is_market(text, stop, word.text)
            if word.text[-1] in "乡镇" and stop < len(text):
                taken = False  # towns of Taiwan stand in the table, and share their names with towns everywhere
            return (codes if taken else ()), stop, True
        if word.short or word.former_short:
            return (_bare(text, stop, word) if edge else ()), stop, False
    return (), begin, False


def _bare(text: str, stop: int, word: Word) -> tuple[int, ...]:
    """The regions meant by a name without suffix and with nothing before it; cities go before counties of the name."""
    cities = tuple(number for number in word.short + word.former_short if number % 100 == 0)
    if cities:
        codes = tuple(word.short) if word.text in ("朝阳", "chaoyang") else cities
        return () if _is_street(text, stop, codes, stated=False) else codes
    if len(word.short) != 1 or AFTER_COUNTY.match(text, stop):
        return ()
    return tuple(word.short) if word.trusted or _is_plainly_county(text, stop, word.text, word.short[0]) else ()


def _is_plainly_county(text: str, stop: int, name: str, number: int) -> bool:
    """Whether a county's bare name alone is meant as a place: a known city, set apart, or a town follows."""
    if region_table().names[number].endswith("市") and name not in EVERYDAY:
        return True
    apart = text[stop : stop + 1] == " " and text[stop + 1 : stop + 2] >= "一"
    return apart or stop == len(text) or TOWN.match(text, stop) is not None


def _is_street(text: str, stop: int, fit: tuple[int, ...], *, stated: bool) -> bool:
    """Whether what follows a bare name makes it a street, firm or spot, and no further name of a place does."""
    pattern = AFTER_COUNTY if fit[0] % 100 else AFTER_STATED_CITY if stated else AFTER_CITY
    if not pattern.match(text, stop):
        return False
    for word in words_at(text, stop):
        further, complete = narrow(fit, word.text)
        if further and (complete or not AFTER_COUNTY.match(text, stop + len(word.text))):
            return False
    return True


def _is_market(text: str, stop: int, name: str) -> bool:
    """上海市场 is a market, not Shanghai."""
    return text[stop : stop + 1] == "场" and name.endswith("市")


def _contradicts(text: str, begin: int, before: int, word: Word, known: tuple[int, ...]) -> bool:
    """Whether a name that fits nothing known so far is stated as a place all the same."""
    stop = begin + len(word.text)
    if word.text in GENERIC or word.text[-1] in "乡镇" or _is_market(text, stop, word.text):
        return False
    county_known = all(number % 100 for number in known)
    if word.complete:
        return not county_known or any(number % 100 == 0 for number in word.full + word.former)
    cities = tuple(number for number in word.short if number % 100 == 0)
    if not cities:
        return False
    apart = begin > before and text[stop : stop + 1] in ("", " ")
    return apart or any(next_word.complete and narrow(cities, next_word.text)[0] for next_word in words_at(text, stop))
