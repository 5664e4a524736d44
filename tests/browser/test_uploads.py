"""The import wizard in a browser: a file with bad rows comes in, its rejects are mended and come in too."""

import pytest
from playwright.sync_api import expect
from tests.builders import NOW

from paidan.accounts.capabilities import Role
from paidan.catalog.models import Sku
from paidan.desk.uploads.running import bring_in
from paidan.web.models import Upload

HEAD = "货品编码,名称,重量(克)\n"
GOOD = "".join(f"S-{number},保温杯 {number},380\n" for number in range(25))
BAD = "S-90,餐具,很重\n,无编码,20\n"


def file_of(text, name="goods.csv"):
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode("gb18030")}


def test_bad_rows_are_mended_and_imported_again(site, make_member, tmp_path):
    screen = site.look(make_member(Role.LEAD))
    page = screen.open("/imports/")
    page.locator("input[type=file]").set_input_files(file_of(HEAD + BAD + GOOD))
    expect(page.get_by_text("27 rows, gb18030")).to_be_visible()
    expect(page.locator("td.wrong").first).to_contain_text("很重")
    assert screen.violations() == []
    page.get_by_role("button", name="Import 27 rows").click()
    expect(page.get_by_text("A worker does it")).to_be_visible()
    bring_in(Upload.objects.get().pk, dry_run=False, now=NOW)
    link = page.get_by_role("link", name="Download the rejected rows")
    expect(link).to_be_visible()
    assert Sku.objects.count() == 25
    with page.expect_download() as downloading:
        link.click()
    mended = tmp_path / "mended.csv"
    text = downloading.value.path().read_text(encoding="utf-8-sig")
    mended.write_text(text.replace("很重", "400").replace("\n,无", "\nS-91,无"), encoding="utf-8-sig")
    screen.open("/imports/")
    page.locator("input[type=file]").set_input_files(str(mended))
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_text("A worker does it")).to_be_visible()
    bring_in(Upload.objects.latest("id").pk, dry_run=False, now=NOW)
    expect(page.get_by_role("heading", name="What came in")).to_be_visible()
    assert Sku.objects.count() == 27
    assert Upload.objects.latest("id").result["rejected"] == 0


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_every_step_of_the_wizard_in_both_languages(site, make_member, language):
    screen = site.look(make_member(Role.LEAD, language=language), language=language)
    page = screen.open("/imports/")
    page.locator("input[type=file]").set_input_files(file_of(HEAD + BAD + GOOD, "货品.csv"))
    expect(page.locator("td.wrong").first).to_be_visible()
    screen.picture("import-columns")
    page.locator("button[value=check]").click()
    expect(page.locator("button[value=check]")).to_have_count(0)
    bring_in(Upload.objects.get().pk, dry_run=True, now=NOW)
    expect(page.locator(".up-figures")).to_be_visible()
    screen.open(page.url)
    assert screen.violations() == []
    assert not screen.scrolls_sideways()
    screen.picture("import-checked")
    page.locator("button[value=import]").click()
    expect(page.locator("button[value=import]")).to_have_count(0)
    bring_in(Upload.objects.get().pk, dry_run=False, now=NOW)
    screen.open("/imports/")
    assert screen.violations() == []
    assert not screen.scrolls_sideways()
    screen.picture("imports")
