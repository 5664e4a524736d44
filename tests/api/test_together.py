"""Requests that gather: answers to whom they belong, never two of a key together, nobody left waiting."""

import threading
from concurrent.futures import Future
from itertools import pairwise

import pytest

from paidan.api.together import Together

PATIENCE = 30.0
"""Seconds after which a thread counts as lost; nothing waits that long unless something is wrong."""


class Desk:
    """A gathering whose work can be held, and the threads that ask it."""

    def __init__(self, most=10, fails=()):
        self.worked, self.fails = [], set(fails)
        self.held, self.begun = threading.Event(), threading.Event()
        self.together = Together(self._work, most)
        self.threads = []

    def _work(self, several):
        self.worked.append(list(several))
        self.begun.set()
        if len(self.worked) == 1:
            assert self.held.wait(PATIENCE)
        if self.fails & set(several):
            raise LookupError(*sorted(self.fails & set(several)))
        return [f"answer {one}" for one in several]

    def ask(self, asked, group="g", keys=None):
        """Ask in a thread of its own; the next may ask as soon as this one stands in line."""
        found: Future[str] = Future()
        is_first, before = not self.threads, len(self.together._line)

        def run():
            try:
                keys_ = frozenset([asked] if keys is None else keys)
                found.set_result(self.together.run(asked, group, keys_))
            except BaseException as error:
                found.set_exception(error)

        thread = threading.Thread(target=run)
        self.threads.append(thread)
        thread.start()
        if is_first:
            assert self.begun.wait(PATIENCE)  # it is being worked on, and held there
        else:
            self._stands_in_line(before + 1)
        return found

    def _stands_in_line(self, length):
        waited = threading.Event()
        for _ in range(int(PATIENCE * 1000)):
            if len(self.together._line) >= length:
                return
            waited.wait(0.001)
        raise AssertionError("it never stood in line")

    def let_go(self):
        self.held.set()
        for thread in self.threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in self.threads)
        assert not self.together._line


def test_a_request_alone_is_worked_on_alone_and_at_once():
    desk = Desk()
    desk.held.set()
    assert desk.together.run("a", "g", frozenset("a")) == "answer a"
    assert desk.together.run("b", "g", frozenset("b")) == "answer b"
    assert desk.worked == [["a"], ["b"]]


def test_what_gathers_meanwhile_is_worked_on_together_and_everybody_gets_their_own_answer():
    desk = Desk()
    found = {name: desk.ask(name) for name in "abcdef"}
    desk.let_go()
    assert desk.worked == [["a"], list("bcdef")]
    assert {name: one.result(0) for name, one in found.items()} == {name: f"answer {name}" for name in "abcdef"}


def test_no_more_go_together_than_are_allowed():
    desk = Desk(most=2)
    found = [desk.ask(name) for name in "abcdef"]
    desk.let_go()
    assert desk.worked == [["a"], ["b", "c"], ["d", "e"], ["f"]]
    assert [one.result(0) for one in found] == [f"answer {name}" for name in "abcdef"]


def test_those_that_share_a_key_are_never_together_and_keep_their_order():
    desk = Desk()
    for name, keys in (("first", "x"), ("x1", "x"), ("y", "y"), ("x2", "xz"), ("z", "z"), ("x3", "x")):
        desk.ask(name, keys=keys)
    desk.let_go()
    # z shares nothing with x1 or y, but asks for what x2 has asked for before it.
    assert desk.worked == [["first"], ["x1", "y"], ["x2"], ["z", "x3"]]


def test_groups_are_worked_on_apart_and_everyone_in_turn():
    desk = Desk()
    for name, group in (("a", "lin"), ("b", "wang"), ("c", "lin"), ("d", "wang"), ("e", "lin")):
        desk.ask(name, group)
    desk.let_go()
    assert desk.worked == [["a"], ["b", "d"], ["c", "e"]]


def test_a_failure_fails_only_whom_it_concerns():
    desk = Desk(fails={"c"})
    found = {name: desk.ask(name) for name in "abcd"}
    desk.let_go()
    assert desk.worked == [["a"], ["b", "c", "d"], ["b"], ["c"], ["d"]]
    assert isinstance(found.pop("c").exception(0), LookupError)
    assert {name: one.result(0) for name, one in found.items()} == {name: f"answer {name}" for name in "abd"}


def test_a_failure_of_the_one_who_leads_stops_nobody():
    desk = Desk(fails={"a", "b"})
    found = [desk.ask(name) for name in "abc"]
    desk.let_go()
    assert [type(one.exception(0)) for one in found[:2]] == [LookupError, LookupError]
    assert found[2].result(0) == "answer c"
    assert desk.together.run("d", "g", frozenset("d")) == "answer d"


def test_work_that_answers_too_little_is_a_failure_and_leaves_nobody_waiting():
    together = Together(lambda several: several[1:], 10)
    for _ in range(2):  # the second asks as if the first had never been
        with pytest.raises(ValueError, match="shorter"):
            together.run("a", "g", frozenset("a"))


def test_many_threads_that_ask_again_and_again_all_get_their_own():
    seen = threading.Lock()
    worked = []

    def work(several):
        with seen:
            worked.append(list(several))
        return [-number for number in several]

    together, wrong = Together(work, 4), []

    def ask(first):
        numbers = range(first, first + 50)
        got = [together.run(number, number % 2, frozenset([number % 7])) for number in numbers]
        if got != [-number for number in numbers]:
            wrong.append(first)

    threads = [threading.Thread(target=ask, args=(at * 50,)) for at in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []
    assert sorted(number for several in worked for number in several) == list(range(600))
    assert all(len(several) <= 4 and len({number % 2 for number in several}) == 1 for several in worked)
    assert all(a % 7 != b % 7 for several in worked for a, b in pairwise(sorted(several, key=lambda n: n % 7)))
