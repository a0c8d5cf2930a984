-- The ledger: accounts, transfers, holds, and the clock that orders them.
--
-- The rules live in ledger/rules.py; the constraints here repeat them as a second guard, each named by the sentence that
-- it defends. There are no foreign keys from transfers to accounts: they would cost a lookup and a row lock for each side
-- of each gift, and two other guards make up for them (accounts can't be deleted, and `plaudit check` sums every counter
-- again from the transfers).

create schema ledger;

-- One row. Whoever holds its lock is the one writer, so timestamps follow each other without a gap in commit order.
-- `version` grows with every change of an account that is not a transfer, so that writers know what they may remember.
create table ledger.clock (
    only_row   boolean     not null default true primary key,
    timestamp  bigint      not null default 0,
    at         timestamptz not null default 'epoch',
    version    bigint      not null default 0,
    constraint "the ledger has one clock" check (only_row)
) with (fillfactor = 10);
insert into ledger.clock default values;

create table ledger.accounts (
    id              uuid        primary key,
    debits_posted   bigint      not null default 0,
    debits_pending  bigint      not null default 0,
    credits_posted  bigint      not null default 0,
    credits_pending bigint      not null default 0,
    opened_at       timestamptz not null,
    ref_128         uuid,
    ledger          integer     not null,
    code            integer     not null,
    "limit"         smallint    not null,
    closed          boolean     not null default false,
    constraint "an account's id is not zero" check (id <> '00000000-0000-0000-0000-000000000000'),
    constraint "an account belongs to an asset" check (ledger > 0),
    constraint "an account's code is from 1 to 65535" check (code between 1 and 65535),
    constraint "an account's limit is a known one" check ("limit" between 0 and 2),
    constraint "no counter of an account is below zero"
        check (least(debits_posted, debits_pending, credits_posted, credits_pending) >= 0),
    constraint "the debits of an account fit in 63 bits" check (debits_pending <= 9223372036854775807 - debits_posted),
    constraint "the credits of an account fit in 63 bits" check (credits_pending <= 9223372036854775807 - credits_posted),
    constraint "a wallet never spends what it hasn't got"
        check ("limit" <> 1 or debits_pending <= credits_posted - debits_posted),
    constraint "what is owed is never paid back twice"
        check ("limit" <> 2 or credits_pending <= debits_posted - credits_posted)
) with (fillfactor = 50);
create index accounts_by_code on ledger.accounts (code, id);
create index accounts_by_reference on ledger.accounts (ref_128, id) where ref_128 is not null;

create table ledger.transfers (
    timestamp              bigint      primary key,
    at                     timestamptz not null,
    amount                 bigint      not null,
    debit_debits_posted    bigint      not null,
    debit_debits_pending   bigint      not null,
    debit_credits_posted   bigint      not null,
    debit_credits_pending  bigint      not null,
    credit_debits_posted   bigint      not null,
    credit_debits_pending  bigint      not null,
    credit_credits_posted  bigint      not null,
    credit_credits_pending bigint      not null,
    ref_64                 bigint      not null,
    hold_seconds           bigint      not null,
    id                     uuid        not null,
    debit_account          uuid        not null,
    credit_account         uuid        not null,
    ref_128                uuid,
    hold_id                uuid,
    ref_32                 integer     not null,
    code                   integer     not null,
    kind                   smallint    not null,
    constraint "a transfer's id is used once" unique (id),
    constraint "timestamps start at 1" check (timestamp > 0),
    constraint "a transfer moves more than zero" check (amount > 0),
    constraint "a transfer is between two accounts" check (debit_account <> credit_account),
    constraint "a transfer's code is from 1 to 65535" check (code between 1 and 65535),
    constraint "references are not below zero" check (ref_64 >= 0 and ref_32 >= 0),
    constraint "a transfer is of a known kind" check (kind between 0 and 4),
    constraint "only the end of a hold names one" check ((kind >= 2) = (hold_id is not null)),
    constraint "only a hold expires" check (hold_seconds = 0 or (kind = 1 and hold_seconds between 1 and 4294967295)),
    constraint "a balance after a transfer is not below zero" check (
        least(debit_debits_posted, debit_debits_pending, debit_credits_posted, debit_credits_pending,
              credit_debits_posted, credit_debits_pending, credit_credits_posted, credit_credits_pending) >= 0)
);
-- Each fan's next entry goes to the end of that fan's own, so every page of an index that was just built needs room.
create index transfers_by_debit_account on ledger.transfers (debit_account, timestamp) with (fillfactor = 70);
create index transfers_by_credit_account on ledger.transfers (credit_account, timestamp);
create index transfers_by_reference on ledger.transfers (ref_128, timestamp) where ref_128 is not null;
-- A common code is found by walking the timestamps; a rare one by the few page ranges that hold it. Costs an insert nothing.
create index transfers_by_code on ledger.transfers
    using brin (code int4_minmax_multi_ops) with (pages_per_range = 32, autosummarize = on);
create unique index "a hold ends once" on ledger.transfers (hold_id) where hold_id is not null;

-- Holds that are still open; a hold leaves this table when it ends, and what ended it stays in transfers.
create table ledger.open_holds (
    id         uuid        primary key,
    expires_at timestamptz,
    timestamp  bigint      not null,
    constraint "a hold is a transfer" foreign key (timestamp) references ledger.transfers (timestamp)
);
create index open_holds_by_expiry on ledger.open_holds (expires_at, timestamp) where expires_at is not null;

-- Nothing that was recorded is ever changed or taken away. Statement triggers cost an insert nothing.
create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the rows of ledger.% are never changed or deleted', tg_table_name
        using errcode = 'integrity_constraint_violation', constraint = 'what is recorded stays recorded';
end
$$;
create trigger "transfers stay as they are" before update or delete or truncate on ledger.transfers
    for each statement execute function ledger.refuse_change();
create trigger "accounts are not deleted" before delete or truncate on ledger.accounts
    for each statement execute function ledger.refuse_change();
