"""Which promotion is under way, for the top bar."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.models import User
from paidan.network.models import Promotion
from paidan.web.notes import Note


def promotion_under_way(user: User, now: datetime) -> list[Note]:  # noqa: ARG001 - everybody is in it
    """The one that began last, with its day."""
    found = Promotion.objects.filter(starts_at__lte=now, ends_at__gt=now).order_by("-starts_at").first()
    if found is None:
        return []
    day = (timezone.localdate(now) - timezone.localdate(found.starts_at)).days + 1
    return [Note("flame", _("%(promotion)s, day %(day)d") % {"promotion": found, "day": day})]
