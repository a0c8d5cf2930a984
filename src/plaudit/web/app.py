"""The app: which routes there are, what they may use, and what stands around them."""

import multiprocessing
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ASGIApp, ControllerRouterHandler

from plaudit.coins import Till
from plaudit.foundation.clock import Clock, SystemClock
from plaudit.foundation.database import Database
from plaudit.foundation.logs import configure_logs
from plaudit.foundation.settings import Settings, load_settings
from plaudit.ledger import Ledger, PostgresLedger
from plaudit.people import Hasher, Sessions
from plaudit.providers import Mailbox, Sandbox
from plaudit.web import sandbox, status
from plaudit.web.api import Desk, announce_budget, api_router, make_openapi
from plaudit.web.api.coins import take_webhook
from plaudit.web.api.throttle import Throttle
from plaudit.web.lifeline import end_with
from plaudit.web.nats_line import nats_line
from plaudit.web.payments import looking_after_payments
from plaudit.web.problems import problem_answers
from plaudit.web.requests import around_requests

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
]


def load_app() -> ASGIApp:
    """The app as granian's worker loads it: settings from the environment, and an end when granian itself is gone."""
    settings = load_settings(os.environ)
    configure_logs(level=settings.log_level, form=settings.log_format)
    if granian := multiprocessing.parent_process():
        end_with(granian.sentinel, last_resort_seconds=settings.stop_deadline_ms / 1000)
    return around_requests(make_app(settings))


def make_app(
    settings: Settings, *, routes: Sequence[ControllerRouterHandler] = (), clock: Clock | None = None
) -> Litestar:
    """The app on its own, with any further routes. `settings` must hold both URLs; the clock is the machine's."""
    return Litestar(
        route_handlers=[*_HANDLERS, api_router(), *routes],
        exception_handlers=problem_answers(),
        lifespan=[_connected],
        before_send=[announce_budget],
        state=State({"settings": settings, "clock": clock or SystemClock()}),
        # Ours are set up already, and the framework would configure Python's logging a second time.
        logging_config=None,
        openapi_config=make_openapi(),
    )


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
    async with database as app.state.db, nats_line(nats_url) as app.state.nats:
        ledger = PostgresLedger.open(
            app.state.db,
            clock=app.state.clock,
            deadline_seconds=settings.ledger_deadline_ms / 1000,
            batch_limit=settings.ledger_batch_limit,
        )
        async with ledger as app.state.ledger:
            app.state.app = around_requests(app)
            app.state.sandbox = Sandbox(app.state.db)
            app.state.desk = _desk(app.state, settings)
            async with looking_after_payments(app):
                yield


def _desk(state: State, settings: Settings) -> Desk:
    db: Database = state.db
    clock: Clock = state.clock
    ledger: Ledger = state.ledger
    sandbox_provider: Sandbox = state.sandbox
    return Desk(
        db=db,
        clock=clock,
        hasher=Hasher(),
        mail=Mailbox(),
        sessions=Sessions(db, clock),
        throttle=Throttle(per_session=settings.session_rate, per_address=settings.address_rate),
        till=Till(db=db, ledger=ledger, providers={"sandbox": sandbox_provider}),
    )
