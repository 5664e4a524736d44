"""The words around names in addresses: fillers between them, and what turns a name into a street, a firm or a spot."""

from __future__ import annotations

import re

# What may stand between two names of a chain without ending it.
FILLER = re.compile(
    r"(?: |市辖区|(?:省|自治区)?直辖(?:县级?|市|区)?(?:级?行政(?:区划|单位|区))?|其[它他](?:区县?|县)?"
    r"|中华人民共和国|中国大陆|中国|(?:新疆)?生产建设兵团(?:第?[一二三四五六七八九十]+师)?"
    r"|(?:收货|收件|寄件|送货|详细|所在|联系|家庭|公司|单位|配送|邮寄)?(?:地址|地区|省份|城市|区县|省市区)(?:是|为)?"
    r"|(?:省|市|区|县|州)(?= |$)"
    r"|(?:china|prc|province|city|district|county|sheng|shi|qu|municipality)(?![a-z]))+"
)
FILLER_STARTS = frozenset(" 生市省自直其中收寄送详所联家公单配邮地城区县州cpdsqm")

_STREET = (
    r"[东西南北中环内外]{0,2}[一二三四五六七八九十]?"
    r"(?:大?路|大?街|大道|巷|弄|胡同|高架|高速|公路|国道|快速|支路|道(?=[\d ]|$))"
    r"| *(?:(?:east|west|north|south|middle) +)?(?:road|rd|street|st|avenue|ave|lu|jie)(?![a-z])"
)
_FIRM_WORDS = """
大学(?!城) 学院 中学 小学 幼儿园 银行 支行 分行 医院 大?饭店 大?酒店 宾馆 大厦 大楼 广场 公园 花园 花苑 家园 公寓 小区
新村 商务楼 商场 商城 市场 超市 专卖 有限 公司 集团 菜馆 烤鸭 烤肉 火锅 拉面 面馆 小面 米粉 小吃 会馆 商会 同乡 航空
名苑
名城 保险 证券 啤酒 汽车 日报 晚报
"""
_FIRM_FIELDS = """
师范 理工 科技 交通 工业 工商 农业 林业 外国语 外语 医科 医学 财经 政法 体育 邮电 民族 中医药 海洋 石油 化工 电影 音乐
传媒
"""
_SPOT_WORDS = """
门 寺 庙 祠 桥 湖(?![滨州]) 江 河 山 湾 港 村 镇 乡 街道 社区 站 火车站 高铁站 机场 国际机场 大桥 景区 风景 水库
林场 农场
"""


def _one_of(words: str) -> str:
    return "|".join(words.split())


_FIRM = f"(?:{_one_of(_FIRM_FIELDS)})*(?:{_one_of(_FIRM_WORDS)}|驻|人家)"
AFTER_STATED_CITY = re.compile(_STREET)
"""After a city's bare name under its province: 浙江宁波路 is a street, 浙江宁波大学 still says Ningbo."""
AFTER_CITY = re.compile(f"{_STREET}|{_FIRM}")
"""After a bare city with nothing before it: 北京大学 stands in Shenzhen too."""
AFTER_COUNTY = re.compile(f"{_STREET}|{_FIRM}|{_one_of(_SPOT_WORDS)}")
"""After a bare county: 朝阳门 is not in 朝阳, 静安寺 and 余杭镇 need not be."""
FIRM_AHEAD = re.compile(f"(?:(?![路街道巷弄号镇乡村区县 ]).){{0,12}}?(?:{_one_of(_FIRM_WORDS)}|店|馆)")
"""A firm called after the city before it, with no street or district between them: 青岛啤酒专卖店."""

TOWN = re.compile(r"[一-鿿]{1,5}?(?:镇|乡|街道|苏木)")
"""A town or street office, which follows a county in addresses and little else."""

_GENERIC = """
城区 郊区 矿区 东区 西区 南区 北区 中区 中西区 新区 新城区 城东区 城西区 城南区 城北区 城中区 新市区 市辖区
"""
GENERIC = frozenset(_GENERIC.split())
"""Full names so common for parts of any town that they do not contradict a stated city."""

_EVERYDAY = """
东方 合作 新星 白杨 双河 天门 杨梅 大安 安达 海伦 永安 永康 平湖 寿光 乐平 高安 北安 宁安 集安 福安 安宁 安国 新民
兴城 吉首 明光 天长 无为 界首 富锦 同仁 灯塔 德兴 临江 河间 三河 沙河 海城 龙井 应城 当阳 赤壁 大冶 平度 招远 建德
江山 龙泉 东阳 新乐 四会 普宁 高州 丰城 凤城 林州 永城 登封 安丘 荣成 利川 弥勒 开远 孝义 南安 安陆 武安 台山 高平
五常 尚志 同江 海林 龙口 高密 新泰 洪湖 太平 永济 原平 长葛 化州 信宜 罗定 阳春 恩平 开平 龙南 玉树 康定 平泉 大石桥
铁力 清镇 福泉 兴义 兴仁 公主岭
"""
EVERYDAY = frozenset(_EVERYDAY.split())
"""County-level cities whose name without 市 is an everyday word, a street or a person's."""
