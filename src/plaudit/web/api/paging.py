"""Pages of a list: `after` is where the last one ended, as a text that only we read, and `next` where this one did."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from plaudit.foundation.errors import Invalid
from plaudit.people.following import MOST_ON_A_PAGE
from plaudit.people.model import Acquaintance, Place
from plaudit.web.api.shapes import AcquaintanceList

_HIGHEST = 2**63 - 1

After = Annotated[str | None, QueryParameter(description="`next` of the page before.", max_length=200)]
Limit = Annotated[int, QueryParameter(description="How many at most.", ge=1, le=MOST_ON_A_PAGE)]


def read_place(after: str | None) -> Place | None:
    """Where the last page ended; raises Invalid when this isn't a `next` of ours."""
    if after is None:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(after.encode()), type=Place)
    except ValueError:
        raise Invalid("This isn't the `next` of a page.", field="after") from None


def show_page(found: list[Acquaintance], limit: int) -> AcquaintanceList:
    """The page from one more than `limit` that were asked for: that one only tells that there is more."""
    items = found[:limit]
    more = len(found) > limit
    return AcquaintanceList(items=items, next=write_place(items[-1].since, items[-1].id) if more else None)


def write_place(since: datetime, id: UUID) -> str:
    """The `next` of a page whose last item has this instant and this id."""
    return urlsafe_b64encode(msgspec.json.encode(Place(since=since, id=id))).decode()


def read_number(after: str | None) -> int | None:
    """The number of the last item on the page before; raises Invalid when this isn't a `next` of ours."""
    if after is None:
        return None
    if not (after.isascii() and after.isdigit() and int(after[:20]) <= _HIGHEST):
        raise Invalid("This isn't the `next` of a page.", field="after")
    return int(after[:20])
