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


def right_of(meta: Meta) -> str:
    """What would be a right value, to be read after "it must be"."""
    return str(_extra(meta)["right"])


def is_secret(meta: Meta) -> bool:
    """Whether the value may hold a secret and is never shown as it is."""
    return bool(_extra(meta).get("secret", False))


def _extra(meta: Meta) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", meta.extra or {})
