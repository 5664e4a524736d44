"""List pages, declared: columns, filters, tabs and batch actions in; one page, its fragments and exports out.

docs/dev/pages.md shows how to write one.
"""

from .batch import Applied, BatchAction, Change, Failure, Preview, Refusals
from .columns import Column
from .filters import (
    ChoiceFilter,
    DayFilter,
    Filter,
    FlagFilter,
    MoneyFilter,
    NumberFilter,
    NumbersFilter,
    PresetFilter,
    TextFilter,
)
from .page import ActiveFilter, ListPage, Tab

__all__ = [
    "ActiveFilter",
    "Applied",
    "BatchAction",
    "Change",
    "ChoiceFilter",
    "Column",
    "DayFilter",
    "Failure",
    "Filter",
    "FlagFilter",
    "ListPage",
    "MoneyFilter",
    "NumberFilter",
    "NumbersFilter",
    "PresetFilter",
    "Preview",
    "Refusals",
    "Tab",
    "TextFilter",
]
