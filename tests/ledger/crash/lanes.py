"""What each caller under load posts: the n-th chain of a lane is always the same, so that anyone can post it again."""

from collections.abc import Sequence
from functools import lru_cache
from random import Random
from uuid import UUID

from plaudit.foundation.ids import derive_id
from plaudit.ledger import Account, Limit, Transfer, make_hold, make_post, make_void

COIN = 1
_SPACE = UUID("6d9c1c9e-6f0b-4b8e-9a58-9d2a5d3f7a10")
HOUSE = derive_id(_SPACE, "house")
WALLETS = [derive_id(_SPACE, "wallet", str(number)) for number in range(40)]
CREATORS = [derive_id(_SPACE, "creator", str(number)) for number in range(8)]

# A lane's chains come in rounds of six: the fourth opens a hold, the sixth ends it.
_HOLD, _ENDING, _ROUND = 3, 5, 6


def accounts() -> list[Account]:
    """Everyone who takes part; only the wallets can run empty."""
    return [
        Account(HOUSE, COIN, 100),
        *(Account(wallet, COIN, 200, Limit.DEBITS_MUST_NOT_EXCEED_CREDITS) for wallet in WALLETS),
        *(Account(creator, COIN, 300) for creator in CREATORS),
    ]


# Whoever checks what came of a chain asks for it again and again.
@lru_cache(maxsize=200_000)
def chain_of(seed: int, lane: int, number: int) -> Sequence[Transfer]:
    """The chain `number` (from 0) of a lane."""
    chance = Random(f"{seed}/{lane}/{number}")
    ids = [_id(seed, lane, number, place) for place in range(3)]
    if number % _ROUND == _HOLD:
        return [make_hold(_gift(ids[0], chance), seconds=chance.choice([0, 0, 1]))]
    if number % _ROUND == _ENDING:
        return [_end(ids[0], _id(seed, lane, number - _ENDING + _HOLD, 0), chance)]
    return _movement(ids, chance)


def _id(seed: int, lane: int, number: int, place: int) -> UUID:
    return derive_id(_SPACE, str(seed), str(lane), str(number), str(place))


def _movement(ids: list[UUID], chance: Random) -> Sequence[Transfer]:
    """Mostly gifts. Less is topped up than is wished to be given away, so that wallets run empty."""
    kind = chance.random()
    if kind < 0.7:
        return [_gift(ids[0], chance)]
    if kind < 0.85:
        return [_top_up(ids[0], chance)]
    return [_top_up(ids[0], chance), _gift(ids[1], chance), _gift(ids[2], chance)]


def _gift(id: UUID, chance: Random) -> Transfer:
    return Transfer(id, chance.choice(WALLETS), chance.choice(CREATORS), chance.randint(1, 20), 1)


def _top_up(id: UUID, chance: Random) -> Transfer:
    return Transfer(id, HOUSE, chance.choice(WALLETS), chance.randint(15, 50), 2)


def _end(id: UUID, hold: UUID, chance: Random) -> Transfer:
    ending = chance.randrange(3)
    if ending == 0:
        return make_void(id, hold)
    return make_post(id, hold) if ending == 1 else make_post(id, hold, 1)
