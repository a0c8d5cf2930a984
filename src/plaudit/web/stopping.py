"""Ending what never ends by itself, when this program is asked to stop."""

import asyncio
import signal
from types import FrameType

from litestar import Litestar

from plaudit.web.api.streams import Streams


def end_streams_when_asked_to_stop(app: Litestar) -> None:
    """A request in flight gets its time to finish, and a stream would take all of it: end them at SIGTERM.

    granian has set its own handling up by the time that the app starts. This goes before it and then does the same.
    """

    async def listen() -> None:
        streams: Streams = app.state.streams
        loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM)

        def stop(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(streams.stop)
            if callable(before):
                before(number, frame)

        signal.signal(signal.SIGTERM, stop)

    app.on_startup.append(listen)
