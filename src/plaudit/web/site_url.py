"""Where people reach the pages, for what they read elsewhere."""

from ipaddress import ip_address

from plaudit.foundation.addresses import url_of
from plaudit.foundation.settings import Settings


def find_site_url(settings: Settings) -> str | None:
    """The setting, or else the address of a server that only this machine reaches; without a slash at its end.

    Never what a request names as its host: whoever asks for a letter to somebody else could name theirs.
    """
    if settings.site_url is not None:
        return settings.site_url.rstrip("/")
    if not settings.port or not _is_loopback(settings.host):
        return None
    return url_of("http", settings.host, settings.port)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
