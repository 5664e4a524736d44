"""Shops, warehouses, teams and SKUs as they are read one by one, added and changed.

A field left out of a change stays as it is; left out of a new row it is what its default says.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from .schemas import PRINTABLE, Code, Strict

NewCode = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f/]+$")]
Name = Annotated[str, Field(max_length=100, pattern=PRINTABLE)]
Word = Annotated[str, Field(min_length=1, max_length=40, pattern=PRINTABLE)]
Region = Annotated[str, Field(max_length=60, pattern=PRINTABLE)]
Codes = Annotated[list[Code], Field(max_length=2000)]
Ratio = Annotated[int, Field(ge=0, le=1_000_000)]
Capacity = Annotated[int, Field(ge=0, le=1_000_000_000)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class ShopChange(Strict):
    name: Name = ""
    platform: Annotated[str, Field(max_length=40, pattern=PRINTABLE)] = Field("", description="For example taobao, jd")
    ship_within_h: Annotated[int, Field(ge=1, le=8784)] = 48
    active: bool = True
    teams: Codes = Field([], description="Whose orders of this shop are, unless their rule names another")


class ShopIn(ShopChange):
    code: NewCode


class ShopFull(BaseModel):
    code: str
    name: str
    platform: str
    ship_within_h: int
    active: bool
    teams: list[str]


class WarehouseChange(Strict):
    name: Name = ""
    position: Annotated[int, Field(ge=1, le=1_000_000)] = Field(1, description="Breaks ties; new ones come last")
    open: bool = Field(True, description="A paused warehouse gets nothing new and keeps what it has")
    region: Region = Field("", description="A code of six digits, or a name that means one region")
    address: Annotated[str, Field(max_length=300, pattern=PRINTABLE)] = ""
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lng: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    covers: Annotated[list[Code], Field(min_length=1, max_length=5000)] | None = Field(
        None, description="Codes of the regions it ships to; null = everywhere"
    )
    excludes: Annotated[list[Code], Field(max_length=5000)] = []
    capacity: Capacity | None = Field(None, description="Allocations per work day; null = no limit")
    ratio: Ratio = 0
    cutoff: Clock | None = Field(None, description="HH:MM by its own clock; later orders count for the next work day")
    timezone: Annotated[str, Field(max_length=40, pattern=PRINTABLE)] = "Asia/Shanghai"
    handling_s: Annotated[int, Field(ge=0, le=8784 * 3600)] = 0
    weekdays_off: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = Field(
        [], description="0 = Monday"
    )
    holidays: Literal["", "CN"] = Field("", description="Whose public holidays it keeps")


class WarehouseIn(WarehouseChange):
    code: NewCode


class WarehouseFull(BaseModel):
    code: str
    name: str
    position: int
    open: bool
    region: str | None
    address: str
    lat: float | None
    lng: float | None
    covers: list[str] | None
    excludes: list[str]
    capacity: int | None
    ratio: int
    cutoff: str | None
    timezone: str
    handling_s: int
    weekdays_off: list[int]
    holidays: str


class TeamChange(Strict):
    name: Name = ""
    warehouse: Code | None = Field(None, description="The only one it serves; null = every warehouse, for its shops")
    shops: Codes = Field([], description="Whose orders go to it")
    skills: Annotated[list[Word], Field(max_length=100)] = []
    ratio: Ratio = 0
    capacity: Capacity | None = None
    active: bool = True


class TeamIn(TeamChange):
    code: NewCode


class TeamFull(BaseModel):
    code: str
    name: str
    warehouse: str | None
    shops: list[str]
    skills: list[str]
    ratio: int
    capacity: int | None
    active: bool


class SkuChange(Strict):
    name: Annotated[str, Field(max_length=200, pattern=PRINTABLE)] = ""
    category: Annotated[str, Field(max_length=100, pattern=PRINTABLE)] = ""
    tags: Annotated[list[Word], Field(max_length=50)] = []
    weight_g: Annotated[int, Field(ge=0, le=2_000_000_000)] = 0
    volume_cm3: Annotated[int, Field(ge=0, le=2_000_000_000)] = 0


class SkuIn(SkuChange):
    code: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]


class SkuFull(BaseModel):
    id: int
    code: str
    name: str
    category: str
    tags: list[str]
    weight_g: int
    volume_cm3: int
