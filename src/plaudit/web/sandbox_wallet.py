"""The sandbox's wallet provider on the network: whatever speaks the API of PayPal's Payouts can ask it here."""

import asyncio
from contextlib import suppress

from litestar import HttpMethod, Request, Response, route
from litestar.datastructures import State
from litestar.params import FromPath

from plaudit.providers.sandbox_wallet import Asked, WalletSandbox
from plaudit.web.api.desk import desk_of

# A batch of 15,000 items.
_MOST_BYTES = 16 * 1024 * 1024
# A provider that is silent holds the line this long, unless whoever asked hangs up.
_SILENCE_SECONDS = 30.0


@route(
    "/sandbox/payouts/{path:path}",
    http_method=[HttpMethod.GET, HttpMethod.POST],
    status_code=200,
    include_in_schema=False,
    request_max_body_size=_MOST_BYTES,
)
async def answer(path: FromPath[str], request: Request[None, None, State], state: State) -> Response[bytes]:
    """What the API answers; whoever has no token, or not the keys for one, is refused as it refuses them."""
    asked = Asked(
        method=request.method,
        path=path,
        headers={name.lower(): value for name, value in request.headers.items()},
        query={name: str(value) for name, value in request.query_params.items()},
        body=await request.body(),
    )
    sandbox: WalletSandbox = state.wallet_sandbox
    told = await sandbox.answer(asked, now=desk_of(state).now)
    if told is None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_SILENCE_SECONDS):
                await _hang_up(request)
        return Response(b"", status_code=504)
    return Response(told.content, status_code=told.status, media_type="application/json")


async def _hang_up(request: Request[None, None, State]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
