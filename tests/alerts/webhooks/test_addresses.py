"""Where messages may go: https to the public network, and inside only if the operator said so."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import pytest

from paidan.alerts.webhooks.addresses import is_public, judge, read_url, resolve
from paidan.kit.errors import Refusal

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fe80::1",
    "fc00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
]


def looked_up(url):
    """In a thread of its own: a browser that another test drives keeps a loop running in this one."""
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(lambda: asyncio.run(resolve(url))).result()


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_inside_are_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_outside_are_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://example.com/", "not_an_address"),
        ("example.com", "not_an_address"),
        ("https://", "not_an_address"),
        ("https://example.com:99999/", "not_an_address"),
        ("https://[::1", "not_an_address"),
        ("http://example.com/", "not_https"),
        ("https://me:secret@example.com/", "has_password"),
        ("https://169.254.169.254/latest", "private_address"),
        ("https://[::1]/", "private_address"),
    ],
)
def test_what_is_no_address_of_a_webhook_is_refused_with_a_reason(url, code):
    with pytest.raises(Refusal) as refused:
        read_url(url)
    assert refused.value.code == code
    assert str(refused.value)


def test_one_private_address_among_public_ones_refuses_the_name():
    with pytest.raises(Refusal):
        judge("https", [ip_address("1.1.1.1"), ip_address("10.0.0.1")])


def test_a_name_that_leads_inside_is_refused_when_it_is_looked_up():
    with pytest.raises(Refusal) as refused:
        looked_up("https://localhost/")
    assert refused.value.code == "private_address"


def test_a_name_without_an_address_is_said_to_have_none():
    with pytest.raises(Refusal) as refused:
        looked_up("https://nowhere.invalid/")
    assert refused.value.code == "no_address"


def test_where_the_operator_allows_it_plain_http_goes_inside_and_never_outside(settings):
    settings.WEBHOOKS_PRIVATE = True
    target = looked_up("http://localhost:8080/a?b=c")
    assert target.address.is_loopback
    assert (target.path, target.host_header) == ("/a?b=c", "localhost:8080")
    with pytest.raises(Refusal):
        judge("http", [ip_address("1.1.1.1")])


def test_the_connection_goes_to_the_judged_address(settings, monkeypatch):
    settings.WEBHOOKS_PRIVATE = True
    answers = iter(["127.0.0.1", "10.9.9.9"])

    def rebound(*_arguments, **_named):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 80))]

    monkeypatch.setattr(socket, "getaddrinfo", rebound)
    target = looked_up("http://rebinding.example/")
    assert target.url == "http://127.0.0.1:80/"
    assert target.host_header == "rebinding.example"
