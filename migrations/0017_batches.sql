-- Batches: approved payouts on their way, the files that left the house for them, and what banks said.

-- Where the house pays from, and how its banks know it.
create table payouts.house_accounts (
    rail             text        not null,
    currency         text        not null,
    name             text        not null,
    iban             text,
    bic              text,
    company_id       text,
    odfi             text,
    origin           text,
    destination      text,
    destination_name text,
    set_at           timestamptz not null,
    set_by           uuid        not null references people.people (id),
    constraint "the house pays a rail's currency from one account" primary key (rail, currency),
    constraint "a bank pays from an account" check (rail in ('sepa', 'ach')),
    constraint "an account is known by its rail's ids" check (
        case rail when 'sepa' then iban is not null and bic is not null
        else company_id is not null and odfi is not null and destination is not null end)
);

-- A batch is written once, with all of its items, before anything leaves: whoever fetches or sends it gets these bytes.
-- `sealed` is an envelope of them, because they hold where people bank; `sha256` is of what is in it.
-- `note` says what somebody must look at. Of a wallet's batch, `provider_id` is the provider's, and `ask_at` when it is
-- asked next; `refused_at` says that it didn't take the batch, `unknown_at` that an answer was lost: it may have.
create table payouts.batches (
    id          uuid        primary key,
    rail        text        not null,
    currency    text        not null,
    state       text        not null default 'written',
    made_at     timestamptz not null,
    made_by     uuid        references people.people (id),
    pay_on      date        not null,
    items       integer     not null,
    total_minor bigint      not null,
    file_name   text        not null,
    sealed      bytea       not null,
    sha256      bytea       not null,
    fetched_at  timestamptz,
    sent_at     timestamptz,
    sent_by     uuid        references people.people (id),
    provider_id text,
    ask_at      timestamptz,
    asks        integer     not null default 0,
    refused_at  timestamptz,
    unknown_at  timestamptz,
    note        text,
    done_at     timestamptz,
    constraint "a batch goes by a rail" check (rail in ('sepa', 'ach', 'wallet')),
    constraint "a batch has one of four states" check (state in ('written', 'sent', 'done', 'discarded')),
    constraint "a batch pays somebody" check (items > 0 and total_minor > 0),
    constraint "what was sent says when" check (state in ('written', 'discarded') or sent_at is not null),
    constraint "what left the house isn't discarded" check (state <> 'discarded' or sent_at is null),
    constraint "what is done says when" check ((state in ('done', 'discarded')) = (done_at is not null))
);
create index batches_by_newest on payouts.batches (made_at, id);
create index batches_by_day on payouts.batches (pay_on, currency);
create index batches_under_way on payouts.batches (rail, ask_at) where state in ('written', 'sent');
create index batches_by_key on payouts.batches (substring(sealed from 2 for 8), id);
create index batches_to_ask on payouts.batches (ask_at) where ask_at is not null;

create function payouts.refuse_other_batch() returns trigger language plpgsql as $$
begin
    raise exception 'a batch is written once'
        using errcode = 'integrity_constraint_violation', constraint = 'a batch is written once';
end
$$;
create trigger "a batch is written once" before update on payouts.batches
    for each row when (
        (old.id, old.rail, old.currency, old.made_at, old.pay_on, old.items, old.total_minor, old.file_name,
            old.sha256)
        is distinct from
        (new.id, new.rail, new.currency, new.made_at, new.pay_on, new.items, new.total_minor, new.file_name,
            new.sha256))
    execute function payouts.refuse_other_batch();
create trigger "a batch stays written" before delete or truncate on payouts.batches
    for each statement execute function payouts.refuse_other_batch();

-- Counts payments for ever: the numbers that banks' returns name them by.
create sequence payouts.item_numbers;

-- A payout is in one batch only, for ever: what didn't arrive is asked for anew, under another id.
create table payouts.batch_items (
    batch_id      uuid        not null references payouts.batches (id),
    payout_id     uuid        not null references payouts.payouts (id),
    number        bigint      not null,
    end_to_end_id text        not null,
    trace         text,
    amount_minor  bigint      not null,
    state         text        not null default 'pending',
    reason        text,
    reference     text,
    told_at       timestamptz,
    constraint "a payout is in one batch" primary key (payout_id),
    constraint "an item has a number of its own" unique (number),
    constraint "an item has a name of its own" unique (end_to_end_id),
    constraint "an item is for money" check (amount_minor > 0),
    constraint "an item has one of five states" check (
        state in ('pending', 'unclaimed', 'paid', 'returned', 'failed'))
);
create index items_of_batch on payouts.batch_items (batch_id, number);
create index items_by_trace on payouts.batch_items (trace, number) where trace is not null;

-- What banks sent, as it came, sealed. The same bytes again are the same file.
create table payouts.bank_files (
    id          uuid        primary key,
    rail        text        not null,
    name        text        not null,
    sealed      bytea       not null,
    sha256      bytea       not null,
    bank_id     text        not null,
    uploaded_at timestamptz not null,
    uploaded_by uuid        not null references people.people (id),
    constraint "a bank's file is taken once" unique (sha256)
);
create index bank_files_by_key on payouts.bank_files (substring(sealed from 2 for 8), id);
create index bank_files_by_newest on payouts.bank_files (uploaded_at, id);

-- What a file says of payments, one row each. `verdict` is what came of it; null while it waits.
create table payouts.bank_lines (
    file_id       uuid        not null references payouts.bank_files (id),
    number        integer     not null,
    kind          text        not null,
    end_to_end_id text,
    trace         text,
    batch         text,
    state         text,
    at            timestamptz not null,
    reason        text,
    reference     text,
    currency      text,
    amount_minor  bigint,
    corrected     text,
    payout_id     uuid        references payouts.payouts (id),
    verdict       text,
    constraint "a bank's file has numbered lines" primary key (file_id, number),
    constraint "a line is of an item, a batch or a correction" check (kind in ('item', 'batch', 'correction'))
);
create index bank_lines_to_look_at on payouts.bank_lines (at)
    where verdict in ('unmatched', 'amount_differs', 'contradicts', 'correction');
create index bank_lines_waiting on payouts.bank_lines (file_id, number) where verdict is null;
create index bank_lines_by_payout on payouts.bank_lines (payout_id, at) where payout_id is not null;

-- What the bank's statements booked. A statement that is told again, in other bytes, changes nothing.
create table payouts.bookings (
    account      text    not null,
    reference    text    not null,
    booked_on    date    not null,
    currency     text    not null,
    amount_minor bigint  not null,
    is_debit     boolean not null,
    batch_id     uuid    references payouts.batches (id),
    file_id      uuid    not null references payouts.bank_files (id),
    constraint "a booking is counted once" primary key (account, reference, booked_on, currency, amount_minor, is_debit)
);
create index bookings_by_day on payouts.bookings (booked_on, currency);

-- The sandbox's wallet provider.
create table sandbox.payout_batches (
    id              text        primary key,
    sender_batch_id text        not null,
    body            bytea       not null,
    taken_at        timestamptz not null,
    constraint "a sender's batch is taken once" unique (sender_batch_id)
);
