"""One spelling for all addresses: simplified characters, half-width letters, and a space for whatever separates."""

from __future__ import annotations

import re
import unicodedata

# Traditional characters that occur in names of regions, and below them, in the same order, the simplified ones.
_TRADITIONAL = (
    "亞佈來侖倉個們倫偉傢僕儀兒兗內兩冊凱別則剋剛劍動務勝勢勸勻匯區卽厤叢吳呂員啓啟喬單噹嚮囌國圍園圖團垻堯場塗墊墰墾壇壘壜壢壩壯壺壽"
    "夢夾婁孫學宮寧審寬寶將尋岡峯島峽崍崑崗崙嵐嶗嶧嶺嶼嶽巒巖師帶幹庫廂廈廕廟廠廣廬張強彆彌彙彥彿後從復徵恆愛慄慶慼憑應懞懷戶揚撫敘於"
    "旂昇晉暉曆曏會東枴柺査棗棲楊業極榦榮樂樅樑樓樹樺橋橫檯權欒欽歷歸沖涇涼淥淩淶渦渾湞湯準溝溫溮滄滎滙滿漢漣漵潁潛潤潯澗澠澤澱濃濛濟"
    "濰濱瀋瀏瀘瀰瀾灘灣灤為烏無煙煩燈營爐爲爾猶獅獨獲獻琿瑤瑩瑪環瓊甌甕甦甯畢當疇疊監盤盧眞矇硯碩碭確礄礦祿禪禮稜稱穀積穫窪窯競箇節範"
    "簡糰紅納紮細紹結絳綏經綠維綵綿緑縉縣績織罈罎羅羣義習聖聞聯聶肅脩脫膠臘臥臨臺興舊舘荊莊華菴菸萊萬葉蒼蓋蓮蔭蕪蕭薊薌薑薩藍藴藺蘄蘆"
    "蘇蘊蘭蘿號衕衚衛衝裏裡複覺觀託訥許詔誌誼調諸諾謀謙謝謨譙譜讓讚豐貝貞貢貴費賀資賈賓賚賢賽贊贛趙車軍載輝輪輿轄農迴連週進遊運達遙遜"
    "遠遷遼邁邊郟郵鄆鄉鄒鄖鄧鄭鄰鄲鄴鈡鉅鉛銀銅鋒鋼錢錦錫錯鍾鎣鎭鎮鏡鐘鐵鑲長門開間閔閘閣閤閩閬閶閻闆關陘陝陞陰陳陸陽際隨隴雙雜雞離雲"
    "電霑霧靈靜鞏韆韓響頂項順頗頭額類風颱餘館饒馬駐騰驊驛鬆鬍鬥鬱魚魯鮁鮮鯉鳥鳩鳳鳴鴨鶯鶴鷄鷹鹹鹼鹽麗麥麯麴黃點黨齊龍龜"
)
_SIMPLIFIED = (
    "亚布来仑仓个们伦伟家仆仪儿兖内两册凯别则克刚剑动务胜势劝匀汇区即历丛吴吕员启启乔单当向苏国围园图团坝尧场涂垫坛垦坛垒坛坜坝壮壶寿"
    "梦夹娄孙学宫宁审宽宝将寻冈峰岛峡崃昆岗仑岚崂峄岭屿岳峦岩师带干库厢厦荫庙厂广庐张强别弥汇彦佛后从复征恒爱栗庆戚凭应蒙怀户扬抚叙于"
    "旗升晋晖历向会东拐拐查枣栖杨业极干荣乐枞梁楼树桦桥横台权栾钦历归冲泾凉渌凌涞涡浑浈汤准沟温浉沧荥汇满汉涟溆颍潜润浔涧渑泽淀浓蒙济"
    "潍滨沈浏泸弥澜滩湾滦为乌无烟烦灯营炉为尔犹狮独获献珲瑶莹玛环琼瓯瓮苏宁毕当畴叠监盘卢真蒙砚硕砀确硚矿禄禅礼棱称谷积获洼窑竞个节范"
    "简团红纳扎细绍结绛绥经绿维彩绵绿缙县绩织坛坛罗群义习圣闻联聂肃修脱胶腊卧临台兴旧馆荆庄华庵烟莱万叶苍盖莲荫芜萧蓟芗姜萨蓝蕴蔺蕲芦"
    "苏蕴兰萝号同胡卫冲里里复觉观托讷许诏志谊调诸诺谋谦谢谟谯谱让赞丰贝贞贡贵费贺资贾宾赉贤赛赞赣赵车军载辉轮舆辖农回连周进游运达遥逊"
    "远迁辽迈边郏邮郓乡邹郧邓郑邻郸邺钟巨铅银铜锋钢钱锦锡错钟蓥镇镇镜钟铁镶长门开间闵闸阁合闽阆阊阎板关陉陕升阴陈陆阳际随陇双杂鸡离云"
    "电沾雾灵静巩千韩响顶项顺颇头额类风台余馆饶马驻腾骅驿松胡斗郁鱼鲁鲅鲜鲤鸟鸠凤鸣鸭莺鹤鸡鹰咸碱盐丽麦曲曲黄点党齐龙龟"
)
_SEPARATORS = (
    '\t\r\n,，、/／\\|｜-－—–~～_·•.。．;；:：!！?？()（）[]［］【】「」『』{}<>《》＜＞"“”*＊#＃+＋=＝@&→>\u3000\xa0'
)
_DROPPED = "'’‘`\u200b\u200c\u200d\ufeff"


def _translation() -> dict[int, str]:
    table = dict(zip(map(ord, _TRADITIONAL), _SIMPLIFIED, strict=True))
    table.update(dict.fromkeys(map(ord, _SEPARATORS), " "))
    table.update(dict.fromkeys(map(ord, _DROPPED), ""))
    for wide in range(0xFF10, 0xFF5B):  # full-width digits and letters
        if chr(wide).isalnum():
            table[wide] = unicodedata.normalize("NFKC", chr(wide)).lower()
    for upper in range(ord("A"), ord("Z") + 1):
        table[upper] = chr(upper + 32)
    return table


_TRANSLATION = _translation()
_LONGEST = 400
_LONE_SPACES = re.compile(r"(?<=[一-鿿]) +(?=[一-鿿])")


def plain(text: str) -> str:
    """The text's beginning in the one spelling; positions may shift. No address is longer than we read."""
    return text[:_LONGEST].translate(_TRANSLATION)


def compact(text: str) -> str:
    """A plain text without the spaces between Chinese characters, for those who type 浙 江 省."""
    return _LONE_SPACES.sub("", text)
