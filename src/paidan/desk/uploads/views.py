"""The pages of the import wizard: drop a file, look at it, name its columns, try it, bring it in, mend the rejects."""

from collections.abc import Sequence
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from paidan.accounts.capabilities import Capability
from paidan.accounts.models import User
from paidan.desk.goods.reach import settings_crumbs
from paidan.desk.imports import KINDS
from paidan.kit.errors import Refusal
from paidan.network.scopes import scope_of, visible_shops
from paidan.web.models import Upload, UploadContent
from paidan.web.pages import page
from paidan.web.replies import go, toast

from .forms import MOST_MB, ColumnsForm, FileForm
from .reading import guess_kind, kinds_for, labels_of, look, mapping_of_shop, remembered_mapping
from .running import BUSY, limits_of, start

SHOWN = 50


def own_upload(user: User, upload_id: int) -> bool:
    """Whether the file is among those this user sees."""
    return visible_uploads(user).filter(pk=upload_id).exists()


def visible_uploads(user: User) -> QuerySet[Upload]:
    """A file is its owner's; whoever sees the change log and everything in it sees what became of everybody's."""
    everybodys = user.can(Capability.SEE_CHANGES) and scope_of(user).is_everything
    return Upload.objects.all() if everybodys else Upload.objects.filter(owner=user)


def my_kinds(user: User) -> list[str]:
    return kinds_for(user, limited=not scope_of(user).is_everything)


@page(Capability.IMPORT_FILES, methods=("GET", "POST"))
def imports(request: HttpRequest) -> HttpResponse:
    """Where a file is dropped, and what came in before."""
    user = cast(User, request.user)
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = take(user, form.cleaned_data["file"])
        return go(request, "desk:import", upload.pk)
    found = visible_uploads(user).select_related("owner").order_by("-id")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    uploads = list(found.defer("mapping", "checked")[: SHOWN + 1])
    context: dict[str, Any] = {
        "form": form,
        "heading": _("Import"),
        "crumbs": settings_crumbs(),
        "live_topics": ["imports"],
        "uploads": [(one, label_of(one.kind)) for one in uploads[:SHOWN]],
        "older": uploads[SHOWN - 1].pk if len(uploads) > SHOWN else None,
        "kinds": [label_of(kind) for kind in my_kinds(user)],
        "most_mb": MOST_MB,
    }
    return render(request, "desk/uploads/imports.html", context, status=422 if form.errors else 200)


def label_of(kind: str) -> Any:
    return KINDS[kind].label if kind in KINDS else kind


@transaction.atomic
def take(user: User, file: Any) -> Upload:
    """Keep the file, and guess what it is."""
    body = file.read()
    kind = guess_kind(body, my_kinds(user))
    upload = Upload.objects.create(
        owner=user, created_at=timezone.now(), name=file.name[-200:], size_bytes=len(body), kind=kind
    )
    seen = look(body, kind, {})
    if mapping := remembered_mapping(user, kind, seen.headings):
        upload.mapping = mapping
        upload.save(update_fields=["mapping"])
    UploadContent.objects.create(upload=upload, body=body)
    return upload


@page(Capability.IMPORT_FILES, methods=("GET", "POST"), scope=own_upload)
def one_import(request: HttpRequest, upload_id: int) -> HttpResponse:
    """One file: its columns and first rows while it can still be changed; how far it is; what came of it."""
    upload = get_object_or_404(Upload.objects.select_related("owner"), pk=upload_id)
    user = cast(User, request.user)
    context: dict[str, Any] = {
        "upload": upload,
        "label": label_of(upload.kind),
        "heading": upload.name,
        "crumbs": [*settings_crumbs(), (_("Import"), reverse("desk:imports"))],
        "live_topics": ["imports"],
        "busy": upload.state in BUSY,
        "mine": upload.owner_id == user.pk,
        "result": upload.result if upload.state == Upload.State.DONE else upload.checked,
    }
    content = UploadContent.objects.filter(upload=upload).first()
    context["has_rejects"] = bool(content and content.rejects)
    if content and context["mine"] and upload.state not in (*BUSY, Upload.State.DONE):
        answer = wizard(request, upload, bytes(content.body), context)
        if answer is not None:
            return answer
    return render(request, "desk/uploads/import.html", context)


