"""What the API's handlers work with, and who stands before them."""

from datetime import datetime

from litestar import Request
from litestar.datastructures import State
from msgspec import Struct

from plaudit.coins import Till
from plaudit.earnings import Estimates, Stories
from plaudit.earnings.settling import Settling
from plaudit.foundation.clock import Clock
from plaudit.foundation.database import Database
from plaudit.payouts import PayDesk
from plaudit.payouts.batch_model import Dispatch
from plaudit.people import Caller, Hasher, Sessions, Visitor
from plaudit.providers import Mailbox
from plaudit.reversals import Reversing
from plaudit.rooms import Rooms
from plaudit.web.api.streams import Streams
from plaudit.web.api.throttle import Throttle
from plaudit.web.gateway_url import GatewayPlace


class Desk(Struct, frozen=True, kw_only=True):
    """Everything that the API acts with; made once when the program starts."""

    db: Database
    clock: Clock
    house_name: str
    hasher: Hasher
    mail: Mailbox
    sessions: Sessions
    throttle: Throttle
    till: Till
    estimates: Estimates
    stories: Stories
    settling: Settling
    rooms: Rooms
    pay: PayDesk
    dispatch: Dispatch
    secret: bytes
    """What tokens are signed with."""
    streams: Streams
    gateway: GatewayPlace
    """Where viewers reach the gateway."""
    site_url: str | None
    """Where people reach the pages, as far as it is known."""

    @property
    def now(self) -> datetime:
        """The present instant, in UTC."""
        return self.clock.now()

    @property
    def reversing(self) -> Reversing:
        """What refunds and disputes are seen to with."""
        return Reversing(till=self.till, mail=self.mail)


Visit = Request[Visitor | None, None, State]
"""A request after `admit`: its `user` is whoever sent it, or None for a stranger."""


def desk_of(state: State) -> Desk:
    """The desk of this program."""
    return state.desk


def visitor_of(request: Visit) -> Visitor:
    """Who sent this, on a route whose guard lets no stranger in."""
    assert request.user is not None, "a route that asks for the visitor is guarded by `may`"
    return request.user


def caller_of(request: Visit) -> Caller:
    """The address and the program that a request comes from."""
    agent = "".join(letter for letter in request.headers.get("user-agent", "") if letter.isprintable())
    return Caller(address=address_of(request), user_agent=agent)


def address_of(request: Visit) -> str:
    """The address at the other end of the connection; behind a proxy that is the proxy's."""
    return request.client.host if request.client else ""
