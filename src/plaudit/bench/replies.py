"""Just enough HTTP/1.1 to read replies quickly: the status, and where the body ends."""

import re

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_WITHOUT_BODY = (204, 304)


class UnreadableReply(Exception):
    """These bytes are no reply that a generator of load can read; the text shows their beginning."""


class ReplyReader:
    """Puts together what one connection receives, with one request in flight at a time."""

    __slots__ = ("_received",)

    def __init__(self) -> None:
        self._received = b""

    def feed(self, chunk: bytes) -> int | None:
        """The status of the reply, once it is whole. Raises UnreadableReply, also when more came than one reply."""
        received = self._received + chunk if self._received else chunk
        end_of_head = received.find(b"\r\n\r\n")
        if end_of_head < 0:
            self._received = received
            return None
        status, end = _status(received), end_of_head + 4
        if status not in _WITHOUT_BODY:
            end += _length(received, end_of_head)
        if len(received) < end:
            self._received = received
            return None
        if len(received) > end:
            raise UnreadableReply(f"more than one reply: {received[:200]!r}")
        self._received = b""
        return status


def _status(received: bytes) -> int:
    if not (received.startswith(b"HTTP/1.") and received[9:12].isdigit()):
        raise UnreadableReply(f"no status line: {received[:200]!r}")
    return int(received[9:12])


def _length(received: bytes, end_of_head: int) -> int:
    found = _LENGTH.search(received, 0, end_of_head)
    if found is None:
        raise UnreadableReply(f"no content-length: {received[:200]!r}")
    return int(found[1])
