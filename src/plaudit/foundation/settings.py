"""What an operator may choose: typed, documented, and read once, from the environment, one TOML file, and defaults."""

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from plaudit.foundation.errors import BadSetting
from plaudit.foundation.masks import MASK, mask_text
from plaudit.foundation.settings_meta import (
    api_url,
    is_secret,
    is_secret_as_a_whole,
    networks,
    one_of,
    origins,
    path,
    public_url,
    right_of,
    secret,
    text,
    url,
    whole,
)

PREFIX = "PLAUDIT_"
CONFIG_VARIABLE = "PLAUDIT_CONFIG"
DEFAULT_FILE = Path("plaudit.toml")

# Read by the test suite, not by the product; known here so that a test run doesn't trip over its own switches.
TEST_VARIABLES = frozenset({"PLAUDIT_PICTURES", "PLAUDIT_SOAK", "PLAUDIT_TEST_SEED"})


class Settings(Struct, frozen=True, kw_only=True):
    """Every setting, with its value. `plaudit settings` prints them; docs/settings.md is made from this class."""

    database_url: (
        Annotated[
            str,
            url(
                "postgresql",
                "postgres",
                example="postgresql://user:password@host:5432/plaudit",
                doc="The PostgreSQL (16 or newer) that keeps everything. "
                "When it is not set, Plaudit runs its own in `data_dir`.",
            ),
        ]
        | None
    ) = None
    nats_url: (
        Annotated[
            str,
            url(
                "nats",
                "tls",
                "ws",
                "wss",
                example="nats://user:password@host:4222",
                doc="The NATS server that carries events between programs; several with commas between them. "
                "When it is not set, Plaudit runs its own.",
            ),
        ]
        | None
    ) = None
    data_dir: Annotated[
        Path,
        path(
            "a path to a directory",
            "The directory of the embedded servers and of the key that signs. It survives restarts; back it up. "
            "A relative one counts from where the command runs.",
        ),
    ] = Path("plaudit-data")
    embedded_postgres_memory_mb: Annotated[
        int,
        whole(
            16,
            1_000_000,
            "Memory in MiB that the embedded PostgreSQL shares between its connections (`shared_buffers`); "
            "it never takes more than a quarter of the machine's.",
        ),
    ] = 1_024
    house_name: Annotated[str, text("a name", "Who sells the coins: the name on receipts, letters and pages.")] = (
        "Plaudit"
    )
    host: Annotated[
        str, text("an IP address or a host name of this machine", "The address that the web server listens on.")
    ] = "127.0.0.1"
    port: Annotated[int, whole(0, 65_535, "The TCP port that the web server listens on; 0 takes a free one.")] = 8000
    site_url: (
        Annotated[
            str,
            public_url(
                "http",
                "https",
                example="https://live.example.org",
                doc="Where people reach the pages: letters lead there. When it is not set, they lead to the web server "
                "itself if it listens on this machine only, and nowhere if it doesn't: what a request says about its "
                "host isn't believed.",
            ),
        ]
        | None
    ) = None
    trusted_proxies: (
        Annotated[
            str,
            networks(
                "The proxies before this server. Only what comes from them may say in `X-Forwarded-For` and "
                "`X-Forwarded-Proto` for whom they ask, and how they were asked."
            ),
        ]
        | None
    ) = None
    secret_key: (
        Annotated[
            str,
            secret(
                32,
                "What the tokens for watching a live are signed with, and the secrets of second factors sealed: with "
                "another key, whoever has a second factor can't sign in. When it is not set, a random one is made once "
                "and kept in `data_dir`; programs on several machines must have the same.",
            ),
        ]
        | None
    ) = None
    seal_key: Annotated[str, secret(32, "Seals bank details and tax forms; not set: the secret key.")] | None = None
    older_seal_keys: Annotated[str, secret(32, "Seal keys of before, with commas between them.")] | None = None
    wallet_url: Annotated[str, api_url("The API that pays to wallets, as PayPal's; not set: a sandbox.")] | None = None
    gateway_port: Annotated[
        int,
        whole(0, 65_535, "The TCP port that the gateway listens on, at the web server's `host`; 0 takes a free one."),
    ] = 8001
    gateway_url: (
        Annotated[
            str,
            public_url(
                "ws",
                "wss",
                example="wss://live.example.org",
                doc="Where viewers reach the gateway when that isn't where it listens, as behind a proxy. "
                "When it is not set, it is the web server's `host` and `gateway_port`.",
            ),
        ]
        | None
    ) = None
    gateway_processes: Annotated[
        int, whole(1, 256, "How many gateways run side by side on `gateway_port`: one a core is a good choice.")
    ] = 1
    gateway_connections_per_address: Annotated[
        int,
        whole(
            0,
            10_000_000,
            "Viewers that one gateway takes from one network address; 0 for any number. Behind a proxy all come from "
            "the proxy's address: limit them there, and set 0 here.",
        ),
    ] = 1_000
    allowed_origins: (
        Annotated[
            str,
            origins(
                "The pages that may watch a live in a browser. When it is not set, those whose host is the one that "
                "the gateway was asked for, whatever their port. Programs that aren't browsers send no origin, and "
                "need a token only."
            ),
        ]
        | None
    ) = None
    show_mailbox: Annotated[
        Literal["no", "yes"],
        one_of(
            "no",
            "yes",
            doc="Whether everyone may read the letters that Plaudit writes, at `/mailbox`. They hold the codes for new "
            "passwords: for a demo, and for nothing else.",
        ),
    ] = "no"
    ready_deadline_ms: Annotated[
        int,
        whole(
            10,
            60_000,
            "Milliseconds that `GET /ready` waits for the database and NATS before it says that they are missing.",
        ),
    ] = 2_000
    stop_deadline_ms: Annotated[
        int,
        whole(100, 600_000, "Milliseconds that requests in flight get to finish when the web server stops."),
    ] = 10_000
    session_rate: Annotated[
        int,
        whole(
            0,
            1_000_000,
            "Requests a second that one session may send to one program, as an average over ten seconds; "
            "0 for any number.",
        ),
    ] = 50
    address_rate: Annotated[
        int,
        whole(
            0,
            1_000_000,
            "The same for one network address, of requests without a session and of each session's first one in five "
            "seconds. Behind a proxy that isn't among the `trusted_proxies` all come from its address: set 0 here.",
        ),
    ] = 100
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        one_of("debug", "info", "warning", "error", doc="The least important kind of log line that is written."),
    ] = "info"
    log_format: Annotated[
        Literal["auto", "console", "json"],
        one_of(
            "auto",
            "console",
            "json",
            doc="How log lines look: coloured for people, or one JSON object a line for machines. "
            "`auto` is `console` on a terminal and `json` elsewhere.",
        ),
    ] = "auto"
    database_pool_size: Annotated[
        int, whole(1, 1_000, "Database connections that one program keeps open, the ledger's own not counted.")
    ] = 8
    statement_timeout_ms: Annotated[
        int, whole(1, 86_400_000, "Milliseconds after which the database gives up a statement.")
    ] = 15_000
    lock_timeout_ms: Annotated[
        int, whole(1, 86_400_000, "Milliseconds that a statement waits for another one's lock before it gives up.")
    ] = 5_000
    ledger_deadline_ms: Annotated[
        int,
        whole(
            10,
            600_000,
            "Milliseconds after which the ledger tells a caller `unavailable` or `unknown` instead of letting it wait.",
        ),
    ] = 5_000
    ledger_batch_limit: Annotated[int, whole(1, 100_000, "The most transfers that the ledger commits at once.")] = 1_000
    demo_pace_file: (
        Annotated[
            Path,
            path(
                "a path to a file",
                "Where `plaudit demo` keeps how much its crowd gives. The demo sets it by itself; operators can change "
                "that pace where it is set.",
            ),
        ]
        | None
    ) = None

    def __repr__(self) -> str:
        """The settings with their secrets masked, so that a log line or a traceback never holds one."""
        shown = ", ".join(f"{name}={masked(name, getattr(self, name))!r}" for name in setting_metas())
        return f"Settings({shown})"


