"""What happens in the half-year: everything that people, providers, banks, operators and the worker do."""

import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid5

from plaudit.audit import seals
from plaudit.coins import Buyer, TopUp, Wish, inbox, promotions, top_ups
from plaudit.coins import jobs as coin_jobs
from plaudit.coins.chains import fan_account
from plaudit.earnings import reserves, settlement, statements
from plaudit.earnings.reserves import ReserveWish
from plaudit.foundation.errors import PlauditError
from plaudit.gifts import Sender, sending
from plaudit.gifts import Wish as GiftWish
from plaudit.ledger.model import ZERO
from plaudit.payouts import Asked, PayoutWish, Rail, State, bank_files, batches, dispatching, operating, requests, steps
from plaudit.payouts.bank_files import UploadWish
from plaudit.payouts.batch_model import BatchState, BatchWish, Item
from plaudit.providers import Card, DisputeState
from plaudit.providers.payouts import ItemState
from plaudit.providers.sandbox import SandboxSettings
from plaudit.providers.sandbox_rules import CannotDispute, RefundAnswer
from plaudit.reversals import jobs as reversal_jobs
from plaudit.reversals import refunds
from tests.earnings.conftest import a_rate, set_rate
from tests.simulation import rarely
from tests.simulation.bank import word_of_bank
from tests.simulation.populace import Fan
from tests.simulation.rarely import Happening
from tests.simulation.town import Town

_GIFTS = {"rose": 1, "applause": 9, "doughnut": 30, "confetti": 100, "corgi": 299, "galaxy": 1_000, "whale": 2_150}
_CARDS = (*[Card.SUCCESS] * 14, Card.DECLINED, Card.CONFIRM, Card.PENDING, Card.PENDING, Card.TIMEOUT)
_DAYS = 182
# What the sandbox says when it is told to be away.
_AWAY = frozenset(("unavailable", "outcome_unknown"))


