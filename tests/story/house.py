"""What people do with the product, over HTTP: they arrive, buy coins, go live and give."""

import asyncio
import secrets
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx

from tests.story.product import Product
from tests.waiting import until
from tests.web.api.conftest import Someone, a_wish, ask

Json = dict[str, Any]

_AT_ONCE = 16


class House:
    """A product with an operator in it, and a client that asks it."""

    def __init__(self, product: Product, client: httpx.AsyncClient, operator: Someone) -> None:
        self.product = product
        self.client = client
        self.operator = operator

    async def arrive(self, name: str, **different: object) -> Someone:
        """Sign somebody up, whose handle begins with the name."""
        answer = await ask(self.client, "POST /v1/sign-up", a_wish(f"{name}_{secrets.token_hex(4)}", **different))
        assert answer.status_code == 201, answer.text
        return Someone(self.client, answer.json())

    async def arrive_all(self, names: Iterable[str]) -> list[Someone]:
        """Many, several at a time."""
        turns = asyncio.Semaphore(_AT_ONCE)

        async def arrive(name: str) -> Someone:
            async with turns:
                return await self.arrive(name)

        return await asyncio.gather(*(arrive(name) for name in names))

    async def ask(self, someone: Someone, line: str, body: object = None) -> Json:
        """What is answered to a request that must go well."""
        answer = await someone.ask(line, body)
        assert answer.is_success, f"{line}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else {}

    async def refusal(self, someone: Someone, line: str, body: object = None) -> str:
        """The code of a request that must be refused, after a look at its problem details."""
        answer = await someone.ask(line, body)
        assert not answer.is_success, f"{line}: {answer.status_code} {answer.text}"
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["status"] == answer.status_code < 500
        assert {"type", "title", "detail"} <= problem.keys()
        return str(problem["code"])

    async def become_creator(self, someone: Someone) -> None:
        """They apply, and the operator verifies them."""
        await self.ask(someone, "POST /v1/creator/apply", {"about": "I sing."})
        await self.ask(self.operator, f"POST /v1/operator/creators/{someone.handle}/verify", {})

    async def go_live(self, creator: Someone) -> str:
        """The id of a new live."""
        live = await self.ask(creator, "POST /v1/lives", {"id": str(uuid4()), "title": "Songs by candlelight"})
        return str(live["id"])

    async def open_live(self, name: str) -> tuple[Someone, str]:
        """A new creator who may receive, and the id of their live."""
        creator = await self.arrive(name)
        await self.become_creator(creator)
        return creator, await self.go_live(creator)

    async def start_top_up(self, fan: Someone, pack: str) -> Json:
        """A purchase that isn't paid yet."""
        return await self.ask(fan, "POST /v1/top-ups", {"id": str(uuid4()), "pack": pack, "provider": "sandbox"})

    async def pay(self, top_up: Json, card: str) -> None:
        """Pay at the address that the purchase named."""
        paid = await self.client.post(f"{top_up['checkout_url']}/pay", json={"card": card})
        assert paid.status_code == 200, paid.text

    async def until_status(self, fan: Someone, top_up: Json, status: str) -> None:
        """Wait until the purchase stands like this."""

        async def stands() -> bool:
            return (await self.ask(fan, f"GET /v1/top-ups/{top_up['id']}"))["status"] == status

        await until(stands)

    async def buy(self, fan: Someone, pack: str = "pack_100") -> None:
        """Coins, paid for and in the wallet."""
        top_up = await self.start_top_up(fan, pack)
        await self.pay(top_up, "success")
        await self.until_status(fan, top_up, "settled")

    async def fans(self, count: int, pack: str = "pack_100") -> list[Someone]:
        """So many new fans, each with the coins of a pack."""
        fans = await self.arrive_all("fan" for _ in range(count))
        turns = asyncio.Semaphore(_AT_ONCE)

        async def buy(fan: Someone) -> None:
            async with turns:
                await self.buy(fan, pack)

        await asyncio.gather(*(buy(fan) for fan in fans))
        return fans

    async def coins_of(self, someone: Someone) -> int:
        """What is in the wallet."""
        return int((await self.ask(someone, "GET /v1/wallet"))["coins"])

    async def events_of(self, live: str) -> list[Json]:
        """Everything that happened in a live, page by page."""
        events: list[Json] = []
        while True:
            after = events[-1]["seq"] if events else 0
            answer = await self.client.get(f"/v1/lives/{live}/events", params={"after": after, "limit": 500})
            assert answer.status_code == 200, answer.text
            if not answer.json()["events"]:
                return events
            events += answer.json()["events"]

    async def gifts_of(self, live: str) -> list[Json]:
        """The gifts that the live was told of."""
        return [event for event in await self.events_of(live) if event["type"] == "gift_sent"]

    async def leaders_of(self, live: str, span: str = "live") -> dict[str | None, int]:
        """The leaderboard as coins by handle; None is everybody who gave anonymously."""
        answer = await self.client.get(f"/v1/lives/{live}/leaderboard", params={"span": span, "limit": 100})
        assert answer.status_code == 200, answer.text
        return {each["from"] and each["from"]["handle"]: each["coins"] for each in answer.json()["items"]}

    async def until_told(self, live: str, gifts: int) -> list[Json]:
        """Wait until the live was told of so many gifts, and give them."""

        async def told() -> bool:
            return len(await self.gifts_of(live)) >= gifts

        with suppress(TimeoutError):
            await until(told)
        found = await self.gifts_of(live)
        assert len(found) == gifts
        return found


def a_gift(live: str, gift: str = "rose", /, **different: object) -> Json:
    """A wish to give in a live, with an id of its own."""
    return {"id": str(uuid4()), "live_id": live, "gift": gift, **different}
