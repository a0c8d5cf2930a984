"""What `OPTIONS` answers: every method that a path takes."""

from litestar.datastructures import MutableScopeHeaders
from litestar.routes import HTTPRoute
from litestar.types import Message, Scope


async def announce_methods(message: Message, scope: Scope) -> None:
    """Name all methods of the path in the Allow header.

    The framework's own answer names those that the path had before its last route was added.
    """
    if message["type"] != "http.response.start" or scope["type"] != "http" or scope["method"] != "OPTIONS":
        return
    template = scope.get("path_template")
    methods = {
        method
        for route in scope["litestar_app"].routes
        if isinstance(route, HTTPRoute) and route.path_format == template
        for method in route.methods
    }
    if methods:
        MutableScopeHeaders.from_message(message)["allow"] = ", ".join(sorted(methods))
