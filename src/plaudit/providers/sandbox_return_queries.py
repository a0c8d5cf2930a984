"""SQL of the sandbox provider's refunds and disputes."""

from datetime import datetime
from uuid import UUID

import msgspec

from plaudit.foundation.database import Transaction
from plaudit.providers.sandbox_rules import SandboxDispute, SandboxRefund


async def add_refund(tx: Transaction, refund: SandboxRefund) -> None:
    """A second one with the same reference changes nothing."""
    await tx.execute(
        """
        insert into sandbox.refunds (reference, payment_id, amount_minor, currency, state, at, settles_at)
        values (%(reference)s, %(payment_id)s, %(amount_minor)s, %(currency)s, %(state)s, %(at)s, %(settles_at)s)
        on conflict (reference) do nothing
        """,
        msgspec.structs.asdict(refund),
    )


async def find_refund(tx: Transaction, reference: UUID) -> SandboxRefund | None:
    """The refund, or None."""
    return await tx.find(
        SandboxRefund,
        """
        select reference, payment_id, amount_minor, currency, state, at, settles_at
        from sandbox.refunds where reference = %(reference)s
        """,
        {"reference": reference},
    )


async def sum_refunded(tx: Transaction, payment_id: str) -> int:
    """How much of a payment went back or is about to, in minor units."""
    return await tx.value(
        int,
        """
        select coalesce(sum(amount_minor), 0)::bigint from sandbox.refunds
        where payment_id = %(payment_id)s and state <> 'failed'
        """,
        {"payment_id": payment_id},
    )


async def take_due_refunds(tx: Transaction, *, now: datetime) -> list[SandboxRefund]:
    """Refunds that time alone made succeed; from now on they have."""
    return await tx.all(
        SandboxRefund,
        """
        update sandbox.refunds set state = 'succeeded', at = settles_at, settles_at = null
        where reference in (
            select reference from sandbox.refunds where settles_at <= %(now)s
            order by settles_at limit 100 for update skip locked)
        returning reference, payment_id, amount_minor, currency, state, at, settles_at
        """,
        {"now": now},
    )


async def add_dispute(tx: Transaction, dispute: SandboxDispute) -> None:
    """A new one."""
    await tx.execute(
        """
        insert into sandbox.disputes
            (id, checkout_id, amount_minor, fee_minor, currency, reason, state, opened_at, at)
        values (%(id)s, %(checkout_id)s, %(amount_minor)s, %(fee_minor)s, %(currency)s, %(reason)s, %(state)s,
            %(opened_at)s, %(at)s)
        """,
        msgspec.structs.asdict(dispute),
    )


async def find_dispute(tx: Transaction, dispute_id: UUID) -> SandboxDispute | None:
    """The dispute, or None."""
    return await tx.find(
        SandboxDispute,
        """
        select id, checkout_id, amount_minor, fee_minor, currency, reason, state, opened_at, at
        from sandbox.disputes where id = %(id)s
        """,
        {"id": dispute_id},
    )


async def lock_dispute(tx: Transaction, dispute_id: UUID) -> SandboxDispute | None:
    """The dispute, which stays as it is until `tx` ends."""
    await tx.execute("select 1 from sandbox.disputes where id = %(id)s for no key update", {"id": dispute_id})
    return await find_dispute(tx, dispute_id)


async def store_dispute(tx: Transaction, dispute: SandboxDispute) -> None:
    """Store where it stands."""
    await tx.execute(
        "update sandbox.disputes set state = %(state)s, at = %(at)s where id = %(id)s",
        {"id": dispute.id, "state": dispute.state, "at": dispute.at},
    )


async def list_of_checkout(tx: Transaction, checkout_id: UUID) -> list[SandboxDispute]:
    """A payment's disputes, the first first."""
    return await tx.all(
        SandboxDispute,
        """
        select id, checkout_id, amount_minor, fee_minor, currency, reason, state, opened_at, at
        from sandbox.disputes where checkout_id = %(checkout_id)s order by opened_at, id
        """,
        {"checkout_id": checkout_id},
    )


async def list_changed(tx: Transaction, *, since: datetime) -> list[SandboxDispute]:
    """Those that were opened or decided since then."""
    return await tx.all(
        SandboxDispute,
        """
        select id, checkout_id, amount_minor, fee_minor, currency, reason, state, opened_at, at
        from sandbox.disputes where at >= %(since)s order by at, id
        """,
        {"since": since},
    )
