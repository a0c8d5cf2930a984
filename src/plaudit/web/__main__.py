"""The web server's own program: granian, and in it the app. Started by `running_web_server`, never by hand."""

import math
import multiprocessing
import os
import sys
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from plaudit.foundation.lifeline import end_with
from plaudit.foundation.logs import configure_logs
from plaudit.foundation.settings import load_settings
from plaudit.web.app import load_app

# granian writes its own lines to stdout; through Python's root logger they come out with ours, in our form.
_GRANIAN_LOGS: dict[str, Any] = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


def main() -> None:
    """Serve until SIGTERM, or until the program that started this one is gone."""
    settings = load_settings(os.environ)
    configure_logs(level=settings.log_level, form=settings.log_format)
    stop_seconds = math.ceil(settings.stop_deadline_ms / 1000)
    end_with(sys.stdin.fileno(), last_resort_seconds=stop_seconds + 1)
    # A fork would copy the thread that watches the lifeline, and whatever lock another thread holds just then.
    multiprocessing.set_start_method("spawn")
    Server(
        "plaudit.web.app:load_app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=1,
        # A worker that crashes is started again; one that crashes at once ends the program, and `serve` says so.
        respawn_failed_workers=True,
        workers_kill_timeout=stop_seconds,
        log_level=LogLevels.warning,
        log_dictconfig=_GRANIAN_LOGS,
    ).serve(target_loader=load_app, wrap_loader=False)


if __name__ == "__main__":
    main()
