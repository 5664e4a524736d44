"""What the pages of the rules have in common: who may change them, which version stands before the reader."""

from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.desk.settings.rows import limited_to_nothing
from paidan.rules.drafts import Who
from paidan.web.pages import View, page

Crumbs = list[tuple[str, str]]


def editing(*methods: str, capability: Capability = Capability.EDIT_RULES) -> Callable[[View], View]:
    """Rules are everybody's: only those who see everything change them."""

    def scope(user: User, **_captured: Any) -> bool:
        return limited_to_nothing(user)

    def declare(view: View) -> View:
        return page(capability, methods=methods, scope=scope)(view)

    return declare


def may_edit(user: User) -> bool:
    return user.can(Capability.EDIT_RULES) and limited_to_nothing(user)


def may_publish(user: User) -> bool:
    return user.can(Capability.PUBLISH_RULES) and limited_to_nothing(user)


def who_of(request: HttpRequest) -> Who:
    return Who(cast(User, request.user), timezone.now())


def crumbs() -> Crumbs:
    return [(_("Rules"), reverse("rules:list"))]
