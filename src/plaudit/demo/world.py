"""Who lives in the demo, and what they can do: buy a pack, send a gift. The ids never change, so a restart goes on."""

from collections.abc import Sequence
from random import Random
from uuid import UUID

from msgspec import Struct

from plaudit.demo.catalogue import GIFTS, PACKS, Gift, Pack, provider_fee_cents, tax_cents
from plaudit.foundation.currencies import get_currency
from plaudit.foundation.ids import derive_id, new_id
from plaudit.foundation.money import COIN, Money, to_internal
from plaudit.ledger import Ledger, Posted, Transfer, spendable
from plaudit.ledger.chart import AccountCode, TransferCode, account_id, make_account

_NAME_SPACE = UUID("0d5f3c6e-7a4b-5e19-8c55-2b9a1f0e6d01")
_USD = get_currency("USD")
_PROVIDER, _TAX_OFFICE = "sandbox", "US"

FANS = 200
_FIRST_NAMES = "Ada Ben Cleo Dan Eva Finn Gus Hana Ivo Jun Kim Leo Mia Noa Oli Pia Quin Rosa Sam Tess".split()


class Creator(Struct, frozen=True):
    """Somebody who is live. `draw` is how much of the room's attention they get; `taste` how dear its gifts are."""

    name: str
    about: str
    draw: int
    taste: float  # float: the mean of a random choice, never an amount


CREATORS = (
    Creator("Aurora", "sings by candlelight", 5, 0.25),
    Creator("Big Tuesday", "loses at chess, loudly", 3, 0.12),
    Creator("Kintsugi", "mends broken bowls with gold", 2, 0.5),
)


class Given(Struct, frozen=True):
    """A gift that is in the ledger."""

    fan: str
    gift: Gift
    creator: Creator


def fan_name(number: int) -> str:
    """The handle of a fan, from 0."""
    return f"{_FIRST_NAMES[number % len(_FIRST_NAMES)].lower()}_{number}"


def person_id(name: str) -> UUID:
    """The id of a fan or creator of the demo."""
    return derive_id(_NAME_SPACE, name)


def coins_of(name: str, code: AccountCode) -> UUID:
    """A person's account of coins: FAN_COINS or CREATOR_COINS."""
    return account_id(code, COIN, person_id(name))


async def settle_in(ledger: Ledger) -> None:
    """Open every account that isn't open yet."""
    usd = _USD.asset
    house = [
        make_account(AccountCode.COINS_ISSUED, COIN),
        make_account(AccountCode.PROVIDER_CLEARING, usd, _PROVIDER),
        make_account(AccountCode.COIN_FLOAT, usd),
        make_account(AccountCode.TAX_PAYABLE, usd, _TAX_OFFICE),
        make_account(AccountCode.PROVIDER_FEES, usd),
    ]
    fans = [make_account(AccountCode.FAN_COINS, COIN, person_id(fan_name(number))) for number in range(FANS)]
    creators = [make_account(AccountCode.CREATOR_COINS, COIN, person_id(creator.name)) for creator in CREATORS]
    refusals = [reason for reason in await ledger.open_accounts([*house, *fans, *creators]) if reason]
    if refusals:
        raise RuntimeError(f"accounts of the demo can't be opened: {refusals}")


def make_top_up(fan: str, pack: Pack, *, top_up_id: UUID) -> Sequence[Transfer]:
    """The chain of a settled top-up: the price into the coin float, the tax, the provider's fee, the coins."""
    usd, person = _USD.asset, person_id(fan)
    clearing = account_id(AccountCode.PROVIDER_CLEARING, usd, _PROVIDER)

    def leg(name: str, debit: UUID, credit: UUID, amount: int) -> Transfer:
        return Transfer(derive_id(top_up_id, name), debit, credit, amount, TransferCode.TOP_UP, ref_128=person)

    def cents(count: int) -> int:
        return to_internal(Money(count, _USD))

    return (
        leg("price", clearing, account_id(AccountCode.COIN_FLOAT, usd), cents(pack.price_cents)),
        leg("tax", clearing, account_id(AccountCode.TAX_PAYABLE, usd, _TAX_OFFICE), cents(tax_cents(pack))),
        leg("fee", account_id(AccountCode.PROVIDER_FEES, usd), clearing, cents(provider_fee_cents(pack))),
        leg("coins", account_id(AccountCode.COINS_ISSUED, COIN), coins_of(fan, AccountCode.FAN_COINS), pack.coins),
    )


async def act(ledger: Ledger, random: Random) -> Given | None:
    """One fan gives one gift, and buys coins first if there aren't enough. None: another gift was quicker."""
    fan = fan_name(random.randrange(FANS))
    creator = random.choices(CREATORS, [creator.draw for creator in CREATORS])[0]
    gift = GIFTS[min(len(GIFTS) - 1, int(random.expovariate(1 / (creator.taste * 20))))]
    wallet = coins_of(fan, AccountCode.FAN_COINS)
    while (missing := gift.price_coins - await spendable(ledger, wallet)) > 0:
        pack = next((pack for pack in PACKS if pack.coins >= missing), PACKS[-1])
        await ledger.post(make_top_up(fan, pack, top_up_id=new_id()))
    received = coins_of(creator.name, AccountCode.CREATOR_COINS)
    live = derive_id(person_id(creator.name), "live")
    outcome = await ledger.post(
        [Transfer(new_id(), wallet, received, gift.price_coins, TransferCode.GIFT, ref_128=live)]
    )
    return Given(fan, gift, creator) if isinstance(outcome, Posted) else None
