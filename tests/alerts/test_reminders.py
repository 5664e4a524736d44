"""What is found, when it begins and ends, and what is said through which channel: the clock is always given."""

from datetime import time, timedelta

import pytest
from django.utils import translation
from tests.alerts.receiver import receiving
from tests.builders import (
    BEIJING,
    GUANGZHOU,
    NOW,
    make_order,
    make_shop,
    make_stock,
    make_team,
    make_user,
    make_warehouse,
)

from paidan.alerts.findings import findings
from paidan.alerts.models import Channel, Kind, Message, Reminder, ReminderRule
from paidan.alerts.sending import is_quiet, send_due
from paidan.alerts.watching import acknowledge, begin_watching, forget, look
from paidan.alerts.words import said, watched
from paidan.allocation.by_hand import assign_by_hand
from paidan.allocation.holds import hold_orders
from paidan.allocation.transitions import accept_allocations
from paidan.allocation.trying import try_now
from paidan.orders.exceptions import report_exception
from paidan.orders.models import Order
from paidan.orders.states import ExceptionKind
from paidan.rules.models import Rule
from paidan.rules.services import publish_rules

pytestmark = pytest.mark.django_db
ADDRESSES = {
    "dingtalk": "dingtalk://SEC12345@ABCDEFGH1234/",
    "wecom": "wecombot://12345678-abcd/",
    "feishu": "feishu://abcdefgh1234/",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops",
    "webhook": "jsons://hooks.example.com/paidan",
}


def after(minutes):
    return NOW + timedelta(minutes=minutes)


def watch(kind, limit, *channels, **more):
    rule = ReminderRule.objects.create(kind=kind, limit=limit, **more)
    rule.channels.set(channels)
    return rule


def channel(service="webhook", **more):
    return Channel.objects.create(name=more.pop("name", service), service=service, address=ADDRESSES[service], **more)


@pytest.fixture
def place():
    warehouse = make_warehouse("gz", name="Guangzhou", capacity=10, **GUANGZHOU)
    make_team("t1", warehouse, name="South")
    make_stock(warehouse, "A", 100)
    publish_rules([], now=NOW)
    return warehouse


@pytest.fixture
def receiver(monkeypatch):
    with receiving(monkeypatch) as found:
        yield found


def test_an_order_unallocated_for_ten_minutes_is_a_reminder_until_it_is_allocated(place):
    watch(Kind.UNALLOCATED, 10)
    shop = make_shop("jd", name="JD")
    orders = [make_order({"A": 1}, shop=shop) for _ in range(3)]
    assert look(after(9)) == []
    [reminder] = look(after(10))
    assert (reminder.number, reminder.shop, reminder.since_at) == (3, shop, NOW)
    with translation.override("en"):
        assert said(reminder, after(25)) == "JD: 3 orders without a warehouse, the oldest for 25 min"
    for order in orders[:2]:
        assign_by_hand(order.id, warehouse=place, now=after(11))
    assert [row.number for row in look(after(12))] == [1]
    assign_by_hand(orders[2].id, warehouse=place, now=after(12))
    assert look(after(13)) == []
    assert Reminder.objects.get().closed_at == after(13)


def test_a_held_order_reminds_nobody():
    watch(Kind.UNALLOCATED, 10)
    order = make_order({"A": 1})
    hold_orders([order.id], reason="", until_at=None, give_back=False, now=NOW)
    assert look(after(60)) == []


def test_every_watch_finds_what_it_is_for_and_nothing_before_its_time(place):
    jd = make_shop("jd", name="JD")
    waiting = make_order({"A": 1}, shop=jd, ship_by_at=after(180))
    allocation = assign_by_hand(waiting.id, warehouse=place, now=NOW)
    short = make_order({"NONE": 1}, shop=jd, region="440106")
    try_now([short.id], now=NOW)
    report_exception(ExceptionKind.DAMAGED, order_id=waiting.id, allocation_id=allocation, now=NOW)

    def found(kind, limit, minutes, **more):
        return [
            (one.number, one.group) for one in findings(ReminderRule(kind=kind, limit=limit, **more), after(minutes))
        ]

    team = f"w{place.pk}t{place.teams.get().pk}"
    assert found(Kind.DUE, 2, 59) == []
    assert found(Kind.DUE, 2, 60) == [(1, team)]
    assert found(Kind.NOT_ACCEPTED, 30, 29) == []
    assert found(Kind.NOT_ACCEPTED, 30, 30) == [(1, team)]
    assert found(Kind.NOT_ACCEPTED, 30, 30, warehouse=make_warehouse("bj", **BEIJING)) == []
    assert found(Kind.EXCEPTION, 30, 29) == []
    assert found(Kind.EXCEPTION, 30, 30) == [(1, f"s{jd.pk}")]
    assert found(Kind.SHORT, 30, 30) == [(1, f"s{jd.pk}")]
    assert found(Kind.SILENT, 120, 119) == []
    assert found(Kind.SILENT, 120, 120) == [(1, f"s{jd.pk}")]
    assert found(Kind.SILENT, 120, 60 * 24 * 4) == []
    assert found(Kind.CAPACITY, 20, 0) == []
    assert found(Kind.CAPACITY, 10, 0) == [(1, f"w{place.pk}")]
    assert found(Kind.NO_LAST_RULE, 0, 0) == []
    Rule.objects.update(when={"shop": ["jd"]})
    assert found(Kind.NO_LAST_RULE, 0, 0) == [(1, "rules")]
    accept_allocations([allocation], now=after(30))
    assert found(Kind.NOT_ACCEPTED, 30, 90) == []


