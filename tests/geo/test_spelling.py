"""Every spelling of an address becomes the one the parser reads."""

from paidan.geo.spelling import compact, plain


def test_traditional_characters_become_simplified() -> None:
    assert plain("廣東省深圳市龍崗區") == "广东省深圳市龙岗区"
    assert plain("臺北市") == "台北市"


def test_characters_that_names_use_today_stay() -> None:
    assert plain("乾县") == "乾县"  # 乾 is elsewhere the traditional 干


def test_separators_of_all_widths_become_spaces() -> None:
    assert plain("浙江省　杭州市，西湖区/文三路") == "浙江省 杭州市 西湖区 文三路"


def test_wide_letters_become_narrow_and_small() -> None:
    assert plain("Ｎｏ１２ Shanghai") == "no12 shanghai"


def test_spaces_between_characters_can_be_closed() -> None:
    assert compact("浙 江 省 12 号") == "浙江省 12 号"
