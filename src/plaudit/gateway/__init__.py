"""WebSockets: what happens in a live, to everyone who watches it. A program of its own, or several a machine."""

from plaudit.gateway.gateway import Gateway, running_gateway

__all__ = ["Gateway", "running_gateway"]
