"""The feed: whatever is written at the same time, a reader who follows misses nothing; who only counts ids does."""

import random
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from django.db import connection, transaction
from tests.builders import NOW, make_order

from paidan.kit.arrays import array_cursor
from paidan.kit.errors import Refusal
from paidan.orders import feed
from paidan.orders.events import write_events
from paidan.orders.models import Event as Logged
from paidan.orders.models import Order
from paidan.orders.states import EventKind

WRITERS = 4


def log(order_ids, priority):
    """A change of these orders, in the caller's transaction."""
    Order.objects.filter(id__in=order_ids).update(priority=priority)
    ids = np.array(sorted(order_ids))
    write_events(array_cursor(), EventKind.CHANGED, ids, np.ones(len(ids), np.int16), now=NOW, by=None)


def in_thread(work):
    """Work with a connection of its own."""

    def run(*arguments):
        try:
            return work(*arguments)
        finally:
            connection.close()

    return run


def by_settled_events(state):
    """The feed: (orders touched, where to go on)."""
    found = feed.touched_since(state or feed.Position(), "order_id", 7)
    return found.ids, found.following


def by_highest_id(last):
    """The naive reader: everything after the highest id seen so far."""
    rows = list(Logged.objects.filter(id__gt=last or 0).order_by("id").values_list("id", "order_id")[:7])
    return dict.fromkeys(key for _, key in rows), (rows[-1][0] if rows else last)


def follow(read, ended):
    """The last value a reader saw of every order, read until all writers had ended and nothing more came."""
    seen, state, last_round = {}, None, False
    while True:
        ids, state = read(state)
        seen.update(Order.objects.filter(id__in=list(ids)).values_list("id", "priority"))
        if not ids:
            if last_round:
                return seen
            last_round = ended.is_set()


def write_at_random(number, orders, chance):
    """Short and long transactions over orders of one's own, ids drawn in between those of the others."""
    mine = orders[number::WRITERS]
    for value in range(1, 25):
        with transaction.atomic():
            for _ in range(chance.randint(1, 3)):
                log(chance.sample(mine, 2), value * 10 + number)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_reader_who_follows_while_others_write_sees_every_final_state(seed):
    orders = [make_order({"A": 1}, queued=False).id for _ in range(24)]
    ended = Event()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reader = pool.submit(in_thread(follow), by_settled_events, ended)
        writers = [
            pool.submit(in_thread(write_at_random), number, orders, random.Random(seed * 10 + number))
            for number in range(WRITERS)
        ]
        for one in writers:
            one.result()
        ended.set()
        seen = reader.result()
    assert seen == dict(Order.objects.values_list("id", "priority"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("read", "misses"), [(by_settled_events, False), (by_highest_id, True)])
def test_what_commits_late_is_seen_by_the_feed_and_missed_by_who_counts_ids(read, misses):
    """The control: the same run, read by the highest id, must lose something, or this test proves nothing."""
    orders = [make_order({"A": 1}, queued=False).id for _ in range(8)]
    ids, state = read(None)
    while ids:
        ids, state = read(state)
    begun, go_on = Event(), Event()

    def late():
        with transaction.atomic():
            log(orders[:3], 1)
            begun.set()
            assert go_on.wait(60)

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(in_thread(late))
        assert begun.wait(60)
        log(orders[3:5], 2)
        seen = {}
        for _ in range(3):
            ids, state = read(state)
            seen.update(Order.objects.filter(id__in=list(ids)).values_list("id", "priority"))
        if not misses:
            assert seen == {}, "what may still be preceded is not told"
        go_on.set()
        writer.result()
    for _ in range(3):
        ids, state = read(state)
        seen.update(Order.objects.filter(id__in=list(ids)).values_list("id", "priority"))
    wanted = {**dict.fromkeys(orders[:3], 1), **dict.fromkeys(orders[3:5], 2)}
    assert (seen != wanted) == misses


@pytest.mark.django_db
def test_every_order_stands_once_on_a_page_and_the_last_page_says_where_to_go_on():
    orders = [make_order({"A": 1}).id for _ in range(5)]
    log(orders[:2], 1)
    first = feed.touched_since(feed.Position(), "order_id", 3)
    assert (first.ids, first.more) == (orders[:3], True)
    rest = feed.touched_since(feed.position_of(str(first.following)), "order_id", 100)
    assert (rest.ids, rest.more) == ([*orders[3:], *orders[:2]], False)
    assert feed.touched_since(feed.position_of(str(rest.following)), "order_id", 100).ids == []
    log(orders[4:], 2)
    assert feed.touched_since(feed.position_of(str(rest.following)), "order_id", 100).ids == orders[4:]
    assert feed.touched_since(feed.position_of("now"), "order_id", 100).ids == []


@pytest.mark.parametrize("text", ["", "x", "1", "1.2", "1.2.x", "-1.2.", "1.2.3/4_5", "1" * 30 + ".1."])
def test_what_is_no_cursor_is_refused(text):
    with pytest.raises(Refusal) as refused:
        feed.position_of(text)
    assert refused.value.code == "bad_cursor"


def test_a_cursor_survives_the_journey():
    for position in (feed.Position(), feed.Position(3, 9, frozenset({"3/17", "-1/5"}))):
        assert feed.position_of(str(position)) == position


@pytest.mark.django_db
def test_a_cursor_from_after_a_restored_backup_is_refused_not_silent():
    make_order({"A": 1})
    with pytest.raises(Refusal) as refused:
        feed.touched_since(feed.Position(10**9), "order_id", 10)
    assert refused.value.code == "cursor_ahead"
