"""A program is let in and shut out in a browser, in either language."""

import pytest
from playwright.sync_api import expect

from paidan.accounts.capabilities import Role
from paidan.accounts.models import Credential

WORDS = {
    "en": ("Let a program in", "Let it in", "Done", "Shut out"),
    "zh-Hans": ("准许程序接入", "准许接入", "完成", "禁止接入"),
}


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_a_program_is_let_in_its_secret_shown_once_and_shut_out(site, make_member, language):
    add, let_in, done, shut_out = WORDS[language]
    screen = site.look(make_member(Role.ADMINISTRATOR, language=language), language=language)
    page = screen.open("/settings/credentials/")
    screen.follow(page.get_by_role("link", name=add).first)
    for name, value in (("account", "S"), ("app_key", "K"), ("secret", "very-secret")):
        page.locator(f"[name={name}]").fill(value)
    assert screen.violations() == []
    assert not screen.scrolls_sideways()
    screen.follow(page.get_by_role("button", name=let_in))
    expect(page.locator("input[readonly]").first).to_have_value("very-secret")
    assert screen.violations() == []
    screen.follow(page.get_by_role("link", name=done))
    expect(page.get_by_text("S", exact=True).first).to_be_visible()
    assert screen.violations() == []
    screen.open(f"/settings/credentials/{Credential.objects.get().pk}/")
    assert screen.violations() == []
    assert "very-secret" not in page.content()
    screen.picture("credential")
    assert not screen.scrolls_sideways()
    screen.follow(page.get_by_role("button", name=shut_out))
    screen.open("/settings/credentials/?tab=ended")
    expect(page.get_by_text("S", exact=True).first).to_be_visible()
