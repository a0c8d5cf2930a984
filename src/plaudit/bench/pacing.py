"""When requests are due at a fixed rate, whatever becomes of those before."""

from msgspec import Struct


class Pace(Struct, frozen=True):
    """`count` requests, evenly spaced, `per_s` of them a second; the first is due at once. Times are nanoseconds."""

    per_s: float
    count: int

    def due_by(self, elapsed_ns: int) -> int:
        """How many are due when so much time has passed since the beginning."""
        return min(self.count, int(elapsed_ns * self.per_s / 1e9) + 1)

    def due_at(self, number: int) -> int:
        """When the request of this number, counted from 0, is due after the beginning."""
        return int(number * 1e9 / self.per_s)
