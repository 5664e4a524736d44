import pytest


def test_an_address_gets_its_code_names_and_coordinates(paidan):
    answer = paidan("address", "上海市浦东新区世纪大道100号", "--json")
    assert answer.code == 0
    assert answer.json["code"] == "310115"
    assert answer.json["names"][-1] == "浦东新区"
    assert answer.json["lat"] == pytest.approx(31.2, abs=0.2)
    assert answer.json["reason"] is None


@pytest.mark.parametrize(("text", "reason"), [("鼓楼区", "ambiguous"), ("没有这个地方", "unresolved")])
def test_what_cannot_be_known_is_not_guessed(paidan, text, reason):
    answer = paidan("address", text, "--json").json
    assert (answer["code"], answer["reason"]) == (None, reason)


def test_words_of_one_address_need_no_quotes(paidan):
    assert paidan("address", "广东省", "深圳市", "南山区", "--json").json["code"] == "440305"


def test_lines_are_answered_one_by_one_also_the_empty_ones(paidan, monkeypatch):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("上海市浦东新区\n\n北京市朝阳区\n"))
    answers = paidan("address", "-", "--json").json
    assert [answer["code"] for answer in answers] == ["310115", None, "110105"]


def test_people_get_a_table(paidan):
    answer = paidan("address", "鼓楼区")
    assert "several places are called so" in answer.out
