"""One call of another product's protocol: who, when, and the parameters, read strictly."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import Credential, User
from paidan.network.models import Shop
from paidan.network.scopes import visible_shops

from .errors import FORBIDDEN, MALFORMED, MISSING, NO_WINDOW, UNKNOWN_SHOP, WINDOW_TOO_LONG, ProtocolError

MOMENT = "%Y-%m-%d %H:%M:%S"
EMPTY = ("", "0000-00-00 00:00:00")
MOST_ROWS = 100
ROWS = 40


@dataclass(frozen=True, slots=True)
class Call:
    """A verified call: the user it acts for, the clock, the parameters as texts."""

    user: User
    credential: Credential
    now: datetime
    parameters: Mapping[str, str]

    def allow(self, capability: Capability) -> None:
        """Refuse what the credential, or the user behind it, may not do."""
        if not self.user.can(capability):
            raise ProtocolError(FORBIDDEN, _("This credential, or the user it acts for, may not do this."))

    def text(self, name: str) -> str:
        return self.parameters.get(name, "").strip()

    def needed(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise ProtocolError(MISSING, _("The parameter “%(name)s” is missing.") % {"name": name})
        return value

    def number(self, name: str, default: int, *, least: int = 0, most: int = 2**62) -> int:
        """A whole number; outside its bounds it is drawn to the nearer one, as these protocols do with page sizes."""
        value = self.text(name)
        if not value:
            return default
        if not (value.removeprefix("-").isdecimal() and value.isascii() and len(value) < 19):
            raise ProtocolError(MALFORMED, _("The parameter “%(name)s” is a whole number.") % {"name": name})
        return min(max(int(value), least), most)

    def moment(self, name: str) -> datetime | None:
        """An instant by the installation's clock; nothing where none is said."""
        value = self.text(name)
        return None if value in EMPTY else instant(value, name)

    def rows(self, name: str, most: int) -> list[dict[str, Any]]:
        """A JSON list of objects."""
        found = read_json(self.needed(name), name)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise ProtocolError(MALFORMED, _("“%(name)s” is a JSON list of objects.") % {"name": name})
        if not 0 < len(found) <= most:
            words = {"name": name, "most": most}
            raise ProtocolError(MALFORMED, _("“%(name)s” has 1 to %(most)d entries.") % words)
        return found

    def page(self) -> tuple[int, int]:
        """Page number from 0, and rows per page."""
        return self.number("page_no", 0, most=10**9), self.number("page_size", ROWS, least=1, most=MOST_ROWS)

    def window(self, longest: timedelta, *, without: tuple[str, ...] = ()) -> tuple[datetime, datetime] | None:
        """From and until; may be left out where one of the parameters in `without` says what is asked for."""
        since, until = self.moment("start_time"), self.moment("end_time")
        if since is None or until is None:
            if any(self.text(name) for name in without):
                return None
            names = " / ".join(("start_time + end_time", *without))
            raise ProtocolError(NO_WINDOW, _("Say a period or a number: %(names)s.") % {"names": names})
        if until - since > longest:
            minutes = int(longest.total_seconds()) // 60
            raise ProtocolError(
                WINDOW_TOO_LONG,
                _("start_time and end_time are at most %(minutes)d minutes apart.") % {"minutes": minutes},
            )
        return since, until

    def shop(self, name: str = "shop_no") -> Shop:
        """The shop a parameter names, within reach."""
        code = self.needed(name)
        shop: Shop | None = visible_shops(self.user).filter(code=code).first()
        if shop is None:
            raise ProtocolError(UNKNOWN_SHOP, _("There is no shop %(code)s within reach.") % {"code": code})
        return shop


def read_json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise ProtocolError(MALFORMED, _("“%(name)s” is not valid JSON.") % {"name": name}) from None


def zone() -> ZoneInfo:
    """The clock the texts of these protocols go by."""
    return ZoneInfo(settings.DISPLAY_TIME_ZONE)


def instant(text: str, name: str) -> datetime:
    """YYYY-MM-DD HH:MM:SS by the installation's clock."""
    try:
        return datetime.strptime(text, MOMENT).replace(tzinfo=zone())
    except ValueError:
        words = {"name": name, "value": text[:40]}
        raise ProtocolError(MALFORMED, _("%(name)s: “%(value)s” is not YYYY-MM-DD HH:MM:SS.") % words) from None


def written(at: datetime | None) -> str:
    """An instant as these protocols write it; the zero date for none."""
    return EMPTY[1] if at is None else at.astimezone(zone()).strftime(MOMENT)


def decimal(number: int) -> str:
    """Whole pieces with four decimals, as these protocols write quantities."""
    return f"{number}.0000"


def yuan(minor: int) -> str:
    """Minor units as a decimal with four places."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}00"
