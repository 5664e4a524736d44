"""The terms orders are decided on: warehouses, teams, calendars, freight, shops, promotions and rules.

They are read in no time for a wave of thousands; a single order, pushed and decided in one request, would spend most of
its time on them. So they are kept in memory under their mark (docs/adr/0010-kept-terms.md).
"""

from paidan.web.kept import Kept, Mark, state_of

__all__ = ["Kept", "Mark", "terms_mark"]


def terms_mark() -> Mark:
    """The state of the terms as this transaction sees them; different after every change of theirs."""
    return state_of("terms")
