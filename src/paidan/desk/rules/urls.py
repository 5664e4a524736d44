"""The addresses of the rules."""

from django.urls import path

from . import ahead_views, edit_views, form_views, list_views, publish_views, try_views, wave_form

app_name = "rules"

urlpatterns = [
    path("", list_views.rule_list, name="list"),
    path("live/", list_views.live, name="live"),
    path("history/", list_views.history, name="history"),
    path("versions/<int:number>/", list_views.version, name="version"),
    path("versions/<int:number>/rules.json", edit_views.export, name="export"),
    path("versions/<int:number>/back/", publish_views.roll_back, name="roll-back"),
    path("difference/", publish_views.difference, name="difference"),
    path("publish/", publish_views.publish, name="publish"),
    path("discard/", edit_views.discard, name="discard"),
    path("file/", edit_views.bring_in, name="file"),
    path("waves/", wave_form.edit_waves, name="waves"),
    path("waves/see/", wave_form.see_waves, name="see-waves"),
    path("try/", try_views.try_rules, name="try"),
    path("looking-ahead/", ahead_views.looking_ahead, name="ahead"),
    path("looking-ahead/save/", ahead_views.save, name="ahead-save"),
    path("looking-ahead/test/", ahead_views.test, name="ahead-test"),
    path("new/", form_views.new_rule, name="new"),
    path("says/", form_views.says, name="says"),
    path("options/<slug:kind>/", form_views.options, name="options"),
    path("rule/<path:code>/see/", form_views.see_rule, name="see"),
    path("rule/<path:code>/move/", edit_views.move, name="move"),
    path("rule/<path:code>/switch/", edit_views.switch, name="switch"),
    path("rule/<path:code>/copy/", edit_views.copy, name="copy"),
    path("rule/<path:code>/remove/", edit_views.remove, name="remove"),
    path("rule/<path:code>/", form_views.edit_rule, name="rule"),
]
