"""What is said of a request that is not as described, and what to do about each problem, in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise

FIELDS: Mapping[str, Words] = {
    "missing": gettext_lazy("This must be there."),
    "extra_forbidden": gettext_lazy("There is no such field. Look at its spelling in the description of the API."),
    "string_too_short": gettext_lazy("Needs at least %(min_length)s characters."),
    "string_too_long": gettext_lazy("Takes at most %(max_length)s characters."),
    "string_pattern_mismatch": gettext_lazy("Is not written as it must be: it has to match %(pattern)s"),
    "string_type": gettext_lazy("Must be text."),
    "int_type": gettext_lazy("Must be a whole number."),
    "int_parsing": gettext_lazy("Must be a whole number."),
    "int_from_float": gettext_lazy("Must be a whole number."),
    "float_type": gettext_lazy("Must be a number."),
    "float_parsing": gettext_lazy("Must be a number."),
    "finite_number": gettext_lazy("Must be a number."),
    "bool_type": gettext_lazy("Must be true or false."),
    "bool_parsing": gettext_lazy("Must be true or false."),
    "greater_than_equal": gettext_lazy("Must be %(ge)s or more."),
    "less_than_equal": gettext_lazy("Must be %(le)s or less."),
    "list_type": gettext_lazy("Must be a list."),
    "dict_type": gettext_lazy("Must be an object."),
    "model_type": gettext_lazy("Must be an object."),
    "model_attributes_type": gettext_lazy("Must be an object."),
    "too_short": gettext_lazy("Needs at least %(min_length)s."),
    "too_long": gettext_lazy("Takes at most %(max_length)s."),
    "literal_error": gettext_lazy("Must be one of: %(expected)s."),
    "timezone_aware": gettext_lazy("The time needs a zone, for example 2026-11-11T08:00:00+08:00."),
    "datetime_type": gettext_lazy("Must be a time, for example 2026-11-11T08:00:00+08:00."),
    "datetime_parsing": gettext_lazy("Must be a time, for example 2026-11-11T08:00:00+08:00."),
    "datetime_from_date_parsing": gettext_lazy("Must be a time, for example 2026-11-11T08:00:00+08:00."),
    "date_type": gettext_lazy("Must be a day, for example 2026-11-11."),
    "date_parsing": gettext_lazy("Must be a day, for example 2026-11-11."),
    "date_from_datetime_parsing": gettext_lazy("Must be a day, for example 2026-11-11."),
}
"""By pydantic's names of what can be wrong; what is not here keeps pydantic's English sentence."""

REMEDIES: Mapping[str, Words] = {
    "not_signed_in": gettext_lazy("Make a token in the settings under API tokens, and send it with every request."),
    "forbidden": gettext_lazy("Give the token the scope that is missing, or use one of somebody who may."),
    "out_of_reach": gettext_lazy("Use a token without limits, or leave out what it does not reach."),
    "method_not_allowed": gettext_lazy("Send one of the methods in “Allow”; /api/ lists what is possible where."),
    "no_such_address": gettext_lazy("Look the address up at /api/; the version and the spelling are part of it."),
    "not_json": gettext_lazy("Send JSON in UTF-8 with Content-Type: application/json."),
    "unreadable_json": gettext_lazy("Send JSON in UTF-8; a JSON checker finds the place where it breaks off."),
    "too_large": gettext_lazy("Send fewer at once, in several requests."),
    "too_many_requests": gettext_lazy("Wait as long as “Retry-After” says, or send more in one request."),
    "key_reused": gettext_lazy("Choose a new Idempotency-Key for every new request."),
    "in_flight": gettext_lazy("Ask again in a moment with the same Idempotency-Key."),
    "bad_cursor": gettext_lazy("Send what the last page called “next”, or begin without it."),
    "failed": gettext_lazy("Try again in a moment; if it stays, whoever runs Paidan finds the cause in its log."),
}
BY_STATUS: Mapping[int, Words] = {
    400: gettext_lazy("Compare the request with its description at /api/."),
    404: gettext_lazy("Look at the id or code, and at what the token is limited to."),
    409: gettext_lazy("Read it again, and decide upon what is there now."),
    412: gettext_lazy("Read it again, and send the new ETag if you still want the change."),
    422: gettext_lazy("Mend the fields named in “errors” and send it again; nothing was done."),
    503: gettext_lazy("Try again in a moment."),
}


def remedy_of(code: str, status: int) -> str:
    """What to do about a problem: said of its code, else of its status."""
    return str(REMEDIES.get(code) or BY_STATUS.get(status, ""))


def sentence_of(error: Mapping[str, Any]) -> str:
    """One error of pydantic's as a sentence."""
    words = FIELDS.get(error["type"])
    if words is None:
        return str(error["msg"])
    try:
        return str(str(words) % error.get("ctx", {}))
    except KeyError:
        return str(error["msg"])


def unreadable(cause: BaseException | None) -> str:
    """Why a body is no JSON, and where it stops to be."""
    if isinstance(cause, json.JSONDecodeError):
        place = {"line": cause.lineno, "column": cause.colno}
        return _("The body is not JSON: line %(line)s, column %(column)s.") % place
    return _("The body is not JSON.")
