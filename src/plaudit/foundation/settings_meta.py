"""How a setting's field is described: what it is for, what is right for it, and whether it must be masked."""

from collections.abc import Mapping
from typing import Any, cast

from msgspec import Meta


def whole(low: int, high: int, doc: str) -> Meta:
    """A whole number from `low` to `high`, both included."""
    return Meta(ge=low, le=high, description=doc, extra={"right": f"a whole number from {low} to {high}"})


def one_of(*choices: str, doc: str) -> Meta:
    """One of a few words; the field's type is the Literal of the same words."""
    return Meta(description=doc, extra={"right": f"one of {', '.join(choices)}"})


def text(right: str, doc: str) -> Meta:
    """Any text that isn't empty; `right` says what it must be."""
    return Meta(min_length=1, description=doc, extra={"right": right})


def path(right: str, doc: str) -> Meta:
    """A path; `right` says to what."""
    return Meta(description=doc, extra={"right": right})


def url(*schemes: str, example: str, doc: str) -> Meta:
    """A URL with one of these schemes. It may hold a password, so it is masked wherever it is shown."""
    starts = "|".join(schemes)
    extra = {"right": f"a URL such as {example}", "secret": True}
    return Meta(pattern=rf"^({starts})://[^/\s]*\S*$", description=doc, extra=extra)


def api_url(doc: str) -> Meta:
    """The URL of an API, with the client id and the secret that it is asked with; both are masked."""
    extra = {"right": "a URL such as https://client-id:secret@api.example.org", "secret": True}
    return Meta(pattern=r"^https?://[^/@:\s]+:[^/@\s]+@[^/@\s]+(/\S*)?$", description=doc, extra=extra)


def public_url(*schemes: str, example: str, doc: str) -> Meta:
    """A URL with one of these schemes that everyone may see."""
    pattern = rf"^({'|'.join(schemes)})://[^/\s@]+(/\S*)?$"
    return Meta(pattern=pattern, description=doc, extra={"right": f"a URL such as {example}"})


def origins(doc: str) -> Meta:
    """Origins of pages, with commas between them, or a star for all of them."""
    one = r"https?://[^\s,/@]+"
    right = "a star, or origins such as https://example.org with commas between them"
    return Meta(pattern=rf"^(\*|{one}(,{one})*)$", description=doc, extra={"right": right})


def networks(doc: str) -> Meta:
    """Networks of IP addresses with commas between them, each in CIDR notation or a single address."""
    octet = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
    one = rf"({octet}(\.{octet}){{3}}(/(3[0-2]|[12]?\d))?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*(/(12[0-8]|1[01]\d|[1-9]?\d))?)"
    right = "IP addresses or networks such as 10.0.0.0/8 with commas between them"
    return Meta(pattern=rf"^{one}(,{one})*$", description=doc, extra={"right": right})


def secret(least: int, doc: str) -> Meta:
    """A secret as a whole, of at least so many characters."""
    extra = {"right": f"a text of at least {least} characters", "secret": True, "whole": True}
    return Meta(min_length=least, description=doc, extra=extra)


def right_of(meta: Meta) -> str:
    """What would be a right value, to be read after "it must be"."""
    return str(_extra(meta)["right"])


def is_secret(meta: Meta) -> bool:
    """Whether the value may hold a secret and is never shown as it is."""
    return bool(_extra(meta).get("secret", False))


def is_secret_as_a_whole(meta: Meta) -> bool:
    """Whether there is nothing in it that may be shown, as there is in a URL around its password."""
    return bool(_extra(meta).get("whole", False))


def _extra(meta: Meta) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", meta.extra or {})
