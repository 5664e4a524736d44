"""Why an allocation was decided again: the causes, and what an event keeps of it in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Cause(StrEnum):
    """Why an allocation moves. Kept in events, so never renamed."""

    PAUSED = "paused"  # its warehouse is paused
    SAVING = "saving"  # it costs less elsewhere
    RULE = "rule"  # its rule would rather have it elsewhere
    RATIO = "ratio"  # it brings the shares closer to the ratios
    ROOM = "room"  # it makes room for one that saves more


CAUSES: Mapping[str, str | Promise] = {
    Cause.PAUSED: gettext_lazy("its warehouse is paused"),
    Cause.SAVING: gettext_lazy("costs less there"),
    Cause.RULE: gettext_lazy("its rule prefers it there"),
    Cause.RATIO: gettext_lazy("closer to the ratios"),
    Cause.ROOM: gettext_lazy("makes room for another"),
}


def rebalanced_words(detail: Mapping[str, Any], money: Callable[[int], str]) -> str:
    """The cause and the saving an event keeps, with money written by `money`; empty where it was something else."""
    if detail.get("cause") != "rebalanced":
        return ""
    saving = int(detail.get("saving_minor") or 0)
    values = {"why": CAUSES.get(str(detail.get("why")), ""), "amount": money(abs(saving))}
    if saving > 0:
        return _("rebalanced: %(why)s, saves %(amount)s") % values
    if saving < 0:
        return _("rebalanced: %(why)s, costs %(amount)s more") % values
    return _("rebalanced: %(why)s") % values
