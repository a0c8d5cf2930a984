"""All HTTP, and the only place that knows the framework.

The web server is a program of its own; `running_web_server` starts it and stops it.
"""

from plaudit.web.launching import WebServer, find_web_address, running_web_server

__all__ = ["WebServer", "find_web_address", "running_web_server"]
