"""The settings as pages for people: the reference in docs/settings.md."""

from msgspec import Meta

from plaudit.foundation.settings import CONFIG_VARIABLE, Settings, setting_metas, variable_of
from plaudit.foundation.settings_meta import is_secret, is_secret_as_a_whole, right_of

_INTRODUCTION = f"""\
# Settings

Each setting is read from its environment variable, else from the TOML file, else it has its default. The file is the
one that `{CONFIG_VARIABLE}` names, or `plaudit.toml` in the directory where the command runs, when there is one; its
keys are the settings' names, on its top level. An environment variable that is empty counts as not set.

Anything that starts with `PLAUDIT_` and isn't listed here, any unknown key in the file, and any value that isn't right
stops the start with its name. `plaudit settings` prints what is in force and where it came from.

```toml
# plaudit.toml
port = 9000
log_format = "json"
```

This page is made by `plaudit settings --markdown > docs/settings.md`.
"""


def settings_page() -> str:
    """docs/settings.md, in Markdown, with a newline at its end."""
    defaults = Settings()
    return "\n".join([_INTRODUCTION, *(_section(name, getattr(defaults, name)) for name in setting_metas())])


def _section(name: str, default: object) -> str:
    meta = setting_metas()[name]
    right = right_of(meta)
    lines = [
        f"## {name}",
        "",
        meta.description or "",
        "",
        f"* environment: `{variable_of(name)}`",
        f"* {right[0].upper()}{right[1:]}." + _masking(meta),
        f"* default: {'not set' if default is None else f'`{default}`'}",
        "",
    ]
    return "\n".join(lines)


def _masking(meta: Meta) -> str:
    if is_secret_as_a_whole(meta):
        return " It is masked when it is shown."
    return " Its password is masked when it is shown." if is_secret(meta) else ""
