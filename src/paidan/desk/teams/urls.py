"""The addresses of the team pages."""

from django.urls import path

from . import views_decide, views_parcel, views_pick, views_queue, views_scan

TEAM = "team/<int:team_id>/"
PARCEL = TEAM + "parcels/<int:allocation_id>/"

urlpatterns = [
    path("team/", views_queue.teams, name="team"),
    path(TEAM + "accept/", views_queue.accept_queue, name="team-accept"),
    path(TEAM + "accept/chosen/", views_queue.accept, name="team-accept-chosen"),
    path(TEAM + "accept/undo/", views_queue.unaccept, name="team-unaccept"),
    path(TEAM + "pick/", views_queue.pick_queue, name="team-pick"),
    path(TEAM + "pick/hand-back/", views_pick.hand_back, name="team-hand-back"),
    path(TEAM + "list/", views_pick.pick_list, name="team-list"),
    path(TEAM + "list/begin/", views_pick.begin, name="team-list-begin"),
    path(TEAM + "list/tick/<int:sku_id>/", views_pick.tick, name="team-list-tick"),
    path(TEAM + "list/print/", views_pick.pick_list_print, name="team-list-print"),
    path(TEAM + "list/short/", views_pick.which_short, name="team-list-which"),
    path(TEAM + "list/short/<int:sku_id>/", views_pick.short, name="team-list-short"),
    path(TEAM + "list/done/", views_pick.done, name="team-list-done"),
    path(TEAM + "list/put-away/", views_pick.put_away, name="team-list-away"),
    path(TEAM + "pack/", views_queue.pack_queue, name="team-pack"),
    path(TEAM + "pack/chosen/", views_queue.pack, name="team-pack-chosen"),
    path(TEAM + "ship/", views_scan.ship_page, name="team-ship"),
    path(TEAM + "ship/carrier/", views_scan.carrier, name="team-carrier"),
    path(TEAM + "scan/<slug:step>/", views_scan.scanned, name="team-scan"),
    path(TEAM + "stops/", views_decide.stops, name="team-stops"),
    path(TEAM + "problems/", views_decide.problems, name="team-problems"),
    path(PARCEL, views_parcel.parcel, name="team-parcel"),
    path(PARCEL + "step/", views_parcel.step, name="team-parcel-step"),
    path(PARCEL + "problem/", views_parcel.problem, name="team-parcel-problem"),
    path(PARCEL + "hand-back/", views_parcel.hand_back, name="team-parcel-hand-back"),
    path(PARCEL + "waybill/", views_parcel.waybill, name="team-parcel-waybill"),
    path(PARCEL + "stop/<slug:answer>/", views_decide.decide, name="team-decide"),
]
