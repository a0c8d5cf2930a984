"""What is done to the books of `whole.py`, each time exactly one thing, and what must be said of it.

`ADA` and `BOB` in a statement are the fans, `CREATOR` and `OTHER` who received.
"""

from typing import LiteralString, NamedTuple

from plaudit.audit import Code


class BookCrime(NamedTuple):
    """`codes` are all that is found; the first of them is the one that names the thing."""

    name: str
    statements: tuple[LiteralString, ...]
    codes: tuple[Code, ...]
    sentence: str


BOOK_CRIMES = (
    BookCrime(
        "the coin float holds a micro more",
        ("update ledger.accounts set credits_posted = credits_posted + 1 where code = 2000 and ledger = 840",),
        (Code.COIN_FLOAT_DIFFERS,),
        "The coin float in USD isn't the value left in lots: float ",
    ),
    BookCrime(
        "a fan has a coin more than their lots",
        ("update ledger.accounts set credits_posted = credits_posted + 1 where code = 200 and ref_128 = 'ADA'",),
        (Code.FAN_COINS_DIFFER,),
        "The coins of the fan ADA aren't those left in their lots: coins ",
    ),
    BookCrime(
        "a line has a hole before its last stretch",
        ("update coins.stretches set first_coin = first_coin + 5 where person_id = 'BOB' and first_coin = 786",),
        (Code.LINE_BROKEN,),
        "The line of the fan BOB has a hole",
    ),
    BookCrime(
        "a coin of a lot is gone without a trace",
        (
            """
            insert into coins.cuts (hold_id, timestamp, lot_id, person_id, coins, rest_before, fits,
                lot_offset, value_micros, ended, ended_timestamp) select gen_random_uuid(), 1,
                lot_id, person_id, 1, 1, true, 0, 0, 'posted', 1 from coins.stretches where
                person_id = 'ADA' and first_coin = 0
            """,
        ),
        (Code.LOT_DIFFERS,),
        "What was spent, taken back and left of the lot ",
    ),
    BookCrime(
        "a coin is spent twice",
        ("update earnings.slices set lot_offset = 6 where fan_id = 'ADA' and lot_offset = 7",),
        (
            Code.SLICES_OVERLAP,
            Code.SLICE_VALUE_DIFFERS,
        ),
        "Coins of the lot ",
    ),
    BookCrime(
        "a slice is worth a micro more",
        (
            """
            update earnings.slices set value_micros = value_micros + 1 where fan_id = 'ADA' and
                lot_offset = 0 and coins = 7
            """,
        ),
        (
            Code.SLICE_VALUE_DIFFERS,
            Code.SLICE_SHARE_DIFFERS,
            Code.LOT_DIFFERS,
            Code.LEG_DIFFERS,
            Code.CARRY_DIFFERS,
        ),
        "Part 0 of the gift ",
    ),
    BookCrime(
        "a slice is another fan's",
        ("update earnings.slices set fan_id = 'BOB' where fan_id = 'ADA' and lot_offset = 0 and coins = 7",),
        (
            Code.SLICE_VALUE_DIFFERS,
            Code.GIFT_SETTLED_WRONGLY,
        ),
        "fan BOB instead of ADA",
    ),
    BookCrime(
        "a share is a micro more",
        ("update earnings.slices set share_micros = share_micros + 1 where fan_id = 'BOB' and lot_offset = 0",),
        (
            Code.SLICE_SHARE_DIFFERS,
            Code.LEG_DIFFERS,
        ),
        "The share of the creator CREATOR of part 0 of the gift ",
    ),
    BookCrime(
        "a rate is one that never held",
        ("update earnings.slices set tier = 'gold' where fan_id = 'BOB' and lot_offset = 0",),
        (Code.SLICE_RATE_DIFFERS,),
        "tier gold instead of standard",
    ),
    BookCrime(
        "the carry is another",
        (
            """
            update earnings.carries set carry = (carry + 1) % 10000 where creator_id = 'CREATOR' and
                currency = 'EUR'
            """,
        ),
        (Code.CARRY_DIFFERS,),
        "What is carried for the creator CREATOR in EUR is another: carry ",
    ),
    BookCrime(
        "the slices of a gift are gone",
        ("delete from earnings.slices where fan_id = 'BOB' and lot_offset = 0",),
        (
            Code.GIFT_SETTLED_WRONGLY,
            Code.LOT_DIFFERS,
            Code.LEG_DIFFERS,
            Code.CARRY_DIFFERS,
            Code.SLICE_SHARE_DIFFERS,
        ),
        "coins 0 instead of 500",
    ),
    BookCrime(
        "a slice is of a gift that isn't there",
        ("update earnings.slices set timestamp = 1 where fan_id = 'BOB' and lot_offset = 0",),
        (
            Code.GIFT_SETTLED_WRONGLY,
            Code.SLICE_RATE_DIFFERS,
            Code.LEG_DIFFERS,
        ),
        "The slices of the gift 1 aren't the gift: coins ",
    ),
    BookCrime(
        "a leg says that it brings more",
        (
            """
            update earnings.legs set gifts = gifts + 1 where creator_id = 'CREATOR' and currency =
                'USD' and run = (select min(run) from earnings.legs)
            """,
        ),
        (Code.LEG_DIFFERS,),
        "brings the creator CREATOR in USD isn't the sum of its slices: gifts 2 instead of 1",
    ),
    BookCrime(
        "a settlement posted less",
        (
            """
            update ledger.transfers set amount = amount - 1 where code = 4 and credit_account in
                (select id from ledger.accounts where code = 4000 and ledger = 978)
            """,
        ),
        (Code.LEG_POSTED_DIFFERS,),
        "The ledger has something else of the run ",
    ),
    BookCrime(
        "a settlement retired fewer coins",
        (
            """
            update ledger.transfers set amount = amount - 1 where code = 4 and timestamp = (select
                min(t.timestamp) from ledger.feed t where t.code = 4 and t.debit_code = 300)
            """,
        ),
        (Code.LEG_POSTED_DIFFERS,),
        "The ledger retired other coins for the run ",
    ),
    BookCrime(
        "a creator has pending money out of nowhere",
        (
            """
            update ledger.accounts set credits_posted = credits_posted + 1 where code = 2200 and
                ref_128 = 'OTHER' and ledger = 978
            """,
        ),
        (Code.PENDING_DIFFERS,),
        "The pending money of the creator OTHER in EUR isn't what is left of it: pending 1 instead of 0",
    ),
    BookCrime(
        "a creator has available money out of nowhere",
        (
            """
            update ledger.accounts set credits_posted = credits_posted + 7 where code = 2210 and
                ref_128 = 'CREATOR' and ledger = 978
            """,
        ),
        (Code.CREATOR_BALANCE_DIFFERS,),
        "Account 2210 of the creator CREATOR in EUR doesn't follow from its past: balance ",
    ),
    BookCrime(
        "a reserve holds less than was reserved",
        ("update ledger.accounts set debits_posted = debits_posted + 7 where code = 2220 and ref_128 = 'CREATOR'",),
        (Code.CREATOR_BALANCE_DIFFERS,),
        "Account 2220 of the creator CREATOR",
    ),
    BookCrime(
        "a settled top-up was never credited",
        (
            """
            update ledger.transfers set code = 14 where code = 1 and ref_128 = (select id from
                coins.top_ups where coins = 101)
            """,
        ),
        (Code.TOP_UP_DIFFERS,),
        "which is settled, isn't in the ledger as it should be: credits 0 instead of 1",
    ),
    BookCrime(
        "a top-up was credited twice",
        (
            """
            update ledger.transfers set ref_128 = (select id from coins.top_ups where coins = 101)
                where code = 1 and ref_128 = (select id from coins.top_ups where coins = 33)
            """,
        ),
        (Code.TOP_UP_DIFFERS,),
        "credits 2 instead of 1",
    ),
    BookCrime(
        "a top-up that wasn't paid was credited",
        (
            """
            update coins.top_ups set status = 'failed', payment_id = null, fee_minor = null, paid_at
                = null, settled_at = null where coins = 101
            """,
        ),
        (Code.TOP_UP_DIFFERS,),
        "which is failed, isn't in the ledger as it should be: credits 1 instead of 0",
    ),
    BookCrime(
        "a credit is of no top-up",
        (
            """
            update ledger.transfers set ref_128 = gen_random_uuid() where code = 1 and ref_128 =
                (select id from coins.top_ups where coins = 9)
            """,
        ),
        (
            Code.TRANSFER_UNEXPLAINED,
            Code.TOP_UP_DIFFERS,
        ),
        "of code 1 refers to nothing that we know",
    ),
    BookCrime(
        "a payout is said to be paid and is held",
        (
            """
            insert into payouts.steps (payout_id, number, state, at, actor_kind, reason) select id,
                9, 'paid', now(), 'rail', '' from payouts.payouts where state = 'approved'
            """,
            "update payouts.payouts set state = 'paid' where state = 'approved'",
        ),
        (
            Code.PAYOUT_DIFFERS,
            Code.PAYOUTS_UNDER_WAY_DIFFER,
            Code.CREATOR_BALANCE_DIFFERS,
        ),
        "which is paid, isn't in the ledger as it should be: held 20000000 instead of 0",
    ),
    BookCrime(
        "the bank paid another amount",
        (
            """
            update ledger.transfers set amount = amount - 10000 where code = 8 and credit_account in
                (select id from ledger.accounts where code = 1010) and timestamp = (select
                min(f.timestamp) from ledger.feed f where f.code = 8 and f.credit_code = 1010)
            """,
        ),
        (Code.PAYOUT_DIFFERS,),
        "bank ",
    ),
    BookCrime(
        "the account of payouts holds more",
        ("update ledger.accounts set credits_pending = credits_pending + 1 where code = 2400",),
        (Code.PAYOUTS_UNDER_WAY_DIFFER,),
        "Payouts under way in EUR aren't their account: held ",
    ),
    BookCrime(
        "a grant was never credited",
        (
            """
            insert into coins.grants (id, person_id, coins, currency, reason, made_at, posted_at)
                values (gen_random_uuid(), 'ADA', 5, 'USD', 'Sorry.', now(), now())
            """,
        ),
        (Code.GRANT_DIFFERS,),
        "credits 0 instead of 1, coins 0 instead of 5",
    ),
    BookCrime(
        "the account of refunds holds something",
        (
            """
            insert into ledger.accounts (id, ledger, code, "limit", opened_at, credits_posted)
                values (gen_random_uuid(), 840, 2500, 1, now(), 3)
            """,
        ),
        (Code.REFUNDS_UNDER_WAY_DIFFER,),
        "Refunds under way in USD aren't their account: posted 3 instead of 0",
    ),
    BookCrime(
        "the account of disputes holds something",
        (
            """
            insert into ledger.accounts (id, ledger, code, "limit", opened_at, debits_posted) values
                (gen_random_uuid(), 840, 1100, 2, now(), 3)
            """,
        ),
        (Code.DISPUTES_OPEN_DIFFER,),
        "Open disputes in USD aren't their account: open 3 instead of 0",
    ),
    BookCrime(
        "a refund is said to have failed and was paid",
        ("update reversals.refunds set state = 'failed', reason = 'x' where state = 'refunded'",),
        (Code.REFUND_DIFFERS,),
        "which is failed, isn't in the ledger as it should be: value ",
    ),
    BookCrime(
        "a refund gave back another amount",
        ("update reversals.refunds set net_minor = net_minor + 1 where state = 'refunded'",),
        (Code.REFUND_DIFFERS,),
        "which is refunded, isn't in the ledger as it should be: paid ",
    ),
    BookCrime(
        "a refund is held for another value",
        ("update reversals.refunds set value_micros = value_micros + 1 where ended_at is null",),
        (Code.REFUND_DIFFERS,),
        "isn't in the ledger as it should be: held ",
    ),
    BookCrime(
        "a hold for a refund that ended is still open",
        ("update reversals.refunds set state = 'failed', reason = 'x', ended_at = now() where ended_at is null",),
        (
            Code.REFUND_DIFFERS,
            Code.REFUNDS_UNDER_WAY_DIFFER,
        ),
        "which is failed, isn't in the ledger as it should be: held ",
    ),
    BookCrime(
        "a dispute is about another amount",
        ("update reversals.disputes set amount_minor = amount_minor + 1 where state = 'opened'",),
        (Code.DISPUTE_DIFFERS,),
        "which is opened, isn't in the ledger as it should be: opened ",
    ),
    BookCrime(
        "an open dispute is said to be closed",
        ("update reversals.disputes set closed_at = now() where state = 'opened'",),
        (
            Code.DISPUTE_DIFFERS,
            Code.DISPUTES_OPEN_DIFFER,
        ),
        "closed 0 instead of ",
    ),
    BookCrime(
        "an unwinding took more than was planned",
        ("update reversals.unwindings set pending_micros = pending_micros - 1",),
        (Code.UNWINDING_DIFFERS,),
        "took from the creator CREATOR isn't what was planned: pending ",
    ),
    BookCrime(
        "a dispute claims more than a slice had",
        ("update reversals.claims set share_micros = share_micros + 1000000",),
        (Code.UNWINDING_DIFFERS,),
        "Lost disputes claim more of part 0 of the gift ",
    ),
    BookCrime(
        "an item of a batch is for another amount",
        ("update payouts.batch_items set amount_minor = amount_minor + 1",),
        (Code.BATCH_DIFFERS,),
        "isn't the sum of its payouts: total minor ",
    ),
    BookCrime(
        "a provider reports another amount",
        (
            """
            insert into audit.cases (kind, what, provider, on_date, reference, ours, theirs, opened_at) values
                ('different', 'payment', 'sandbox', '2026-03-01', 'pay_7',
                '{"amount_minor": 1081, "fee_minor": 62, "currency": "USD"}',
                '{"amount_minor": 1082, "fee_minor": 62, "currency": "USD"}', now())
            """,
        ),
        (Code.REPORT_DIFFERS,),
        "On 2026-03-01 the provider sandbox reports 1082 minor units of USD with a fee of 62 for the payment pay_7, "
        "and we have 1081 minor units of USD with a fee of 62: the case ",
    ),
)
