"""Who asked, and how, when a proxy stands before this server: told by headers, believed only from proxies we know."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import cast

from litestar.datastructures import Headers
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from plaudit.foundation.errors import BadSetting

Networks = tuple[IPv4Network | IPv6Network, ...]

_SCHEMES = ("http", "https")


def read_networks(text: str | None) -> Networks:
    """The setting `trusted_proxies`; nothing when it isn't set. Raises BadSetting."""
    try:
        return tuple(ip_network(each, strict=False) for each in text.split(",")) if text else ()
    except ValueError as problem:
        raise BadSetting(f"PLAUDIT_TRUSTED_PROXIES holds something that is no network: {problem}.") from problem


def behind_proxies(app: ASGIApp, trusted: Networks) -> ASGIApp:
    """The app, to which requests through trusted proxies look as they left whoever sent them."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (client := scope["client"]) and is_within(client[0], trusted):
            scope = as_sent(cast("HTTPScope", scope), trusted)
        await app(scope, receive, send)

    return wrapped if trusted else app


def as_sent(scope: HTTPScope, trusted: Networks) -> HTTPScope:
    """The request with the address and the scheme that its proxies tell."""
    client, headers = scope["client"], Headers.from_scope(scope)
    assert client is not None, "only what comes from a trusted address is asked about"
    forwarded = [each for line in headers.getall("x-forwarded-for", []) for each in line.split(",")]
    address = sender_of(client[0], forwarded, trusted)
    scheme = headers.get("x-forwarded-proto", "").strip().lower()
    told = {"client": (address, client[1] if address == client[0] else 0)}
    return cast("HTTPScope", {**scope, **told, **({"scheme": scheme} if scheme in _SCHEMES else {})})


def sender_of(peer: str, forwarded: Sequence[str], trusted: Networks) -> str:
    """The address nearest to us that isn't one of our proxies'.

    Each proxy writes at the end whom it was asked by, so the list is read from there, and only as long as trusted ones
    wrote it: what stands before may be made up.
    """
    address = peer
    for told in reversed(forwarded):
        found = _read_address(told)
        if found is None or not is_within(address, trusted):
            break
        address = str(found)
    return address


def is_within(address: str, networks: Networks) -> bool:
    """Whether this is an address of one of the networks; not when it is no address at all."""
    found = _read_address(address)
    return found is not None and any(found in network for network in networks)


def _read_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in "192.0.2.1", "192.0.2.1:4711", "2001:db8::1" or "[2001:db8::1]:4711"; None for anything else."""
    plain = text.strip()
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        found = ip_address(plain)
    except ValueError:
        return None
    # A socket for both families shows IPv4 addresses in the clothes of IPv6.
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
