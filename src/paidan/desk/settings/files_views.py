"""Whether a warehouse's own system is told by files, where they stand, and what became of the last ones."""

from typing import cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from paidan.accounts.capabilities import Capability
from paidan.accounts.changes import record_change
from paidan.accounts.models import User
from paidan.allocation.models import WarehouseFile
from paidan.desk.wms.folders import folder_of
from paidan.network.models import Warehouse, WarehouseFiles
from paidan.web.forms import PaidanForm, handle_form
from paidan.web.pages import page

from .warehouse_views import warehouse_in_scope

SHOWN = 20


class FilesForm(PaidanForm):
    """No format: no files."""

    format = forms.ChoiceField(
        label=gettext_lazy("Files"),
        required=False,
        choices=[("", gettext_lazy("none")), *WarehouseFiles.Format.choices],
        help_text=gettext_lazy("What is assigned to this warehouse is written into its folder once a minute."),
    )


@page(Capability.CHANGE_NETWORK, methods=("GET", "POST"), scope=warehouse_in_scope)
def warehouse_files(request: HttpRequest, warehouse_id: int) -> HttpResponse:
    row = get_object_or_404(Warehouse, pk=warehouse_id)
    kept = WarehouseFiles.objects.filter(warehouse=row).first()
    back = reverse("desk:settings-warehouse", args=[row.pk])

    def save(form: FilesForm) -> str:
        return keep(row, form.cleaned_data["format"], cast(User, request.user))

    return handle_form(
        request,
        FilesForm,
        save=save,
        to=back,
        template="desk/settings/files.html",
        initial={"format": kept.format if kept else ""},
        heading=_("Files for its own system"),
        crumbs=[
            (_("Settings"), reverse("desk:settings")),
            (_("Warehouses"), reverse("desk:settings-warehouses")),
            (str(row), back),
        ],
        button=_("Keep"),
        folder=str(folder_of(row)),
        files=list(WarehouseFile.objects.filter(warehouse=row).defer("body").order_by("-id")[:SHOWN]),
    )


def keep(row: Warehouse, format_: str, by: User) -> str:
    now = timezone.now()
    if not format_:
        WarehouseFiles.objects.filter(warehouse=row).delete()
        record_change("warehouse.files_off", by=by, now=now, of=row)
        return _("No files are exchanged with %(warehouse)s any more.") % {"warehouse": row}
    WarehouseFiles.objects.update_or_create(
        warehouse=row, defaults={"format": format_}, create_defaults={"format": format_, "since_at": now}
    )
    record_change("warehouse.files_on", by=by, now=now, of=row, format=format_)
    return _("The first file for %(warehouse)s is written within a minute.") % {"warehouse": row}
