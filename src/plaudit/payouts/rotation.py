"""Everything that is sealed for payouts, brought under another key: in batches, and resumable wherever it stopped.

Only the data keys are wrapped anew, so nothing is ever in the open; which key an envelope is under stands in front of
it, so what is done is known without a note of it. Programs that know both keys may run meanwhile.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Database, Transaction
from plaudit.foundation.envelopes import Vault

_AT_ONCE = 100


class _Sealed(Struct, frozen=True):
    id: UUID
    sealed: bytes


List = Callable[[Transaction, bytes, int], Awaitable[list[_Sealed]]]
Store = Callable[[Transaction, _Sealed], Awaitable[None]]


async def rotate(
    db: Database, vault: Vault, *, at_once: int = _AT_ONCE, told: Callable[[int], None] = lambda _: None
) -> int:
    """Wrap everything by the vault's current key; how many envelopes that were. Run again, it finds what is left.

    Raises CannotUnseal when an envelope's key isn't among the vault's: what was done until then stays done. `told`
    hears how many are done after each batch.
    """
    done = 0
    for find, store in _SEALED:
        while wrapped := await _rotate_some(db, vault, find, store, at_once):
            done += wrapped
            told(done)
    return done


async def count_left(db: Database, vault: Vault) -> int:
    """How many envelopes are under another key than the current one."""
    async with db.transaction() as tx:
        return await tx.value(
            int,
            """
            select (select count(*) from payouts.methods where substring(sealed from 2 for 8) <> %(key)s)
                + (select count(*) from payouts.tax_facts where substring(sealed from 2 for 8) <> %(key)s)
                + (select count(*) from payouts.batches where substring(sealed from 2 for 8) <> %(key)s)
                + (select count(*) from payouts.bank_files where substring(sealed from 2 for 8) <> %(key)s)
            """,
            {"key": vault.current_key},
        )


async def _rotate_some(db: Database, vault: Vault, find: List, store: Store, at_once: int) -> int:
    async with db.transaction() as tx:
        found = await find(tx, vault.current_key, at_once)
        for each in found:
            await store(tx, _Sealed(each.id, await vault.rewrap(each.sealed, of=each.id.bytes)))
    return len(found)


async def _list_methods(tx: Transaction, key: bytes, limit: int) -> list[_Sealed]:
    return await tx.all(
        _Sealed,
        """
        select id, sealed from payouts.methods where substring(sealed from 2 for 8) <> %(key)s
        order by id limit %(limit)s for no key update
        """,
        {"key": key, "limit": limit},
    )


async def _store_method(tx: Transaction, one: _Sealed) -> None:
    await tx.execute(
        "update payouts.methods set sealed = %(sealed)s where id = %(id)s", {"id": one.id, "sealed": one.sealed}
    )


async def _list_facts(tx: Transaction, key: bytes, limit: int) -> list[_Sealed]:
    return await tx.all(
        _Sealed,
        """
        select id, sealed from payouts.tax_facts where substring(sealed from 2 for 8) <> %(key)s
        order by id limit %(limit)s for no key update
        """,
        {"key": key, "limit": limit},
    )


async def _store_facts(tx: Transaction, one: _Sealed) -> None:
    await tx.execute(
        "update payouts.tax_facts set sealed = %(sealed)s where id = %(id)s", {"id": one.id, "sealed": one.sealed}
    )


async def _list_batches(tx: Transaction, key: bytes, limit: int) -> list[_Sealed]:
    return await tx.all(
        _Sealed,
        """
        select id, sealed from payouts.batches where substring(sealed from 2 for 8) <> %(key)s
        order by id limit %(limit)s for no key update
        """,
        {"key": key, "limit": limit},
    )


async def _store_batch(tx: Transaction, one: _Sealed) -> None:
    await tx.execute(
        "update payouts.batches set sealed = %(sealed)s where id = %(id)s", {"id": one.id, "sealed": one.sealed}
    )


async def _list_bank_files(tx: Transaction, key: bytes, limit: int) -> list[_Sealed]:
    return await tx.all(
        _Sealed,
        """
        select id, sealed from payouts.bank_files where substring(sealed from 2 for 8) <> %(key)s
        order by id limit %(limit)s for no key update
        """,
        {"key": key, "limit": limit},
    )


async def _store_bank_file(tx: Transaction, one: _Sealed) -> None:
    await tx.execute(
        "update payouts.bank_files set sealed = %(sealed)s where id = %(id)s", {"id": one.id, "sealed": one.sealed}
    )


_SEALED: tuple[tuple[List, Store], ...] = (
    (_list_methods, _store_method),
    (_list_facts, _store_facts),
    (_list_batches, _store_batch),
    (_list_bank_files, _store_bank_file),
)
