"""Where viewers reach the gateway."""

from typing import Any

from litestar.connection import ASGIConnection
from msgspec import Struct


class GatewayPlace(Struct, frozen=True):
    """The setting `gateway_url`, or else the port that the gateway has on the host that this server is reached at."""

    url: str | None
    port: int

    def seen_from(self, connection: ASGIConnection[Any, Any, Any, Any]) -> str:
        """The gateway's address for whoever asked here; without a slash at its end.

        Whoever reached this server by a name or an address reaches the gateway, its neighbour, by the same.
        """
        if self.url is not None:
            return self.url.rstrip("/")
        host = connection.base_url.hostname or "localhost"
        return f"ws://{f'[{host}]' if ':' in host else host}:{self.port}"
