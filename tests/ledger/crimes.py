"""What somebody might do behind the ledger's back, and what a check of the story in `tampering` then finds.

A finding is written as its code, the timestamp, and the name of the account, or the asset when it is of no account.
"""

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

from psycopg.sql import SQL


class Crime(NamedTuple):
    name: str
    statements: Sequence[LiteralString]
    in_full: set[str]
    """What a check of everything finds, and one to which the place is new."""
    when_old: set[str] | None = None
    """What a check finds that reads only what is new, when every transfer is old. None: `in_full`."""
    when_new: set[str] | None = None
    """The same, when all but the first three transfers are new, and the place is one of those. None: `in_full`."""


CRIMES = [
    Crime(
        "the amount of a transfer",
        ["update ledger.transfers set amount = amount + 1 where timestamp = 4"],
        {"history_differs 4 ada", "history_differs 4 creator", "counter_differs ada", "counter_differs creator"},
        when_old=set(),
    ),
    Crime(
        "the amount of the last transfer",
        ["update ledger.transfers set amount = amount + 1 where timestamp = 15"],
        {"history_differs 15 bob", "history_differs 15 creator", "counter_differs bob", "counter_differs creator"},
        when_old=set(),
    ),
    Crime(
        "the amount of an open hold",
        ["update ledger.transfers set amount = amount + 1 where timestamp = 9"],
        {
            *("history_differs 9 ada", "history_differs 9 creator", "counter_differs ada", "counter_differs creator"),
            *("pending_differs ada", "pending_differs creator"),
        },
        when_old={"pending_differs ada", "pending_differs creator"},
    ),
    Crime(
        "a posted counter",
        ["update ledger.accounts set credits_posted = credits_posted + 1 where code = 300"],
        {"counter_differs creator", "asset_does_not_balance 1"},
    ),
    Crime(
        "a pending counter",
        ["update ledger.accounts set debits_pending = debits_pending - 1 where debits_pending > 0"],
        {"counter_differs ada", "asset_does_not_balance 1", "pending_differs ada"},
    ),
    Crime(
        "both sides of an asset",
        [
            """
            update ledger.accounts
            set debits_posted = debits_posted + 1, credits_posted = credits_posted + 1
            where ledger = 840
            """
        ],
        {"counter_differs clearing", "counter_differs float"},
    ),
    Crime(
        "the first transfer, deleted",
        ["delete from ledger.transfers where timestamp = 1"],
        {
            *("timestamp_missing 1", "history_differs 2 issuer", "history_differs 4 ada"),
            *("counter_differs issuer", "counter_differs ada"),
        },
        when_old=set(),
        when_new={"history_differs 4 ada", "counter_differs ada"},
    ),
    Crime(
        "a transfer in the middle, deleted",
        ["delete from ledger.transfers where timestamp = 5"],
        {
            *("timestamp_missing 5", "history_differs 15 bob", "history_differs 6 creator"),
            *("counter_differs bob", "counter_differs creator"),
        },
        when_old=set(),
    ),
    Crime(
        "the last transfer, deleted",
        ["delete from ledger.transfers where timestamp = 15"],
        {"timestamp_missing 15", "counter_differs bob", "counter_differs creator"},
        when_old={"checked_part_differs 15", "timestamp_missing 15", "counter_differs bob", "counter_differs creator"},
    ),
    Crime(
        "a hold, deleted after its end",
        ["delete from ledger.transfers where timestamp = 6"],
        {
            *("timestamp_missing 6", "history_differs 7 ada", "history_differs 7 creator", "hold_missing 11"),
            *("counter_differs ada", "counter_differs creator", "history_differs 11 ada", "history_differs 11 creator"),
        },
        when_old=set(),
    ),
    Crime(
        "a balance after a transfer",
        ["update ledger.transfers set credit_credits_posted = credit_credits_posted + 1 where timestamp = 5"],
        {"history_differs 5 creator"},
        when_old=set(),
    ),
    Crime(
        "a balance after an account's last transfer",
        ["update ledger.transfers set debit_credits_posted = debit_credits_posted - 1 where timestamp = 15"],
        {"history_differs 15 bob"},
        when_old={"counter_differs bob"},
    ),
    Crime(
        "an instant, earlier",
        ["update ledger.transfers set at = at - interval '1 hour' where timestamp = 5"],
        {"time_goes_back 5"},
        when_old=set(),
    ),
    Crime(
        "an instant, later",
        ["update ledger.transfers set at = at + interval '1 hour' where timestamp = 14"],
        {"time_goes_back 15"},
        when_old=set(),
    ),
    Crime(
        "an instant, beyond all time",
        ["update ledger.transfers set at = 'infinity' where timestamp = 15"],
        {"clock_differs 15"},
        when_old={"checked_part_differs 15", "clock_differs 15"},
    ),
    Crime(
        "the clock's count",
        ["update ledger.clock set timestamp = timestamp + 2"],
        {"timestamp_missing 16"},
    ),
    Crime(
        "the clock's instant",
        ["update ledger.clock set at = at - interval '1 second'"],
        {"clock_differs 15"},
    ),
    Crime(
        "a hold, open no more",
        ["delete from ledger.open_holds where timestamp = 9"],
        {"open_hold_missing 9", "pending_differs ada", "pending_differs creator"},
        when_old={"pending_differs ada", "pending_differs creator"},
    ),
    Crime(
        "a hold, open again",
        ["insert into ledger.open_holds (id, timestamp) select id, 6 from ledger.transfers where timestamp = 6"],
        {"open_hold_differs 6", "pending_differs ada", "pending_differs creator"},
    ),
    Crime(
        "when an open hold expires",
        ["update ledger.open_holds set expires_at = expires_at + interval '1 hour' where timestamp = 10"],
        {"open_hold_differs 10"},
    ),
    Crime(
        "how long an open hold lasts",
        ["update ledger.transfers set hold_seconds = hold_seconds + 1 where timestamp = 10"],
        {"open_hold_differs 10"},
    ),
    Crime(
        "an end that came too early",
        ["update ledger.transfers set hold_seconds = hold_seconds + 86400 where timestamp = 8"],
        {"hold_ended_wrongly 12"},
        when_old=set(),
    ),
    Crime(
        "another end of a hold",
        ["update ledger.transfers set kind = 4 where timestamp = 13"],
        {"hold_ended_wrongly 13"},
        when_old=set(),
    ),
    Crime(
        "an end with more than was held",
        ["update ledger.transfers set amount = 201 where timestamp = 11"],
        {
            *("hold_ended_wrongly 11", "history_differs 11 ada", "history_differs 11 creator"),
            *("counter_differs ada", "counter_differs creator"),
        },
        when_old=set(),
    ),
    Crime(
        "the account of an end",
        [
            """
            update ledger.transfers
            set debit_account = (select debit_account from ledger.transfers where timestamp = 15)
            where timestamp = 11
            """
        ],
        {
            *("hold_ended_wrongly 11", "history_differs 11 bob", "history_differs 12 ada", "history_differs 15 bob"),
            *("counter_differs ada", "counter_differs bob"),
        },
        when_old=set(),
    ),
    Crime(
        "the code of an end",
        ["update ledger.transfers set code = 8 where timestamp = 11"],
        {"hold_ended_wrongly 11"},
        when_old=set(),
    ),
    Crime(
        "one hold for another",
        [
            'drop index ledger."a hold ends once"',
            """
            update ledger.transfers
            set hold_id = (select hold_id from ledger.transfers where timestamp = 13)
            where timestamp = 11
            """,
        ],
        {
            *("hold_ended_wrongly 11", "hold_ended_twice 13", "history_differs 11 ada", "history_differs 11 creator"),
            *("counter_differs ada", "counter_differs creator", "open_hold_missing 6"),
        },
        when_old=set(),
    ),
    Crime(
        "an account, deleted",
        ["delete from ledger.accounts where code = 1000"],
        {"account_missing 14 clearing", "asset_does_not_balance 840"},
        when_old={"asset_does_not_balance 840"},
    ),
    Crime(
        "the asset of an account",
        ["update ledger.accounts set ledger = 978 where code = 1000"],
        {"assets_mixed 14", "asset_does_not_balance 840", "asset_does_not_balance 978"},
        when_old={"asset_does_not_balance 840", "asset_does_not_balance 978"},
    ),
    Crime(
        "a wallet's limit",
        ["update ledger.accounts set debits_posted = credits_posted + 1 where id = '000000000000000000000000000000a3'"],
        {"counter_differs bob", "limit_broken bob", "asset_does_not_balance 1"},
    ),
    Crime(
        "a mirror's limit",
        ["update ledger.accounts set credits_posted = debits_posted + 1 where code = 100"],
        {"counter_differs issuer", "limit_broken issuer", "asset_does_not_balance 1"},
    ),
    Crime(
        "which limit an account has",
        ['update ledger.accounts set "limit" = 2 where code = 300'],
        {"limit_broken creator", *(f"limit_broken {number} creator" for number in (*range(4, 14), 15))},
        when_old={"limit_broken creator"},
    ),
    Crime(
        "a counter, below zero",
        ["update ledger.accounts set debits_posted = -1 where code = 2000"],
        {"counter_differs float", "counter_out_of_range float", "asset_does_not_balance 840"},
    ),
    Crime(
        "a counter, too large",
        ["update ledger.accounts set debits_posted = 9223372036854775807, debits_pending = 1 where code = 1000"],
        {
            *("counter_differs clearing", "counter_out_of_range clearing", "asset_does_not_balance 840"),
            "pending_differs clearing",
        },
    ),
]


CLOCK_TO_16: LiteralString = "update ledger.clock set timestamp = 16"


def forged(*, amount: int = 1, kind: int = 0, debit_posted: int, credit_posted: int) -> list[Any]:
    """A transfer with the timestamp 16 from Bob to the creator."""
    statement = SQL(
        """
        insert into ledger.transfers (
            timestamp, at, amount, kind,
            debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
            credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending,
            ref_64, hold_seconds, id, debit_account, credit_account, ref_32, code)
        select 16, at, {amount}, {kind}, {debit_posted}, 0, 500, 0, 0, 0, {credit_posted}, 90,
               0, 0, gen_random_uuid(), debit_account, credit_account, 0, 7
        from ledger.transfers where timestamp = 15
        """
    )
    return [statement.format(amount=amount, kind=kind, debit_posted=debit_posted, credit_posted=credit_posted)]
