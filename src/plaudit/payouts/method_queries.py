"""SQL of methods and what holds for them."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.payouts.model import Method


class MethodRules(Struct, frozen=True, kw_only=True):
    """How long a new method waits before its first use, how long a code is good for and how often it may be tried."""

    cooldown_seconds: int
    code_seconds: int
    code_tries: int


async def get_rules(tx: Transaction, *, now: datetime) -> MethodRules:
    """What holds now."""
    return await tx.one(
        MethodRules,
        """
        select cooldown_seconds, code_seconds, code_tries from payouts.method_rules
        where valid_from <= %(now)s order by valid_from desc limit 1
        """,
        {"now": now},
    )


async def add_method(tx: Transaction, method: Method) -> bool:
    """False, and nothing changed, when the id is there already."""
    added = await tx.execute(
        """
        insert into payouts.methods
            (id, person_id, kind, currency, holder_name, sealed, shown, created_at, usable_from, code_hash, code_until)
        values (%(id)s, %(person_id)s, %(kind)s, %(currency)s, %(holder_name)s, %(sealed)s, %(shown)s, %(created_at)s,
            %(usable_from)s, %(code_hash)s, %(code_until)s)
        on conflict (id) do nothing
        """,
        msgspec.structs.asdict(method),
    )
    return added == 1


async def find_method(tx: Transaction, method_id: UUID) -> Method | None:
    """The method, retired or not, or None."""
    return await tx.find(
        Method,
        """
        select id, person_id, kind, currency, holder_name, sealed, shown, created_at, usable_from, verified_at,
            retired_at, code_hash, code_until, code_tries
        from payouts.methods where id = %(id)s
        """,
        {"id": method_id},
    )


async def lock_method(tx: Transaction, method_id: UUID) -> Method | None:
    """The method, which stays as it is until `tx` ends."""
    await tx.execute("select 1 from payouts.methods where id = %(id)s for no key update", {"id": method_id})
    return await find_method(tx, method_id)


async def list_methods(tx: Transaction, person_id: UUID) -> list[Method]:
    """Those that aren't retired, the oldest first."""
    return await tx.all(
        Method,
        """
        select id, person_id, kind, currency, holder_name, sealed, shown, created_at, usable_from, verified_at,
            retired_at, code_hash, code_until, code_tries
        from payouts.methods where person_id = %(person_id)s and retired_at is null order by created_at, id
        """,
        {"person_id": person_id},
    )


async def count_try(tx: Transaction, method_id: UUID) -> None:
    """One guess of the code less."""
    await tx.execute("update payouts.methods set code_tries = code_tries + 1 where id = %(id)s", {"id": method_id})


async def set_verified(tx: Transaction, method_id: UUID, *, now: datetime) -> None:
    """The code was right; it is used up."""
    await tx.execute(
        """
        update payouts.methods set verified_at = %(now)s, code_hash = null, code_until = null where id = %(id)s
        """,
        {"id": method_id, "now": now},
    )


async def set_code(tx: Transaction, method_id: UUID, code_hash: bytes, until: datetime) -> None:
    """Another code; the tries of all codes together stay counted."""
    await tx.execute(
        "update payouts.methods set code_hash = %(code_hash)s, code_until = %(until)s where id = %(id)s",
        {"id": method_id, "code_hash": code_hash, "until": until},
    )


async def retire(tx: Transaction, method_id: UUID, *, now: datetime) -> None:
    """No new payout takes it."""
    await tx.execute(
        """
        update payouts.methods set retired_at = %(now)s, code_hash = null, code_until = null
        where id = %(id)s and retired_at is null
        """,
        {"id": method_id, "now": now},
    )
