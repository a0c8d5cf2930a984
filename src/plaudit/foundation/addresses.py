"""Addresses to listen on, and where they are reached."""

import socket

from plaudit.foundation.errors import AddressTaken


def find_free_address(host: str, port: int, *, program: str, settings: str) -> tuple[str, int]:
    """The IP address and port to listen on; port 0 is a free one. Raises AddressTaken, with the settings to look at.

    Whoever listens with SO_REUSEPORT would share a taken port with whoever has it, and say nothing.
    """
    try:
        with bound(host, port, shared=False) as probe:
            address, chosen = probe.getsockname()[:2]
            return str(address), int(chosen)
    except OSError as problem:
        raise taken(host, port, problem, program=program, settings=settings) from problem


def bound(host: str, port: int, *, shared: bool) -> socket.socket:
    """A socket with this address, which doesn't listen yet; `shared` with other programs of ours. Raises OSError."""
    family, kind, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(where)
    except OSError:
        made.close()
        raise
    return made


def taken(host: str, port: int, problem: OSError, *, program: str, settings: str) -> AddressTaken:
    """The error that says who can't listen where, and what to do."""
    return AddressTaken(
        f"The {program} can't listen on {host} port {port} ({problem.strerror}): "
        f"choose another {settings}, or stop what listens there."
    )


def reachable(address: str) -> str:
    """Where a program that listens on this address is reached from the same machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104 - recognised, not bound


def url_of(scheme: str, address: str, port: int) -> str:
    """The URL of a program that listens there, for the same machine."""
    host = reachable(address)
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
