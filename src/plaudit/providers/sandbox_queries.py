"""SQL of the sandbox provider."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from plaudit.foundation.database import Transaction
from plaudit.providers.sandbox_rules import SandboxCheckout

GET_SETTINGS = "select copies, delay_seconds, newest_first, settle_seconds, refunds from sandbox.settings"


class Delivery(Struct, frozen=True, kw_only=True):
    """A webhook on its way; `attempts` counts this one."""

    id: int
    body: bytes
    attempts: int


async def get_secret(tx: Transaction) -> bytes:
    """What webhooks are signed with."""
    return await tx.value(bytes, "select secret from sandbox.settings")


async def store_settings(tx: Transaction, settings: Mapping[str, object]) -> None:
    """Overwrite the settings."""
    await tx.execute(
        """
        update sandbox.settings set copies = %(copies)s, delay_seconds = %(delay_seconds)s,
            newest_first = %(newest_first)s, settle_seconds = %(settle_seconds)s, refunds = %(refunds)s
        """,
        settings,
    )


async def add_checkout(tx: Transaction, checkout: SandboxCheckout) -> UUID:
    """The id of the reference's checkout: this one's, or that of the one it had before."""
    await tx.execute(
        """
        insert into sandbox.checkouts
            (id, reference, description, amount_minor, currency, state, opened_at, expires_at, return_url)
        values (%(id)s, %(reference)s, %(description)s, %(amount_minor)s, %(currency)s, %(state)s, %(opened_at)s,
            %(expires_at)s, %(return_url)s)
        on conflict (reference) do nothing
        """,
        msgspec.structs.asdict(checkout),
    )
    return await tx.value(
        UUID, "select id from sandbox.checkouts where reference = %(reference)s", {"reference": checkout.reference}
    )


async def find_checkout(tx: Transaction, checkout_id: UUID) -> SandboxCheckout | None:
    """The checkout, or None."""
    return await tx.find(
        SandboxCheckout,
        """
        select id, reference, description, amount_minor, currency, state, opened_at, expires_at, settles_at, ended_at,
            return_url
        from sandbox.checkouts where id = %(id)s
        """,
        {"id": checkout_id},
    )


async def lock_checkout(tx: Transaction, checkout_id: UUID) -> SandboxCheckout | None:
    """The checkout, which stays as it is until `tx` ends."""
    await tx.execute("select 1 from sandbox.checkouts where id = %(id)s for no key update", {"id": checkout_id})
    return await find_checkout(tx, checkout_id)


async def store_checkout(tx: Transaction, checkout: SandboxCheckout) -> None:
    """Store where it stands."""
    await tx.execute(
        """
        update sandbox.checkouts set state = %(state)s, settles_at = %(settles_at)s, ended_at = %(ended_at)s
        where id = %(id)s
        """,
        msgspec.structs.asdict(checkout),
    )


async def list_due(tx: Transaction, *, now: datetime) -> list[UUID]:
    """Checkouts that time alone moves on."""
    rows = await tx.all(
        _Id,
        """
        select id from sandbox.checkouts
        where ended_at is null
            and ((state = 'pending' and settles_at <= %(now)s) or (state <> 'pending' and expires_at <= %(now)s))
        order by expires_at limit 100
        """,
        {"now": now},
    )
    return [row.id for row in rows]


class _Id(Struct, frozen=True):
    id: UUID


async def add_delivery(tx: Transaction, event_id: str, body: bytes, *, due_at: datetime) -> None:
    """One webhook to be sent."""
    await tx.execute(
        "insert into sandbox.deliveries (event_id, body, due_at) values (%(event_id)s, %(body)s, %(due_at)s)",
        {"event_id": event_id, "body": body, "due_at": due_at},
    )


async def take_due_deliveries(tx: Transaction, *, now: datetime, until: datetime) -> list[Delivery]:
    """Up to 50 that are due, in the order in which they are to be sent; nobody else gets them before `until`."""
    return await tx.all(
        Delivery,
        """
        with due as (
            select id from sandbox.deliveries where delivered_at is null and due_at <= %(now)s
            order by due_at, id limit 50 for update skip locked
        ), taken as (
            update sandbox.deliveries d set due_at = %(until)s, attempts = attempts + 1
            from due where d.id = due.id
            returning d.id, d.body, d.attempts
        )
        select taken.id, body, attempts from taken, sandbox.settings s
        order by case when s.newest_first then -taken.id else taken.id end
        """,
        {"now": now, "until": until},
    )


async def note_delivery(tx: Transaction, delivery_id: int, *, delivered_at: datetime | None, due_at: datetime) -> None:
    """It was taken, or is due again."""
    await tx.execute(
        "update sandbox.deliveries set delivered_at = %(delivered_at)s, due_at = %(due_at)s where id = %(id)s",
        {"id": delivery_id, "delivered_at": delivered_at, "due_at": due_at},
    )
