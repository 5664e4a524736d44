"""Which addresses messages may go to: https to the public network; others only where the operator allows it.

A webhook's address is typed by a user and fetched by the server, so whoever may set one could otherwise reach what only
the server reaches. The name is resolved here, every address it has is judged, and the connection goes to the judged
address itself, so that a name that answers differently a moment later gains nothing.
"""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from paidan.kit.errors import Refusal

Address = IPv4Address | IPv6Address
PORTS = {"https": 443, "http": 80}
NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect, and what to say there."""

    scheme: str
    host: str
    port: int
    address: Address
    path: str

    @property
    def url(self) -> str:
        where = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"{self.scheme}://{where}:{self.port}{self.path}"

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def read_url(url: str) -> SplitResult:
    """The parts of an address that may be one of a webhook; else a `Refusal` that says what is wrong with it."""
    try:
        parts = urlsplit(url)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_good = SplitResult("", "", "", "", ""), False
    if parts.scheme not in PORTS or not parts.hostname or not port_is_good:
        raise Refusal("not_an_address", _("Not an address. It looks like: https://example.com/paidan"), pointer="url")
    if parts.scheme == "http" and not settings.WEBHOOKS_PRIVATE:
        raise Refusal("not_https", _("Only https: messages name orders, and anybody on the way could read them."))
    if parts.username or parts.password:
        said = _("Leave user and password out of the address; the receiver knows us by the signature.")
        raise Refusal("has_password", said, pointer="url")
    if _literal(parts.hostname) is not None:
        judge(parts.scheme, [_literal(parts.hostname)])
    return parts


def judge(scheme: str, found: list[Address | None]) -> Address:
    """The first of these addresses, if messages may go to all of them."""
    public = [one for one in found if one is not None and is_public(one)]
    if not found or found[0] is None:
        raise Refusal("no_address", _("This name has no address in the network."))
    if settings.WEBHOOKS_PRIVATE:
        if scheme == "http" and public:
            raise Refusal("not_https", _("Only https to the public network."))
    elif len(public) < len(found):
        said = _("This is an address inside the network of the server. An administrator of the server can allow it.")
        raise Refusal("private_address", said)
    return found[0]


def is_public(address: Address) -> bool:
    """Whether it is one anybody can reach; IPv4 inside IPv6 is judged as what it is."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is not None:
            return is_public(inner)
        if address in NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast


async def resolve(url: str) -> Target:
    """Look the name up and judge every address it has."""
    parts = read_url(url)
    host = parts.hostname or ""
    port = parts.port or PORTS[parts.scheme]
    try:
        rows = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        rows = []
    address = judge(parts.scheme, [ip_address(str(row[4][0]).partition("%")[0]) for row in rows])
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, address, path)


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
