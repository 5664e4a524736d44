"""Every page of the map in a browser: no console errors, nothing axe-core finds serious, nothing wider than 1366."""

import os

import pytest
from django.core.cache import cache
from tests.everywhere.world import address, make_world, pages

PICTURED_ELSEWHERE = (
    *(
        "desk:order",
        "desk:orders",
        "desk:board",
        "desk:dashboard",
        "desk:team-",
        "rules:see",
        "rules:list",
        "rules:live",
    ),
    *("rules:rule", "rules:try", "rules:history", "rules:difference", "alerts:reminders", "alerts:settings"),
)


def whole_pages(world, person):
    """(name, address) of each page with a frame around it that this person may open."""
    for one in pages():
        if not one.rule or "GET" not in one.rule.methods or not one.name:
            continue
        url = address(one, world, person.user)
        answer = person.client.get(url)
        html = answer.headers.get("Content-Type", "").startswith("text/html") and not answer.streaming
        text = answer.content.decode() if html and answer.status_code == 200 else ""
        if "<html" in text:
            yield one.name, url


def look_at(screen, found, *, pictures):
    """What is wrong with each of these pages."""
    wrong = {}
    for name, url in found:
        screen.open(url).wait_for_load_state("load")
        faults = screen.violations()
        if screen.scrolls_sideways():
            faults.append("wider than the window")
        if faults:
            wrong[name] = faults
        if pictures and not name.startswith(PICTURED_ELSEWHERE) and not name.endswith("-edit"):
            screen.picture(name.replace(":", "-").removeprefix("desk-"))
    return wrong


LOOKS = [("en", "light"), ("zh-Hans", "dark")]
if "PAIDAN_PICTURES" in os.environ:  # for the documentation, in which nothing is dark
    LOOKS.append(("zh-Hans", "light"))


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_every_page_is_sound(site, language, theme):
    cache.clear()
    world = make_world(language.lower())
    person = world.people["administrator"]
    found = list(whole_pages(world, person))
    assert len(found) > 60
    screen = site.look(person.user, language=language, theme=theme)
    assert look_at(screen, found, pictures=theme == "light") == {}


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_every_page_of_a_team_fits_a_phone(site, language):
    cache.clear()
    world = make_world(language.lower())
    person = world.people["team of mine"]
    found = [one for one in whole_pages(world, person) if one[0].startswith("desk:team")]
    assert len(found) > 10
    screen = site.look(person.user, language=language, phone=True)
    assert look_at(screen, found, pictures=False) == {}
