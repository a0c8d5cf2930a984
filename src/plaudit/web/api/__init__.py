"""The JSON API under /v1: handlers that decode, act and encode; guards and shapes around them."""

from plaudit.web.api.desk import Desk
from plaudit.web.api.routes import api_router, make_openapi
from plaudit.web.api.throttle import announce_budget

__all__ = ["Desk", "announce_budget", "api_router", "make_openapi"]
