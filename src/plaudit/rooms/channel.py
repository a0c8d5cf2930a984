"""An overlay's own channel, as one program sees it: what comes goes through, and nothing has a number or is kept."""

from plaudit.rooms.feed import Replay, RoomFeed, tell_count


class ChannelFeed(RoomFeed):
    """What is told to one overlay. There is nothing to catch up with."""

    async def load(self) -> None:
        """There is nothing to load."""
        self.seq = 0

    async def heal(self) -> None:
        """There is nothing to heal."""

    async def catch_up(self, after: int | None) -> Replay:
        """A sign that the connection is there."""
        del after
        return Replay([tell_count(self._viewers_of(self.live_id))], self.seq)
