"""Webhooks, a shop's hook and a warehouse's files in a browser: sound, and set up from beginning to end."""

import pytest
from django.core.cache import cache
from tests.browser.test_every_page import look_at, whole_pages
from tests.everywhere.world import make_world

MINE = ("alerts:webhook", "alerts:deliveries", "desk:settings-shop-hook", "desk:settings-warehouse-files")


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_pages_of_other_systems_are_sound(site, language):
    cache.clear()
    world = make_world(language.lower())
    person = world.people["administrator"]
    found = [(name, url) for name, url in whole_pages(world, person) if name.startswith(MINE)]
    assert len(found) >= 6
    screen = site.look(person.user, language=language)
    assert look_at(screen, found, pictures=True) == {}


def test_a_webhook_is_set_up_by_hand_and_its_secret_shown_once(site):
    cache.clear()
    person = make_world("en").people["integrator"]
    screen = site.look(person.user, language="en")
    page = screen.open("/alerts/webhooks/")
    page.get_by_role("link", name="New webhook").first.click()
    page.get_by_label("Name").fill("ERP")
    page.get_by_label("Address").fill("https://10.0.0.1/hook")
    page.get_by_role("button", name="Set up").click()
    page.get_by_text("This is an address inside the network of the server").wait_for()
    page.get_by_label("Address").fill("https://erp.example.com/hook")
    page.get_by_role("button", name="Set up").click()
    page.get_by_text("Copy it now").wait_for()
    assert page.get_by_label("Secret").input_value().startswith("whsec_")
    page.get_by_role("link", name="Done").click()
    page.get_by_text("https://erp.example.com/hook").wait_for()
    page.get_by_role("link", name="Deliveries").first.click()
    page.locator(".pd-table tbody tr, tr[data-row]").first.wait_for()
