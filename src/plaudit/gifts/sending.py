"""Giving: the intent first, the ledger second. A gift was sent when the ledger has its transfer, and not before."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from plaudit.coins import Buyer, Quote, packs
from plaudit.coins import rules as coin_rules
from plaudit.coins.spending import count_given
from plaudit.foundation.errors import NotFound
from plaudit.gifts import chains, queries, rules
from plaudit.gifts.errors import AccountClosed, CannotAfford, GiftNotAvailable, NoSuchSending, SendingRefused
from plaudit.gifts.gifting import Gifting
from plaudit.gifts.model import Gift, Sender, Sending, Sent, Wish
from plaudit.ledger import Posted, Reason, Record
from plaudit.ledger.model import ZERO

_NEVER_OPENED = frozenset((Reason.DEBIT_ACCOUNT_NOT_FOUND, Reason.CREDIT_ACCOUNT_NOT_FOUND))
_DEARER = "The price has changed since this was first asked for: ask again with another id."
_CLOSED = frozenset((Reason.DEBIT_ACCOUNT_ALREADY_CLOSED, Reason.CREDIT_ACCOUNT_ALREADY_CLOSED))


async def send_gift(
    gifting: Gifting, wish: Wish, sender: Sender, *, creator_id: UUID, live_id: UUID | None, now: datetime
) -> Sent:
    """Give, once: the same wish again gives the same answer, whatever has changed since.

    Raises Invalid, GiftNotAvailable, QuantityOutOfRange, CannotGiftYourself, IdReused, CannotAfford (the same id may
    be tried again), AccountClosed, Unavailable (nothing happened) or OutcomeUnknown (ask again with the same id).
    """
    wish = rules.take_wish(wish)
    try:
        gift = await _find_gift(gifting, wish, sender, now)
    except GiftNotAvailable as refusal:
        stored = await _find_sending(gifting, wish.id)
        if stored is None or rules.difference(stored, wish, sender.person_id, creator_id, live_id):
            raise
        return await _finish(gifting, stored, sender, refusal, now=now)
    sending = rules.make_sending(wish, gift, sender, creator_id=creator_id, live_id=live_id, now=now)
    stored = await gifting.intents.store(sending)
    if stored is not sending:
        rules.require_same(stored, wish, sender.person_id, creator_id, live_id)
        if stored.price_coins != gift.price_coins:
            return await _finish(gifting, stored, sender, GiftNotAvailable(_DEARER), now=now)
    return await _post(gifting, stored, gift, sender, now)


async def find_sent(gifting: Gifting, sending_id: UUID) -> Sent | None:
    """The gift with this id, if it was sent."""
    record = await gifting.ledger.find_transfer(chains.transfer_id(sending_id))
    return next(iter(await list_sent(gifting, [record])), None) if record else None


async def get_sent(gifting: Gifting, sending_id: UUID, *, of: UUID | None) -> Sent:
    """A gift that the person `of` sent or received; None asks for anybody's. Raises NoSuchSending."""
    sent = await find_sent(gifting, sending_id)
    if sent is None or of not in (None, sent.sending.sender_id, sent.sending.creator_id):
        raise NoSuchSending
    return sent


async def list_sent(gifting: Gifting, records: Sequence[Record]) -> list[Sent]:
    """The gifts that these transfers say were sent, in the same order; one query for all.

    Transfers that are no gifts, or that nobody asked for here, are left out.
    """
    by_sending = {id: record for record in records if (id := record.transfer.ref_128)}
    async with gifting.db.transaction() as tx:
        found = {sending.id: sending for sending in await queries.list_sendings(tx, by_sending)}
    pairs = [(found[id], record) for id, record in by_sending.items() if id in found]
    return [rules.make_sent(sending, await _gift_of(gifting, sending), record) for sending, record in pairs]


async def list_given(gifting: Gifting, ids: Iterable[UUID]) -> dict[UUID, tuple[Sending, Gift]]:
    """The intents with these ids, each with its gift; one query for all. Whether they were sent is not told."""
    async with gifting.db.transaction() as tx:
        found = await queries.list_sendings(tx, ids)
    return {sending.id: (sending, await _gift_of(gifting, sending)) for sending in found}


async def get_spent(gifting: Gifting, person_id: UUID) -> int:
    """How many coins a fan has ever spent, but for those that refunds and disputes took back."""
    account = chains.fan_account(person_id)
    balances = (await gifting.ledger.balances([account])).get(account, ZERO)
    return await count_given(gifting.db, person_id, balances)


async def _find_gift(gifting: Gifting, wish: Wish, sender: Sender, now: datetime) -> Gift:
    shelf = await gifting.catalogue.get_shelf()
    gift = rules.get_gift(shelf, wish.gift, sender.region, now)
    if gift.least_level > 1:
        rules.require_level(gift, rules.level_of(shelf.levels, await get_spent(gifting, sender.person_id)))
    return gift


async def _find_sending(gifting: Gifting, sending_id: UUID) -> Sending | None:
    async with gifting.db.transaction() as tx:
        return next(iter(await queries.list_sendings(tx, [sending_id])), None)


async def _gift_of(gifting: Gifting, sending: Sending) -> Gift:
    """The gift of an intent. Nothing is ever removed from the catalogue, but another process may have added it."""
    shelf = await gifting.catalogue.get_shelf()
    if sending.gift not in shelf.entries:
        shelf = await gifting.catalogue.refresh()
    return shelf.entries[sending.gift].newest


async def _finish(
    gifting: Gifting, sending: Sending, sender: Sender, refusal: GiftNotAvailable, *, now: datetime
) -> Sent:
    """Go on with an intent of before whose gift can't be given any more, or not at that price.

    What was sent stays sent. What wasn't is sent if it was asked for a moment ago: an attempt may be under way.
    """
    if rules.holds_price(sending, now):
        return await _post(gifting, sending, await _gift_of(gifting, sending), sender, now)
    sent = await find_sent(gifting, sending.id)
    if sent is None:
        raise refusal
    return sent


async def _post(gifting: Gifting, sending: Sending, gift: Gift, sender: Sender, now: datetime) -> Sent:
    chain = (chains.make_transfer(sending),)
    outcome = await gifting.ledger.post(chain)
    if not isinstance(outcome, Posted) and outcome.reason in _NEVER_OPENED:
        await gifting.ledger.open_accounts(chains.accounts_of(sending))
        outcome = await gifting.ledger.post(chain)
    if isinstance(outcome, Posted):
        return rules.make_sent(sending, gift, outcome.records[0])
    if outcome.reason is Reason.EXCEEDS_CREDITS:
        raise await _cannot_afford(gifting, sending, sender, now)
    if outcome.reason in _CLOSED:
        raise AccountClosed
    raise SendingRefused(f"The ledger refused the gift {sending.id}: {outcome.reason}.")


async def _cannot_afford(gifting: Gifting, sending: Sending, sender: Sender, now: datetime) -> CannotAfford:
    account = chains.fan_account(sending.sender_id)
    balances = (await gifting.ledger.balances([account])).get(account, ZERO)
    # Coins may have come since it was refused: then one is a number that helps as well as any.
    missing = max(1, sending.coins - balances.spendable)
    return CannotAfford(missing, await _find_top_up(gifting, missing, sender, now))


async def _find_top_up(gifting: Gifting, coins: int, sender: Sender, now: datetime) -> Quote | None:
    buyer = Buyer(person_id=sender.person_id, region=sender.region, currency=sender.currency)
    try:
        offer = await packs.get_offer(gifting.db, buyer, now=now)
    except NotFound:
        return None
    return coin_rules.find_cheapest(offer, coins)
