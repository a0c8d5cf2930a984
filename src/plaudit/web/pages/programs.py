"""Which browser on which machine a session is of, as far as its User-Agent tells."""

# In this order: most browsers also name those that they want to be taken for.
_BROWSERS = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_MACHINES = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
_SHOWN_LETTERS = 40


def program_name(user_agent: str) -> str:
    """As "Firefox · Linux"; the beginning of the User-Agent where that isn't a browser's."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), None)
    machine = next((name for mark, name in _MACHINES.items() if mark in user_agent), None)
    return " · ".join(filter(None, (browser, machine))) if browser else user_agent[:_SHOWN_LETTERS] or "?"
