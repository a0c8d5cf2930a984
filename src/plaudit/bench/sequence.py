"""What one viewer has of a room's numbered events: is any lost, any doubled, any late?"""


class Sequence:
    """Takes the numbers as they come and remembers what is wrong. The events are numbered without a gap.

    A number that comes after its place is `late`, not lost; one that comes again is `doubled`.
    """

    __slots__ = ("_expected", "_missing", "doubled", "late")

    def __init__(self, after: int) -> None:
        self._expected = after + 1
        self._missing: set[int] = set()
        self.doubled = 0
        self.late = 0

    def take(self, first: int, last: int) -> None:
        """The events from `first` to `last` have come, both counted."""
        if first == self._expected:
            self._expected = last + 1
        else:
            self._take_astray(first, last)

    def _take_astray(self, first: int, last: int) -> None:
        numbers = range(first, last + 1)
        late = self._missing.intersection(numbers)
        self._missing -= late
        self.late += len(late)
        known = len(range(first, min(last + 1, self._expected)))
        self.doubled += known - len(late)
        self._missing.update(range(self._expected, first))
        self._expected = max(self._expected, last + 1)

    def skip_to(self, seq: int) -> None:
        """From now on only what comes after `seq` will be sent; what was to come until there never came."""
        self._missing.update(range(self._expected, seq + 1))
        self._expected = max(self._expected, seq + 1)

    def has_all(self, last: int) -> bool:
        """Whether everything until `last` is here."""
        return self._expected > last and not self._missing

    def lost(self, last: int) -> int:
        """How many of the events until `last` never came."""
        return len(self._missing) + max(0, last + 1 - self._expected)