class LoadedSettings(Struct, frozen=True, kw_only=True):
    """The settings, and for each one where its value came from, in words a person understands."""

    values: Settings
    origins: Mapping[str, str]


class _Source(Struct, frozen=True):
    """Raw values by setting, with the words that say where one of them came from and how it is named there."""

    values: Mapping[str, Any]
    origin: str
    shown_names: Mapping[str, str]
    strict: bool


@cache
def _setting_types() -> dict[str, Any]:
    """Each setting with its Annotated type; whether it may be left out is a matter of its default, not of its value."""
    hints = get_type_hints(Settings, include_extras=True)
    return {
        name: hint if get_origin(hint) is Annotated else get_args(hint)[0]
        for name, hint in ((name, hints[name]) for name in Settings.__struct_fields__)
    }


def setting_metas() -> dict[str, Meta]:
    """Each setting's name with its description, in the order of the class."""
    return {name: kind.__metadata__[0] for name, kind in _setting_types().items()}


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def masked(name: str, value: object) -> object:
    """The setting's value as it may be shown to anyone."""
    meta = setting_metas()[name]
    if not isinstance(value, str) or not is_secret(meta):
        return value
    return MASK if is_secret_as_a_whole(meta) else mask_text(value)


def load_settings(environ: Mapping[str, str], toml: Path | None = None) -> Settings:
    """The settings from the environment, the TOML file, and defaults; see `read_settings`."""
    return read_settings(environ, toml).values


