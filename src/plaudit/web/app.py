"""The app: which routes there are, what they may use, and what stands around them."""

import multiprocessing
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ASGIApp, ControllerRouterHandler

from plaudit.foundation.database import Database
from plaudit.foundation.logs import configure_logs
from plaudit.foundation.settings import Settings, load_settings
from plaudit.web import status
from plaudit.web.lifeline import end_with
from plaudit.web.nats_line import nats_line
from plaudit.web.problems import problem_answers
from plaudit.web.requests import around_requests


def load_app() -> ASGIApp:
    """The app as granian's worker loads it: settings from the environment, and an end when granian itself is gone."""
    settings = load_settings(os.environ)
    configure_logs(level=settings.log_level, form=settings.log_format)
    if granian := multiprocessing.parent_process():
        end_with(granian.sentinel, last_resort_seconds=settings.stop_deadline_ms / 1000)
    return around_requests(make_app(settings))


def make_app(settings: Settings, *, routes: Sequence[ControllerRouterHandler] = ()) -> Litestar:
    """The app on its own, with any further routes. `settings` must hold both URLs."""
    return Litestar(
        route_handlers=[status.health, status.ready, status.metrics, *routes],
        exception_handlers=problem_answers(),
        lifespan=[_connected],
        state=State({"settings": settings}),
        # Ours are set up already, and the framework would configure Python's logging a second time.
        logging_config=None,
        openapi_config=None,
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
        yield
