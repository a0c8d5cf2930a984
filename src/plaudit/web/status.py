"""What machines ask a program: are you alive, are you ready, how are you."""

from litestar import Response, get
from litestar.datastructures import State
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from plaudit.foundation.database import Database
from plaudit.foundation.errors import Unavailable
from plaudit.foundation.settings import Settings
from plaudit.providers import Line
from plaudit.web.readiness import refuse_unless_ready

# The framework adds the charset to every text by itself.
_METRICS_TYPE = CONTENT_TYPE_LATEST.removesuffix("; charset=utf-8")


@get("/health")
async def health() -> dict[str, str]:
    """This program runs and answers; what it needs may be missing."""
    return {"status": "alive"}


@get("/ready")
async def ready(state: State) -> dict[str, str]:
    """Everything that this program needs is within reach; raises NotReady naming what isn't."""
    settings: Settings = state.settings
    line: Line = state.nats
    checks = {"database": lambda: _is_answering(state.db), "NATS": line.is_reached}
    await refuse_unless_ready(checks, deadline_ms=settings.ready_deadline_ms)
    return {"status": "ready"}


@get("/metrics", media_type=_METRICS_TYPE)
async def metrics() -> Response[bytes]:
    """The metrics of this program, for Prometheus."""
    return Response(generate_latest(), media_type=_METRICS_TYPE)


async def _is_answering(db: Database) -> bool:
    try:
        async with db.transaction() as tx:
            await tx.execute("select 1")
    except Unavailable:
        return False
    return True