def read_settings(environ: Mapping[str, str], toml: Path | None = None) -> LoadedSettings:
    """The settings and where each came from: environment first, then the TOML file, then the default.

    The file is `toml`, or what PLAUDIT_CONFIG names, or ./plaudit.toml when there is one. An environment variable
    that is empty counts as not set. Raises BadSetting, naming it, for anything unknown or ill-formed.
    """
    sources = [_from_environ(environ), *_from_files(environ, toml)]
    chosen: dict[str, Any] = {}
    origins = dict.fromkeys(setting_metas(), "default")
    for source in reversed(sources):
        for name, raw in source.values.items():
            chosen[name] = _typed(name, raw, source)
            origins[name] = source.origin
    return LoadedSettings(values=Settings(**chosen), origins=origins)


def as_environ(settings: Settings) -> dict[str, str]:
    """The environment variables that make another Plaudit program read exactly these settings."""
    return {variable_of(name): str(value) for name in setting_metas() if (value := getattr(settings, name)) is not None}


def own_environ(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without any of Plaudit's own variables, for a program that is started with `as_environ`."""
    return {name: value for name, value in (environ or os.environ).items() if not name.startswith(PREFIX)}


def _from_environ(environ: Mapping[str, str]) -> _Source:
    names = {variable_of(name): name for name in setting_metas()}
    ours = {variable for variable in environ if variable.startswith(PREFIX)} - TEST_VARIABLES - {CONFIG_VARIABLE}
    _refuse_unknown(ours - names.keys(), known=[*names, CONFIG_VARIABLE], where="")
    return _Source(
        values={names[variable]: environ[variable] for variable in sorted(ours) if environ[variable]},
        origin="environment",
        shown_names={name: variable for variable, name in names.items()},
        strict=False,
    )


def _from_files(environ: Mapping[str, str], toml: Path | None) -> list[_Source]:
    named = toml or (Path(environ[CONFIG_VARIABLE]) if environ.get(CONFIG_VARIABLE) else None)
    if named is None and not DEFAULT_FILE.exists():
        return []
    file = named or DEFAULT_FILE
    values = _parsed(file)
    _refuse_unknown(values.keys() - setting_metas().keys(), known=list(setting_metas()), where=f" in {file}")
    shown = {name: f"{name} in {file}" for name in setting_metas()}
    return [_Source(values=values, origin=str(file), shown_names=shown, strict=True)]


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as problem:
        raise BadSetting(
            f"The settings file {file} can't be read ({problem.strerror}); "
            f"{CONFIG_VARIABLE} must name a TOML file that this user may read."
        ) from problem
    except ValueError as problem:
        raise BadSetting(f"The settings file {file} is not valid TOML: {problem}.") from problem


def _refuse_unknown(unknown: set[str], *, known: list[str], where: str) -> None:
    if not unknown:
        return
    name = min(unknown)
    # The prefix is left out of it: with it everything would look alike.
    by_words = {_words_of(each): each for each in known}
    near = get_close_matches(_words_of(name), by_words, n=1, cutoff=0.5)
    hint = f"; did you mean {by_words[near[0]]}?" if near else "."
    raise BadSetting(f"There is no setting {name}{where}{hint} `plaudit settings --markdown` lists them all.")


def _words_of(name: str) -> str:
    return name.lower().removeprefix(PREFIX.lower())


def _typed(name: str, raw: object, source: _Source) -> object:
    try:
        return msgspec.convert(raw, _setting_types()[name], strict=source.strict, dec_hook=_path_from)
    except (msgspec.ValidationError, ValueError) as problem:
        meta = setting_metas()[name]
        shown = "ill-formed" if is_secret(meta) else f"{raw!r}"
        raise BadSetting(f"{source.shown_names[name]} is {shown}: it must be {right_of(meta)}.") from problem


def _path_from(kind: type, raw: object) -> Path:
    if kind is not Path or not isinstance(raw, str) or not raw:
        raise ValueError("not a path")
    return Path(raw).expanduser()
