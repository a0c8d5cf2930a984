"""PostgreSQL and NATS as children of ours, for whoever has none: `running_servers` is all that most callers need."""

from plaudit.foundation.embedded.child import ChildHealth
from plaudit.foundation.embedded.identity import Way
from plaudit.foundation.embedded.nats import EmbeddedNats
from plaudit.foundation.embedded.postgres import EmbeddedPostgres
from plaudit.foundation.embedded.servers import RunningServers, ServerSettings, running_servers

__all__ = [
    "ChildHealth",
    "EmbeddedNats",
    "EmbeddedPostgres",
    "RunningServers",
    "ServerSettings",
    "Way",
    "running_servers",
]
