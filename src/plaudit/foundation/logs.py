"""Log lines on stderr: for people on a terminal, one JSON object a line for machines, never with a secret in them."""

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal, TextIO, cast

import structlog
from structlog.contextvars import bind_contextvars, get_contextvars, merge_contextvars, reset_contextvars
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

from plaudit.foundation.masks import MASK, is_secret_name, mask_text

LogFormat = Literal["auto", "console", "json"]

# Libraries whose every step is of interest to their authors only.
_CHATTY = ("asyncio", "httpx", "httpcore", "picows")


class _MaskingFormatter(ProcessorFormatter):
    """Masks what was rendered as well, tracebacks included: a driver's error may quote the URL that it was given."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_text(super().format(record))


def configure_logs(*, level: str = "info", form: LogFormat = "auto", stream: TextIO | None = None) -> None:
    """Send everything that is logged, through structlog or Python's logging, to `stream` (stderr) in one form.

    May be called again; the last call holds.
    """
    out = stream or sys.stderr
    structlog.configure(
        processors=[*_shared(), ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    outlet = logging.StreamHandler(out)
    outlet.setFormatter(
        _MaskingFormatter(
            foreign_pre_chain=_shared(),
            processors=[ProcessorFormatter.remove_processors_meta, *_rendering(form, out)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [outlet]
    root.setLevel(level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    # It warns of every connection that broke, and whoever used it says so with the reason.
    logging.getLogger("psycopg.pool").setLevel(max(logging.ERROR, root.level))
    logging.captureWarnings(True)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module: `log = get_logger(__name__)`; say what happened as an event, the rest as fields."""
    return structlog.stdlib.get_logger(name)


@contextmanager
def bind_request_id(request_id: str) -> Generator[None]:
    """Every line that is logged inside, also by what it awaits or starts, carries this request id."""
    tokens = bind_contextvars(request_id=request_id)
    try:
        yield
    finally:
        reset_contextvars(**tokens)


def current_request_id() -> str | None:
    """The request id that is bound here, if any."""
    return get_contextvars().get("request_id")


def _shared() -> list[Processor]:
    return [
        merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]


def _rendering(form: LogFormat, out: TextIO) -> list[Processor]:
    if form == "json" or (form == "auto" and not out.isatty()):
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    plain_traceback = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=plain_traceback)]


def _without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {name: _masked(name, value) for name, value in event.items()}


def _masked(name: str, value: object) -> object:
    if is_secret_name(name):
        return MASK
    if isinstance(value, dict):
        nested = cast("dict[object, object]", value)
        return {key: _masked(str(key), inner) for key, inner in nested.items()}
    return value
