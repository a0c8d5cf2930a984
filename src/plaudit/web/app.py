"""The app: which routes there are, what they may use, and what stands around them."""

import gc
import multiprocessing
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.types import ASGIApp, ControllerRouterHandler

from plaudit.coins import Till
from plaudit.earnings import Estimates, Stories
from plaudit.earnings.settling import Settling
from plaudit.foundation.clock import Clock, SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.envelopes import open_vault
from plaudit.foundation.lifeline import end_with
from plaudit.foundation.logs import configure_logs
from plaudit.foundation.sealing import Seal
from plaudit.foundation.secret_key import find_secret_key
from plaudit.foundation.settings import Settings, load_settings
from plaudit.ledger import Ledger, PostgresLedger
from plaudit.payouts import PayDesk
from plaudit.payouts.batch_model import Dispatch
from plaudit.people import Hasher, Sessions
from plaudit.providers import Mailbox, Sandbox, nats_line
from plaudit.providers.sandbox_wallet import WalletSandbox
from plaudit.providers.wallets import open_wallet
from plaudit.rooms import Rooms
from plaudit.rooms.watching import watching
from plaudit.web import papers, sandbox, sandbox_wallet, status
from plaudit.web.api import Desk, announce_budget, api_router, make_openapi, operator_demo
from plaudit.web.api.coins import take_webhook
from plaudit.web.api.streams import Streams
from plaudit.web.api.throttle import Throttle
from plaudit.web.gateway_url import GatewayPlace
from plaudit.web.methods import announce_methods
from plaudit.web.pages import answer_unknown_path, pages_router
from plaudit.web.payments import looking_after_payments
from plaudit.web.problems import problem_answers
from plaudit.web.proxies import behind_proxies, read_networks
from plaudit.web.requests import around_requests
from plaudit.web.site_url import find_site_url
from plaudit.web.stopping import end_streams_when_asked_to_stop

# Outside of the API's router: a provider that sends a storm of webhooks must not be throttled.
_HANDLERS: list[ControllerRouterHandler] = [
    status.health,
    status.ready,
    status.metrics,
    take_webhook,
    sandbox.show_checkout,
    sandbox.choose,
    sandbox.pay,
    sandbox.confirm,
    sandbox_wallet.answer,
    sandbox.dispute,
    sandbox.close_dispute,
    sandbox.get_report,
]


def load_app() -> ASGIApp:
    """The app as granian's worker loads it: settings from the environment, and an end when granian itself is gone."""
    settings = load_settings(os.environ)
    configure_logs(level=settings.log_level, form=settings.log_format)
    if granian := multiprocessing.parent_process():
        end_with(granian.sentinel, last_resort_seconds=settings.stop_deadline_ms / 1000)
    app = make_app(settings)
    end_streams_when_asked_to_stop(app)
    _settle_memory()
    return around_requests(behind_proxies(app, read_networks(settings.trusted_proxies)))


def _settle_memory() -> None:
    """Take what is there now out of the garbage collector's sight, and let it look more rarely at the rest.

    It found nothing to free, and took a quarter of a gift's time: what a request makes goes when its last name does.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def make_app(
    settings: Settings, *, routes: Sequence[ControllerRouterHandler] = (), clock: Clock | None = None
) -> Litestar:
    """The app on its own, with any further routes. `settings` must hold both URLs; the clock is the machine's."""
    return Litestar(
        route_handlers=[*_HANDLERS, api_router([*papers.ROUTES, *_of_the_demo(settings)]), pages_router(), *routes],
        exception_handlers={**problem_answers(), NotFoundException: answer_unknown_path},
        lifespan=[_connected],
        before_send=[announce_budget, announce_methods],
        state=State({"settings": settings, "clock": clock or SystemClock()}),
        # Ours are set up already, and the framework would configure Python's logging a second time.
        logging_config=None,
        openapi_config=make_openapi(),
    )


def _of_the_demo(settings: Settings) -> Sequence[ControllerRouterHandler]:
    return () if settings.demo_pace_file is None else operator_demo.ROUTES


@asynccontextmanager
async def _connected(app: Litestar) -> AsyncGenerator[None]:
    settings: Settings = app.state.settings
    database_url, nats_url = settings.database_url or "", settings.nats_url or ""
    database = Database.open(
        database_url,
        application_name="plaudit-web",
        pool_size=settings.database_pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        lock_timeout_ms=settings.lock_timeout_ms,
    )
    async with database as app.state.db, nats_line(nats_url, name="plaudit-web") as app.state.nats:
        ledger = PostgresLedger.open(
            app.state.db,
            clock=app.state.clock,
            deadline_seconds=settings.ledger_deadline_ms / 1000,
            batch_limit=settings.ledger_batch_limit,
        )
        async with (
            ledger as app.state.ledger,
            Rooms.open(
                app.state.db,
                app.state.ledger,
                app.state.nats,
                app.state.clock,
                deadline_seconds=settings.ledger_deadline_ms / 1000,
            ) as app.state.rooms,
            watching(app.state.db, app.state.nats) as watched,
            open_wallet(settings, app.state.db, app.state.clock) as app.state.wallet,
        ):
            app.state.app = around_requests(app)
            app.state.sandbox = Sandbox(app.state.db)
            app.state.wallet_sandbox = WalletSandbox(app.state.db)
            app.state.streams = Streams(watched, app.state.clock, per_address=settings.gateway_connections_per_address)
            app.state.desk = _desk(app.state, settings)
            async with looking_after_payments(app):
                yield


def _desk(state: State, settings: Settings) -> Desk:
    db: Database = state.db
    clock: Clock = state.clock
    ledger: Ledger = state.ledger
    sandbox_provider: Sandbox = state.sandbox
    rooms: Rooms = state.rooms
    hasher = Hasher(seal=Seal(find_secret_key(settings).encode(), purpose="second factor"))
    pay = PayDesk(db=db, ledger=ledger, vault=open_vault(settings), hasher=hasher, mail=Mailbox())
    return Desk(
        db=db,
        clock=clock,
        house_name=settings.house_name,
        hasher=hasher,
        mail=Mailbox(),
        sessions=Sessions(db, clock),
        throttle=Throttle(per_session=settings.session_rate, per_address=settings.address_rate),
        till=Till(db=db, ledger=ledger, providers={"sandbox": sandbox_provider}),
        estimates=Estimates(db, ledger, clock),
        stories=Stories(rooms.gifting, Estimates(db, ledger, clock)),
        settling=Settling(db, ledger),
        rooms=rooms,
        pay=pay,
        dispatch=Dispatch(pay=pay, wallet=state.wallet),
        secret=find_secret_key(settings).encode(),
        streams=state.streams,
        gateway=GatewayPlace(settings.gateway_url, settings.gateway_port),
        site_url=find_site_url(settings),
    )