class Life:
    """One half-year, event by event. What a crash interrupted is asked for again, with the same ids.

    Every event has a source of chance of its own, made of the seed and its number, so that what one of them draws
    moves no other.
    """

    def __init__(self, town: Town, seed: int, steps: int) -> None:
        self.town = town
        self.rng = rng = random.Random(f"{seed}")
        self._seed = seed
        self.refusals: dict[str, int] = {}
        self._ids = UUID(int=rng.getrandbits(128))
        self._numbers = 0
        self._day = timedelta(days=_DAYS) / steps
        self._bought: list[TopUp] = []
        self._buyers: list[Fan] = []
        self._again: list[Happening] = []
        # As everywhere, few people give most of it, and few receive it.
        self._regulars = rng.sample(town.populace.fans, 15)
        self._stars = rng.sample(town.populace.payees, 4)

    async def live(self, steps: int) -> None:
        """All of it, in random order, with faults."""
        weighted: Mapping[Callable[[], Happening], int] = {
            self.buy: 14, self.give: 34, self.refund: 3, self.dispute: 2, self.decide: 2, self.grant: 1,
            self.ask_for_money: 9, self.approve: 4, self.cancel: 2, self.make_batch: 4, self.bank_answers: 5,
            self.hold_back: 1, self.change_rate: 1, self.sandbox_changes: 1, self.statement: 1, self.hear: 10,
            self.go_round: 16, self.pass_time: 12,
            lambda: rarely.let_wait(self.town, self.rng): 1, lambda: rarely.send_back(self.town, self.rng): 1,
            lambda: rarely.move(self.town, self.rng, self._stars): 1,
            lambda: rarely.change_policy(self.town, self.rng): 1, lambda: rarely.promise(self.town, self.rng): 1,
        }  # fmt: skip
        for number, decide in enumerate(self.rng.choices(list(weighted), list(weighted.values()), k=steps)):
            self.rng = random.Random(f"{self._seed} {number}")
            self._again.append(decide())
            doing = self._again.pop(self.rng.randrange(len(self._again)))
            await self._try(doing, random.Random(f"{self._seed} {number} fate"))

    async def _try(self, doing: Happening, fate: random.Random) -> None:
        """Let it happen; whoever doesn't know what came of it asks again, maybe later, most of the time."""
        if not await self.town.fate.survive(self._refusable(doing), fate):
            self.town.restart()
            if self.rng.random() < 0.8:
                self._again.append(doing)

    async def _refusable(self, doing: Happening) -> None:
        try:
            await doing()
        except PlauditError as problem:
            if problem.status >= 500 and problem.code not in _AWAY:
                raise
            self.refusals[problem.code] = self.refusals.get(problem.code, 0) + 1

    def _id(self) -> UUID:
        self._numbers += 1
        return uuid5(self._ids, str(self._numbers))

    # Fans.

    def buy(self) -> Happening:
        rng, town = self.rng, self.town
        fan = rng.choice(self._regulars if rng.random() < 0.8 else town.populace.fans)
        coins = rng.randrange(30, 400) if rng.random() < 0.3 else None
        pack = None if coins else f"pack_{rng.choice((100, 600, 1350, 3900, 12500))}"
        wish = Wish(id=self._id(), provider="sandbox", pack=pack, coins=coins)
        buyer = Buyer(person_id=fan.id, region=fan.region, currency=fan.currency)
        card, is_confirmed = rng.choice(_CARDS), rng.random() < 0.7

        async def doing() -> None:
            top_up = await top_ups.start_top_up(town.till, wish, buyer, now=town.now)
            checkout = UUID(top_up.checkout_id or "")
            self._bought.append(top_up)
            self._buyers.append(fan)
            await town.sandbox.pay(checkout, card, now=town.now)
            if card is Card.CONFIRM:
                await town.sandbox.confirm(checkout, approved=is_confirmed, now=town.now)

        return doing

    def give(self) -> Happening:
        if not self._buyers:
            return _nothing
        town, fan = self.town, self.rng.choice(self._buyers)
        id, daring, often = self._id(), self.rng.random(), self.rng.choice((1, 1, 1, 3, 10))
        sender = Sender(
            person_id=fan.id, handle="fan", name="Fan", picture_url=None, region=fan.region, currency=fan.currency
        )
        times, star = self.rng.choice((1, 1, 2)), self.rng.choice(self._stars).creator.id
        creator = star if self.rng.random() < 0.7 else self.rng.choice(town.populace.creators)
        wishes: list[GiftWish] = []

        async def doing() -> None:
            if not wishes:
                coins = await self._coins_of(fan)
                within = [gift for gift, price in _GIFTS.items() if price * often <= coins] or ["rose"]
                # Mostly the dearest that they can pay, sometimes more than that.
                gift = "whale" if daring > 0.95 else within[-1 - int(daring * 3) % len(within)]
                wishes.append(GiftWish(id=id, gift=gift, quantity=often))
            for _ in range(times):
                await sending.send_gift(town.gifting, wishes[0], sender, creator_id=creator, live_id=None, now=town.now)

        return doing

    async def _coins_of(self, fan: Fan) -> int:
        account = fan_account(fan.id)
        return (await self.town.ledger.balances([account])).get(account, ZERO).spendable

    def refund(self) -> Happening:
        if not self._bought:
            return _nothing
        town, id, top_up = self.town, self._id(), self.rng.choice(self._bought[-30:])
        return lambda: refunds.start_refund(town.reversing, id, top_up.id, of=top_up.person_id, now=town.now)

    def dispute(self) -> Happening:
        if not self._bought:
            return _nothing
        town, top_up = self.town, self.rng.choice(self._bought)
        total = top_up.total.minor
        amount = self.rng.choice((None, None, max(1, total // 3), max(1, total - 1), total + 500))

        async def doing() -> None:
            with suppress(CannotDispute):
                checkout = UUID(top_up.checkout_id or "")
                opened = await town.sandbox.open_dispute(
                    checkout, amount_minor=amount, reason="fraudulent", now=town.now
                )
                town.disputes.append(opened.id)

        return doing

    def decide(self) -> Happening:
        town, outcome = self.town, self.rng.choice((DisputeState.WON, DisputeState.LOST, DisputeState.LOST))

        async def doing() -> None:
            if town.disputes:
                await town.sandbox.close_dispute(town.disputes.pop(0), outcome, now=town.now)

        return doing

    # Creators.

    def ask_for_money(self) -> Happening:
        town, payee = self.town, self.rng.choice(self._stars)
        id, some = self._id(), self.rng.choice((None, None, None, 1_500, 10_000))

        async def doing() -> None:
            available = await requests.list_available(town.pay, payee.creator.id)
            if available:
                currency = max(sorted(available), key=lambda code: available[code])
                wish = PayoutWish(
                    id=id,
                    person_id=payee.creator.id,
                    method_id=payee.method.id,
                    asked=Asked(currency=currency, amount_minor=some),
                    code=payee.creator.code(),
                )
                await requests.request_payout(town.pay, wish, now=town.now)

        return doing

    def cancel(self) -> Happening:
        async def doing() -> None:
            waiting = [*await self._payouts(State.REQUESTED), *await self._payouts(State.APPROVED)]
            for id, person in waiting[-1:]:
                await requests.cancel_payout(self.town.pay, id, of=person, now=self.town.now)

        return doing

    def statement(self) -> Happening:
        town, creator, days = self.town, self.rng.choice(self.town.populace.creators), self.rng.choice((0, 31, 62))

        async def doing() -> None:
            month = f"{town.now - timedelta(days=days):%Y-%m}"
            await statements.get_statement(town.db, town.ledger, creator, month, now=town.now)

        return doing

    # Operators.

    def approve(self) -> Happening:
        operators = self.rng.sample(self.town.populace.operators, 2)

        async def doing() -> None:
            for id, _ in await self._payouts(State.REQUESTED):
                for operator in operators:
                    with suppress(PlauditError):
                        await operating.approve_payout(self.town.pay, operator, id, now=self.town.now)

        return doing

    def make_batch(self, rail: Rail | None = None) -> Happening:
        town, operator = self.town, self.town.populace.operators[0]
        rail = rail or self.rng.choice(list(Rail))
        wish = BatchWish(id=self._id(), rail=rail, currency="EUR" if rail is Rail.SEPA else "USD")

        async def doing() -> None:
            made = await batches.make_batch(town.dispatch, wish, house_name="Plaudit", by=operator, now=town.now)
            if rail is not Rail.WALLET:
                await batches.fetch_file(town.dispatch, made.batch.id, operator, now=town.now)
                await batches.mark_sent(town.dispatch, made.batch.id, operator, now=town.now)

        return doing

    def hold_back(self) -> Happening:
        town, creator = self.town, self.rng.choice(self._stars).creator.id
        id, part, days = self._id(), self.rng.random(), self.rng.randrange(1, 40)

        async def doing() -> None:
            available = await requests.list_available(town.pay, creator)
            for currency, micros in sorted(available.items())[:1]:
                wish = ReserveWish(
                    id=id,
                    creator_id=creator,
                    currency=currency,
                    micros=max(1, int(part * micros)),
                    reason="A look at the payments.",
                    until=town.now + timedelta(days=days),
                )
                await reserves.hold_back(town.books, town.populace.operators[0], wish, now=town.now)

        return doing

    def grant(self) -> Happening:
        town, number = self.town, self.rng.randrange(len(self.town.populace.fans))
        coins = self.rng.randrange(1, 300)
        wish = promotions.GrantWish(id=self._id(), handle=f"p_{number + 1}", coins=coins, reason="Welcome.")
        self._buyers.append(town.populace.fans[number])
        return lambda: promotions.grant(town.till, town.populace.operators[0], wish, now=town.now)

    def change_rate(self) -> Happening:
        town, days, instant = self.town, self.rng.randrange(3, 20), self.rng.randrange(10**6)
        bps, fixed = self.rng.randrange(1_000, 9_000), self.rng.randrange(10, 200)
        share = None if self.rng.random() < 0.2 else bps

        async def doing() -> None:
            later = town.now + timedelta(days=days, microseconds=instant)
            rate = a_rate(share, valid_from=later) if share else a_rate(fixed=fixed, valid_from=later)
            await set_rate(town.plain, rate)

        return doing

    # The outside world.

    def sandbox_changes(self) -> Happening:
        settings = SandboxSettings(
            copies=self.rng.choice((0, 1, 1, 2, 3)),
            delay_seconds=self.rng.choice((0, 0, 5, 4_000)),
            newest_first=self.rng.random() < 0.5,
            settle_seconds=self.rng.choice((5, 90_000)),
            refunds=self.rng.choice(list(RefundAnswer)),
        )
        return lambda: self.town.sandbox.change_settings(settings)

    def hear(self) -> Happening:
        """Webhooks arrive: some twice, some not now."""
        town = self.town

        async def post(body: bytes, headers: Mapping[str, str]) -> bool:
            await inbox.take_webhook(town.till, "sandbox", headers, body, now=town.now)
            return self.rng.random() < 0.8

        async def doing() -> None:
            await town.sandbox.let_time_pass(now=town.now)
            await town.sandbox.deliver_due(post, now=town.now)

        return doing

    def bank_answers(self) -> Happening:
        """Banks tell of what was sent by file: paid, refused, or sent back, maybe days later, maybe twice."""

        async def doing() -> None:
            for item in await self._items():
                if self.rng.random() < 0.4:
                    await self._answer(item)
            await bank_files.apply_waiting(self.town.dispatch, now=self.town.now)

        return doing

    async def _items(self) -> list[Item]:
        """What banks have of us: the newest batches' payments."""
        town, found = self.town, list[Item]()
        for batch in await batches.list_batches(town.dispatch, None, after=None, limit=20):
            if batch.rail is not Rail.WALLET and batch.state in (BatchState.SENT, BatchState.DONE):
                found += await batches.list_items(
                    town.dispatch, batch.id, town.populace.operators[0], after=None, limit=500, now=town.now
                )
        return found

    async def _answer(self, item: Item, *, kindly: bool = False) -> None:
        """What the bank says of one payment, maybe twice. `kindly`: that it was paid."""
        town, told = self.town, word_of_bank(self.rng, item, kindly=kindly)
        for _ in range(self.rng.choice((1, 1, 2)) if told else 0):
            upload = UploadWish(rail=item.rail, name="bank.xml", content=told or b"")
            with suppress(PlauditError):
                await bank_files.take_file(town.dispatch, upload, town.populace.operators[0], now=town.now)

    def pass_time(self) -> Happening:
        """As much in all as a half-year has."""
        by = self._day * 16 * self.rng.random()

        async def doing() -> None:
            self.town.clock.move(by)

        return doing

    # The worker.

    def rounds(self) -> list[Happening]:
        """Everything that the worker looks after."""
        town = self.town
        return [
            lambda: coin_jobs.run_round(town.till, now=town.now),
            lambda: promotions.finish_pending(town.till, now=town.now),
            lambda: settlement.run_round(town.books, now=town.now),
            lambda: settlement.fold_all(town.books, now=town.now, most=self.rng.randrange(1, 60)),
            lambda: reversal_jobs.run_round(town.reversing, now=town.now),
            lambda: steps.finish_pending(town.pay, now=town.now),
            lambda: dispatching.run_round(town.dispatch, now=town.now),
            lambda: seals.run_round(town.db, now=town.now),
            town.ledger.expire_holds,
        ]

    def go_round(self) -> Happening:
        rounds = self.rng.sample(self.rounds(), 3)

        async def doing() -> None:
            for each in rounds:
                await each()

        return doing

    async def come_to_rest(self) -> None:
        """Everything that is under way comes to its end: no more faults, and time enough."""
        town, rng = self.town, self.rng
        await town.sandbox.change_settings(SandboxSettings())
        while town.disputes:
            await self.decide()()
        for turn in range(12):
            for happening in (self.hear(), *self.rounds(), self.approve(), *map(self.make_batch, Rail)):
                await self._refusable(happening)
            for item in await self._items():
                if item.state is ItemState.PENDING:
                    await self._answer(item, kindly=True)
            await bank_files.apply_waiting(town.dispatch, now=town.now)
            town.clock.move(timedelta(days=rng.randrange(1, 9)) if turn else timedelta(minutes=10))

    async def _payouts(self, state: State) -> list[tuple[UUID, UUID]]:
        town = self.town
        found = await operating.list_files(
            town.db, town.populace.operators[0], state, after=None, limit=50, now=town.now
        )
        return [(file.payout.id, file.payout.person_id) for file in found]


async def _nothing() -> None:
    """There is nobody to do it yet."""
