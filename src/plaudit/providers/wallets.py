"""Which wallet provider payouts go to: the one of the settings, or the sandbox."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import unquote, urlsplit

import httpx

from plaudit.foundation.clock import Clock
from plaudit.foundation.database import Database
from plaudit.foundation.settings import Settings
from plaudit.providers.sandbox_wallet import SandboxTransport, WalletSandbox
from plaudit.providers.wallet import Wallet, WalletKeys

# A batch of 15,000 items takes the provider some seconds; whoever gives up earlier only asks again.
_TIMEOUT_SECONDS = 30.0


@asynccontextmanager
async def open_wallet(settings: Settings, db: Database, clock: Clock) -> AsyncGenerator[Wallet]:
    """The wallet rail for as long as the block runs. Nothing is asked of anybody before it is used."""
    if settings.wallet_url is None:
        sandbox = WalletSandbox(db)
        client = httpx.AsyncClient(transport=SandboxTransport(sandbox, clock), base_url="http://sandbox")
        async with client:
            yield Wallet(client, sandbox.keys, house_name=settings.house_name)
        return
    parts = urlsplit(settings.wallet_url)
    keys = WalletKeys(unquote(parts.username or ""), unquote(parts.password or ""))
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    async def find_keys() -> WalletKeys:
        return keys

    async with httpx.AsyncClient(base_url=address, timeout=_TIMEOUT_SECONDS) as client:
        yield Wallet(client, find_keys, house_name=settings.house_name)
