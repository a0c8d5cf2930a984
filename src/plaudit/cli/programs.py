"""The programs that make up a running Plaudit, each a child of this one: web server, gateways, worker."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import msgspec

from plaudit.foundation.addresses import bound, find_free_address
from plaudit.foundation.children import Program, kept_running
from plaudit.foundation.embedded import RunningServers
from plaudit.foundation.secret_key import find_secret_key
from plaudit.foundation.settings import Settings
from plaudit.web import WebServer, find_web_address, running_web_server

_GATEWAY = Program(name="gateway", module="plaudit.gateway")
_WORKER = Program(name="worker", module="plaudit.worker")


def with_urls(settings: Settings, servers: RunningServers) -> Settings:
    """The settings of programs that use these servers, whether they are embedded or somebody else's."""
    return msgspec.structs.replace(settings, database_url=servers.database_url, nats_url=servers.nats_url)


@asynccontextmanager
async def running_programs(settings: Settings) -> AsyncGenerator[WebServer]:
    """All of them, until the block ends; what happens to the web server is for the caller to watch.

    `settings` must hold both URLs. Raises AddressTaken and ProgramStopped.
    """
    address, port = find_free_address(
        settings.host,
        settings.gateway_port,
        program="gateway",
        settings="PLAUDIT_HOST or PLAUDIT_GATEWAY_PORT",
    )
    # Before anything starts, so that a taken port is all that there is to say.
    find_web_address(settings)
    told = msgspec.structs.replace(settings, gateway_port=port, secret_key=find_secret_key(settings))
    # Held, but not listened on: while a gateway is started again nobody else gets its port.
    with bound(address, port, shared=True):
        programs = [*([_GATEWAY] * settings.gateway_processes), _WORKER]
        async with kept_running(programs, told), running_web_server(told) as web:
            yield web
