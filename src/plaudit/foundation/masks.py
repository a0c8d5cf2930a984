"""What must not be read by everyone who sees a log or a screen, blotted out."""

import re

MASK = "***"

# Greedy up to the last "@", since a password that was pasted unescaped may hold "@", "/" or ":" itself; one URL of a
# comma-separated list at a time. NATS takes a token as the whole user part, so there a lone user is a secret as well.
_ONE_URL = r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)"
_REST = r"(?:(?!,[a-z][a-z0-9+.-]*://)[^\s\"'<>])"
_PASSWORD = re.compile(rf"{_ONE_URL}(?P<user>[^\s:/@\"'<>]*):{_REST}*@", re.IGNORECASE)
_TOKEN = re.compile(r"(?P<scheme>\b(?:nats|tls|wss?)://)[^\s:/@\"'<>]+@", re.IGNORECASE)
_PARAMETER = re.compile(r"(?P<name>\b\w*(?:password|passwd|secret|token)=)[^\s&\"'<>]+", re.IGNORECASE)

_SECRET_WORDS = ("password", "passwd", "secret", "token", "authorization", "cookie", "api_key", "private_key")


def mask_text(text: str) -> str:
    """`text` with the passwords and tokens of the URLs in it blotted out."""
    text = _PASSWORD.sub(rf"\g<scheme>\g<user>:{MASK}@", text)
    text = _TOKEN.sub(rf"\g<scheme>{MASK}@", text)
    return _PARAMETER.sub(rf"\g<name>{MASK}", text)


def is_secret_name(name: str) -> bool:
    """Whether what goes by this name (of a field, a header, a parameter) is a secret as a whole."""
    plain = name.lower().replace("-", "_")
    return any(word in plain for word in _SECRET_WORDS)
