"""`plaudit bench http`: gifts a second through the API, beside a light question and a bare answer."""

from collections import Counter
from collections.abc import Callable, Sequence
from uuid import UUID

from msgspec import Struct, field

from plaudit.bench.agreement import Agreement, compare, feeds_of
from plaudit.bench.load import Call, LoadFound, LoadPlan
from plaudit.bench.measuring import Figure
from plaudit.bench.piping import partner
from plaudit.bench.requests import get
from plaudit.bench.stage import Size, Stage, open_stage
from plaudit.foundation.settings import Settings

_FANS, _CREATORS = 256, 4
# More than a fan can give away: as if 15,000 gifts a second were shared by 64 fans and then by 256.
_GIFTS_PER_SECOND_AND_FAN = 400

Say = Callable[[str], None]


class HttpFound(Struct, kw_only=True):
    """Each figure by name, and of each what the generator of load used of one core and what each part of the product
    used for one request.

    `generator_ceiling` is what the generator reaches against a server that does nothing but answer.
    """

    figures: dict[str, Figure] = field(default_factory=dict[str, Figure])
    generator_ceiling: Figure | None = None
    generator_cpu_share: dict[str, float] = field(default_factory=dict[str, float])
    cpu_us_per_request: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])
    refused: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])
    agreement: Agreement | None = None

    @property
    def gifts_per_static(self) -> float:
        """Gifts for each bare static answer, both with 256 connections."""
        return round(self.figures["gifts_256"].per_s / self.figures["static_256"].per_s, 3)

    @property
    def problems(self) -> list[str]:
        """What must not happen, in words."""
        refused = [
            f"{name}: {count:,} answers of {status}"
            for name, counts in self.refused.items()
            for status, count in counts.items()
        ]
        return refused + (self.agreement.problems if self.agreement else [])


async def bench_http(settings: Settings, seconds: float, say: Say) -> HttpFound:
    """Measure the product as it is served, in a directory of its own beside the data directory's content."""
    say("measuring the generator of load by itself")
    found = HttpFound(generator_ceiling=await _ceiling(seconds))
    say("starting the product; fans sign up and buy coins")
    coins = 200 + int(seconds * _GIFTS_PER_SECOND_AND_FAN)
    async with open_stage(settings, Size(fans=_FANS, coins=coins, creators=_CREATORS)) as stage:
        await _Run(stage, seconds, say, found).measure_all()
    return found


class _Run:
    def __init__(self, stage: Stage, seconds: float, say: Say, found: HttpFound) -> None:
        self._stage = stage
        self._seconds = seconds
        self._say = say
        self._found = found
        self._answered: Counter[UUID] = Counter()

    async def measure_all(self) -> None:
        stage = self._stage
        await self._measure("static_256", [get("/health")] * 256)
        await self._measure("me_256", [get("/v1/me", token=fan.token) for fan in stage.fans])
        feeds_before = await feeds_of(stage)
        await self._measure_gifts("gifts_64", 64)
        await self._measure_gifts("gifts_256", 256)
        await self._measure_gifts("gifts_half_rate", 256, per_s=self._found.figures["gifts_256"].per_s / 2)
        self._say("comparing answers, wallets, ledger and feeds")
        self._found.agreement = await compare(stage, self._answered, feeds_before)

    async def _measure_gifts(self, name: str, connections: int, *, per_s: float | None = None) -> None:
        load = await self._measure(name, self._stage.gift_calls(connections), per_s=per_s)
        for fan, good in zip(self._stage.fans, load.good, strict=False):
            self._answered[fan.id] += good

    async def _measure(self, name: str, calls: Sequence[Call], *, per_s: float | None = None) -> LoadFound:
        self._say(f"{name}: {len(calls)} connections")
        before = self._stage.product.spent()
        load = await run_load(self._stage.product.address, calls, self._seconds, per_s=per_s)
        cpu = self._stage.product.spent().cpu_since(before)
        answers = sum(load.statuses.values())
        self._found.figures[name] = load.figure
        self._found.generator_cpu_share[name] = load.cpu_share
        self._found.cpu_us_per_request[name] = {part: round(each * 1e6 / answers, 1) for part, each in cpu.items()}
        refused = {status: count for status, count in load.statuses.items() if not 200 <= status < 300}
        if refused:
            self._found.refused[name] = refused
        return load


async def run_load(
    address: tuple[str, int], calls: Sequence[Call], seconds: float, *, per_s: float | None = None
) -> LoadFound:
    """Let a generator of load work at this address, after a tenth of the time to warm up."""
    host, port = address
    plan = LoadPlan(host=host, port=port, calls=list(calls), seconds=seconds, warm_up_seconds=seconds / 10, per_s=per_s)
    async with partner("plaudit.bench.load") as load:
        await load.tell(plan)
        return await load.hear(LoadFound)


async def _ceiling(seconds: float) -> Figure:
    async with partner("plaudit.bench.responder") as responder:
        address = ("127.0.0.1", await responder.hear(int))
        return (await run_load(address, [get("/health")] * 256, min(seconds, 2.0))).figure