def wizard(request: HttpRequest, upload: Upload, body: bytes, context: dict[str, Any]) -> HttpResponse | None:
    """What can still be changed: the kind, the columns; then to check or to import."""
    user = cast(User, request.user)
    kinds = my_kinds(user)
    kind = upload.kind if upload.kind in kinds else (kinds[0] if kinds else "")
    if not kind:
        raise Http404
    seen = look(body, kind, upload.mapping)
    form = ColumnsForm(
        request.POST or None, kinds, kind, seen.headings, seen.field_of, shops_for(user, kind), upload.shop_code
    )
    if request.method == "POST" and form.is_valid():
        return changed(request, upload, form, body)
    context |= {"seen": seen, "form": form, "columns": form.columns(), "label": label_of(kind)}
    labels = labels_of(kind)
    context["missing"] = [labels[name] for name in still_missing(seen.missing, upload)]
    context["preview_heads"] = [(heading, labels.get(seen.field_of.get(heading, ""), "")) for heading in seen.headings]
    return None


def shops_for(user: User, kind: str) -> list[tuple[str, str]]:
    """Whose a file of orders may be: platforms let sellers download files that do not say it."""
    return [(shop.code, str(shop)) for shop in visible_shops(user)] if kind == "order" else []


def still_missing(missing: Sequence[str], upload: Upload) -> list[str]:
    return [name for name in missing if name != "shop" or not upload.shop_code]


def changed(request: HttpRequest, upload: Upload, form: ColumnsForm, body: bytes) -> HttpResponse:
    """Keep what was chosen; then look again, check, or import."""
    user = cast(User, request.user)
    kind = form.cleaned_data["kind"]
    mapping = form.mapping()
    if kind != upload.kind:
        mapping = remembered_mapping(user, kind, look(body, kind, {}).headings)
    shop = form.cleaned_data.get("shop", "") if kind == "order" else ""
    if shop and shop != upload.shop_code and mapping == form.guessed():
        mapping = mapping_of_shop(kind, shop, form.headings) or mapping
    differs = (kind, mapping, shop) != (upload.kind, upload.mapping, upload.shop_code)
    if differs:
        upload.kind, upload.mapping, upload.shop_code, upload.checked = kind, mapping, shop, None
        upload.state = Upload.State.DRAFT
        upload.save(update_fields=["kind", "mapping", "shop_code", "checked", "state"])
    wanted = request.POST.get("do", "")
    if wanted in ("check", "import"):
        missing = still_missing(look(body, kind, mapping).missing, upload)
        if missing:
            names = _(", ").join(labels_of(kind)[name] for name in missing)
            toast(request, _("A column is missing for: %(fields)s.") % {"fields": names}, bad=True)
        else:
            begin(request, upload, dry_run=wanted == "check")
    return go(request, "desk:import", upload.pk)


def begin(request: HttpRequest, upload: Upload, *, dry_run: bool) -> None:
    """Hand it to a worker; what the role or scope cannot do is said at once."""
    try:
        limits_of(cast(User, request.user), upload.kind)
    except Refusal as refusal:
        toast(request, str(refusal), bad=True)
        return
    if not start(upload, dry_run=dry_run):
        toast(request, _("Somebody has started it already."), bad=True)


@page(Capability.IMPORT_FILES, scope=own_upload)
def rejects(request: HttpRequest, upload_id: int) -> HttpResponse:  # noqa: ARG001
    """The rejected rows as a file to mend and bring in again; written safe from formulas by the import."""
    content = get_object_or_404(UploadContent.objects.select_related("upload"), pk=upload_id)
    if not content.rejects:
        raise Http404
    answer = HttpResponse(bytes(content.rejects), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rejects-{upload_id}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
