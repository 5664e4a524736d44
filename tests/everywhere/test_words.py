"""No page in one language says anything in the other, on any address of the map."""

import re
from html.parser import HTMLParser

import pytest
from tests.web.clients import SignedIn

from paidan.geo.names import stem_of
from paidan.geo.table import region_table
from paidan.web.pages import RegisteredPage

from .world import World, address, make_world, pages

HAN = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]{2,}")
SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-confirm", "data-label")
SILENT = {"script", "style", "code", "kbd", "svg", "pre"}
EMPTY = {"input", "br", "img", "meta", "link", "hr", "source", "area", "base", "col", "wbr"}
# Written so in both languages: formats, protocols, keys, codes of platforms, the languages themselves.
SAME = {
    *("SKU", "CSV", "XLSX", "XLS", "ODS", "API", "Excel", "JSON", "Webhook", "WMS", "ERP", "VIP", "URL", "UTC", "PDF"),
    *(
        "DingTalk",
        "Slack",
        "Esc",
        "Enter",
        "Shift",
        "Tab",
        "Ctrl",
        "taobao",
        "pdd",
        "douyin",
        "Paidan",
        "https",
        "Shopify",
        "WooCommerce",
        "Standard",
        "Webhooks",
        "English",
        "简体中文",
    ),
}


class Text(HTMLParser):
    """What a page shows and what it tells a screen reader; not what is marked as being in another language."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language, self.silent, self.said = language, [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        foreign = tag != "html" and given.get("lang", self.language).lower() != self.language
        if tag not in EMPTY:
            self.silent.append(tag in SILENT or foreign or bool(self.silent and self.silent[-1]))
        if not (foreign or (self.silent and self.silent[-1])):
            self.said += [given[name] for name in SPOKEN if given.get(name)]
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.said.append(given.get("value", ""))

    def handle_endtag(self, tag):
        if tag not in EMPTY and self.silent:
            self.silent.pop()

    def handle_data(self, data):
        if data.strip() and not (self.silent and self.silent[-1]):
            self.said.append(data.strip())


@pytest.fixture(scope="module")
def places() -> re.Pattern[str]:
    """The names of China's regions, one or several: Chinese in both languages, as on a parcel."""
    names = {short for name in region_table().names.values() for short in (name, stem_of(name)) if short}
    return re.compile(f"(?:{'|'.join(sorted(names, key=len, reverse=True))})+")


def strange(said: list[str], language: str, places: re.Pattern[str]) -> list[str]:
    if language == "en":
        return [
            text for text in said if any(word not in SAME and not places.fullmatch(word) for word in HAN.findall(text))
        ]
    return [text for text in said if any(word not in SAME for word in LATIN.findall(text))]


def heard(person: SignedIn, one: RegisteredPage, world: World, language: str) -> list[str]:
    headers = {"Accept-Language": "zh-CN" if language == "zh-hans" else "en"}
    answer = person.client.get(address(one, world, person.user), headers=headers)
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    reader = Text(language)
    reader.feed(answer.content.decode())
    return reader.said


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_address_speaks_one_language(db, language, places):  # noqa: ARG001 - it needs the database
    world = make_world(language)
    found = {}
    for one in pages():
        if one.rule and "GET" in one.rule.methods:
            for person in (world.people["administrator"], world.people["team of mine"]):
                said = heard(person, one, world, language)
                wrong = strange(said, language, places)
                if wrong:
                    found[one.name] = sorted(set(wrong))[:8]
    assert found == {}, "\n".join(f"{page}: {said}" for page, said in found.items())
