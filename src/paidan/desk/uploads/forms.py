"""The forms of an import: the file, and what its columns mean."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.desk.imports import KINDS
from paidan.web.forms import PaidanForm

from .reading import labels_of

MOST_MB = 64
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


class FileForm(PaidanForm):
    """The file to look at."""

    file = forms.FileField(label=gettext_lazy("File"))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_MB * 1024 * 1024:
            sentence = _(
                "The file has %(size)d MB; at most %(most)d MB can be imported here. Split it, or use paidan import."
            )
            raise forms.ValidationError(sentence % {"size": file.size // 1024 // 1024, "most": MOST_MB})
        if not file.name.lower().endswith(SUFFIXES):
            raise forms.ValidationError(_("Choose a CSV file or a workbook (XLSX, XLS, ODS)."))
        return file


class ColumnsForm(PaidanForm):
    """The kind of the file, and per heading the field it is."""

    def __init__(
        self,
        data: Any,
        kinds: Sequence[str],
        kind: str,
        headings: Sequence[str],
        field_of: Mapping[str, str],
        shops: Sequence[tuple[str, str]] = (),
        shop: str = "",
    ) -> None:
        super().__init__(data)
        self.headings = headings
        labels = [(name, KINDS[name].label) for name in kinds]
        self.fields["kind"] = forms.ChoiceField(label=_("What the rows are"), choices=labels, initial=kind)
        if shops:
            none = ("", _("the rows name it"))
            self.fields["shop"] = forms.ChoiceField(
                label=_("Shop of rows that name none"), choices=[none, *shops], required=False, initial=shop
            )
        needed = {field.name for field in KINDS[kind].fields if field.required}
        choices = [("", _("not used"))] + [
            (name, _("%(field)s (needed)") % {"field": label} if name in needed else label)
            for name, label in labels_of(kind).items()
        ]
        for index, heading in enumerate(headings):
            field = forms.ChoiceField(
                label=heading or "—", choices=choices, required=False, initial=field_of.get(heading, "")
            )
            self.fields[f"column_{index}"] = field
        for shown in self.fields.values():
            shown.widget.attrs["class"] = "form-select"

    def columns(self) -> list[Any]:
        return [self[f"column_{index}"] for index in range(len(self.headings))]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        chosen = [values.get(f"column_{index}") for index in range(len(self.headings))]
        named = [name for name in chosen if name]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise forms.ValidationError(_("Two columns are the same field: %(fields)s.") % {"fields": ", ".join(twice)})
        return values

    def guessed(self) -> dict[str, str]:
        """The columns as they were shown, before anybody changed one."""
        first = {heading: self.fields[f"column_{at}"].initial or "" for at, heading in enumerate(self.headings)}
        return {heading: name for heading, name in first.items() if heading}

    def mapping(self) -> dict[str, str]:
        """The headings with their field; one that is not used has none, or it would be guessed again."""
        found = {heading: self.cleaned_data.get(f"column_{index}", "") for index, heading in enumerate(self.headings)}
        return {heading: name for heading, name in found.items() if heading}