@pytest.mark.parametrize("service", sorted(ADDRESSES))
def test_each_channel_gets_its_real_payload_for_one_reminder(service, receiver):
    watch(Kind.UNALLOCATED, 10, channel(service, language="en"))
    make_order({"A": 1}, shop=make_shop("jd", name="JD"))
    [message] = send_due(look(after(10)), after(10))
    assert (message.state, message.problem) == (Message.State.SENT, "")
    [(host, path, body)] = receiver.taken
    words = "JD: 1 order without a warehouse, the oldest for 10 min"
    match service:
        case "dingtalk":
            assert (host, path.partition("?")[0], body["msgtype"]) == ("oapi.dingtalk.com", "/robot/send", "text")
            assert words in body["text"]["content"]
        case "wecom":
            assert (host, path) == ("qyapi.weixin.qq.com", "/cgi-bin/webhook/send?key=12345678-abcd")
            assert words in body["text"]["content"]
        case "feishu":
            assert (host, body["msg_type"]) == ("open.feishu.cn", "text")
            assert words in body["content"]["text"]
        case "slack":
            assert (host, path) == ("hooks.slack.com", "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ")
            assert words in str(body["attachments"])
        case "webhook":
            assert (host, path, body["title"]) == ("hooks.example.com", "/paidan", "Paidan: 1 to look at")
            assert words in body["message"]


@pytest.mark.parametrize("service", sorted(ADDRESSES))
def test_a_storm_of_five_thousand_orders_is_one_message(service, receiver):
    watch(Kind.UNALLOCATED, 10, channel(service, language="en"))
    shops = [make_shop(f"s{at}") for at in range(30)]
    Order.objects.bulk_create(
        Order(shop=shops[at % 30], number=str(at), received_at=NOW, ship_by_at=after(999)) for at in range(5_000)
    )
    for minute in range(10, 30):
        send_due(look(after(minute)), after(minute))
    assert len(receiver.taken) == 1
    message = Message.objects.get()
    assert message.reminders.count() == 30
    assert message.text.count("•") == 20
    assert "and 10 more" in message.text


def test_mail_goes_out_with_every_reminder_in_it(monkeypatch):
    sent = []

    class Smtp:
        def __init__(self, *_arguments, **_named):
            pass

        def sendmail(self, sender, to, text):
            sent.append((sender, to, text))

        def __getattr__(self, _name):
            return lambda *_arguments, **_named: None

    monkeypatch.setattr("smtplib.SMTP", Smtp)
    address = "mailto://user:pw@localhost:2525?from=paidan@example.com&to=ops@example.com&mode=insecure"
    row = Channel.objects.create(name="mail", service="mail", address=address, language="en")
    watch(Kind.UNALLOCATED, 10, row)
    make_order({"A": 1}, shop=make_shop("jd", name="JD"))
    [message] = send_due(look(after(10)), after(10))
    assert message.state == Message.State.SENT, message.problem
    [(sender, to, text)] = sent
    assert (sender, to) == ("paidan@example.com", ["ops@example.com"])
    assert "Subject: " in text


def test_it_is_said_again_after_a_while_until_somebody_has_it(receiver):
    watch(Kind.UNALLOCATED, 10, channel(), repeat_min=30)
    make_order({"A": 1})
    for minute in (10, 20, 39, 40, 41):
        send_due(look(after(minute)), after(minute))
    assert len(receiver.taken) == 2
    acknowledge(Reminder.objects.get(), by=make_user("lin"), now=after(42))
    send_due(look(after(90)), after(90))
    assert len(receiver.taken) == 2


def test_what_nobody_takes_is_escalated(receiver):
    chief = channel("slack")
    rule = watch(Kind.UNALLOCATED, 10, channel(), escalate_min=20, repeat_min=600)
    rule.escalate_to.set([chief])
    make_order({"A": 1})
    for minute in (10, 29, 30, 31):
        send_due(look(after(minute)), after(minute))
    assert [host for host, _path, _body in receiver.taken] == ["hooks.example.com", "hooks.slack.com"]


def test_nothing_is_sent_in_quiet_hours_and_what_is_left_is_said_at_their_end(receiver):
    night = channel(quiet_from=time(7, 0), quiet_to=time(9, 0))  # NOW is 08:00
    watch(Kind.UNALLOCATED, 10, night)
    make_order({"A": 1})
    send_due(look(after(10)), after(10))
    assert receiver.taken == []
    send_due(look(after(60)), after(60))
    assert len(receiver.taken) == 1
    over_midnight = Channel(quiet_from=time(22, 0), quiet_to=time(8, 30))
    assert is_quiet(over_midnight, NOW)
    assert not is_quiet(over_midnight, after(31))


def test_what_could_not_be_sent_is_kept_with_its_problem_and_tried_again(receiver):
    receiver.status = 500
    watch(Kind.UNALLOCATED, 10, channel())
    make_order({"A": 1})
    [message] = send_due(look(after(10)), after(10))
    assert message.state == Message.State.FAILED
    assert message.problem
    assert send_due(look(after(12)), after(12)) == []
    receiver.status = 200
    [message] = send_due(look(after(15)), after(15))
    assert message.state == Message.State.SENT


def test_the_usual_watches_begin_once_and_old_reminders_are_forgotten():
    begin_watching()
    begin_watching()
    assert set(ReminderRule.objects.values_list("kind", flat=True)) == set(Kind)
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert all(watched(rule) for rule in ReminderRule.objects.all())
    make_order({"A": 1})
    look(after(10))
    ReminderRule.objects.update(active=False)
    look(after(11))
    forget(after(12))
    assert Reminder.objects.exists()
    forget(NOW + timedelta(days=91))
    assert not Reminder.objects.exists()
