"""Who belongs to a team: the people who may accept, pick, pack and ship for it."""

from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import BaseModel, Field

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.desk.settings.saving import save_settings
from paidan.network.models import Team
from paidan.network.scopes import visible_teams

from .auth import caller
from .matching import IF_MATCH, etag_of, require_match
from .orders import ERRORS
from .place_values import wrong
from .places import CODE
from .schemas import PRINTABLE, Strict

router = Router(tags=["Network"])
Username = Annotated[str, Field(min_length=1, max_length=150, pattern=PRINTABLE)]


class MembersIn(Strict):
    members: Annotated[list[Username], Field(max_length=1000)] = Field(
        description="Usernames of people who can sign in; who is not here is no member any more"
    )


class MemberOut(BaseModel):
    username: str
    name: str
    active: bool


class MembersOut(BaseModel):
    team: str
    members: list[MemberOut]


def shown(row: Team) -> MembersOut:
    people = [
        MemberOut(username=one.username, name=one.display_name, active=one.is_active)
        for one in row.members.order_by("username")
    ]
    return MembersOut(team=row.code, members=people)


@router.get("/teams/{path:code}/members", response={200: MembersOut, **ERRORS}, summary="The members of a team")
def members(request: HttpRequest, response: HttpResponse, code: str = CODE) -> MembersOut:
    found = shown(visible_teams(caller(request, Capability.SEE_NETWORK)).get(code=code))
    response["ETag"] = etag_of(found)
    return found


@router.put(
    "/teams/{path:code}/members",
    response={200: MembersOut, **ERRORS},
    summary="Say who belongs to a team",
    openapi_extra=IF_MATCH,
)
def set_members(request: HttpRequest, response: HttpResponse, body: MembersIn, code: str = CODE) -> MembersOut:
    """People are made in the settings; those who can no longer sign in stay members, as on the team's page."""
    user = caller(request, Capability.CHANGE_NETWORK)
    known = {one.username: one for one in User.objects.filter(username__in=body.members, is_active=True)}
    for at, name in enumerate(body.members):
        if name not in known:
            said = _("There is nobody called %(name)s who can sign in.")
            wrong(f"/members/{at}", "unknown_user", said % {"name": name})
    with transaction.atomic():
        ids = visible_teams(user).order_by().values("pk")
        row = Team.objects.select_for_update().get(pk__in=ids, code=code)
        require_match(request, shown(row))
        gone = row.members.filter(is_active=False)
        save_settings(row, {}, {"members": [*known.values(), *gone]}, by=user, now=timezone.now())
        found = shown(row)
    response["ETag"] = etag_of(found)
    return found
