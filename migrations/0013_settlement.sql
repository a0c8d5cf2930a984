-- Settlement: which coins of which lot each gift was made of, what they are worth, and what the creator gets of it.
--
-- The fold over the ledger's feed writes the line of stretches, the slices, the carries, the runs and their legs in one
-- transaction each time, and moves its cursor with them. All of it but the terms can be made again from the ledger.

-- The ledger's front door for folds in SQL: every transfer with whose accounts it is between. An account that is
-- nobody's stands for itself. It is read by timestamps: `offset 0` keeps any plan from beginning with all accounts of one
-- kind, of which there may be millions.
create view ledger.feed as
    select t.timestamp, t.at, t.id, t.kind, t.code, t.amount, t.ref_128, t.ref_64, t.ref_32, t.hold_id,
        debit.ledger as asset,
        t.debit_account, debit.code as debit_code, debit.owner as debit_owner,
        t.debit_debits_posted, t.debit_debits_pending, t.debit_credits_posted, t.debit_credits_pending,
        t.credit_account, credit.code as credit_code, credit.owner as credit_owner,
        t.credit_debits_posted, t.credit_debits_pending, t.credit_credits_posted, t.credit_credits_pending
    from ledger.transfers t
    cross join lateral (
        select ledger, code, coalesce(ref_128, id) as owner from ledger.accounts where id = t.debit_account offset 0
    ) as debit
    cross join lateral (
        select code, coalesce(ref_128, id) as owner from ledger.accounts where id = t.credit_account offset 0
    ) as credit;

-- Spending order ------------------------------------------------------------------------------------------------------

-- A lot is whatever brought coins: a top-up, a grant, or a transfer that nobody asked for here (its id is the
-- transfer's, and it is worth nothing). The fold opens those that aren't open yet, so the owner may be nobody we know.
alter table coins.lots
    drop constraint lots_id_fkey,
    drop constraint lots_person_id_fkey,
    add column kind text not null default 'paid',
    add constraint "a lot is paid or promotional" check (kind in ('paid', 'promotional')),
    add constraint "promotional coins are worth nothing" check (kind = 'paid' or value_micros = 0);

-- The intent to give somebody coins for nothing; the id of its transfer is derived from its own.
create table coins.grants (
    id        uuid        primary key,
    person_id uuid        not null references people.people (id),
    coins     bigint      not null,
    currency  text        not null,
    reason    text        not null,
    made_by   uuid        references people.people (id),
    made_at   timestamptz not null,
    posted_at timestamptz,
    constraint "a grant holds from 1 to 10,000,000 coins" check (coins between 1 and 10000000),
    constraint "a grant says why" check (char_length(reason) between 1 and 200)
);
create index grants_by_person on coins.grants (person_id, made_at, id);
create index grants_under_way on coins.grants (made_at) where posted_at is null;

-- The line of a fan's coins in the order in which they are spent: the coins of the line from `first_coin` on are those
-- of the lot from `lot_offset` on. Stretches of one fan touch each other and never overlap.
create table coins.stretches (
    person_id  uuid   not null,
    first_coin bigint not null,
    coins      bigint not null,
    lot_id     uuid   not null,
    lot_offset bigint not null,
    constraint "a place in the line is one coin's" primary key (person_id, first_coin),
    constraint "a stretch holds coins" check (coins > 0 and first_coin >= 0 and lot_offset >= 0)
);
create unique index "a coin is in the line once" on coins.stretches (lot_id, lot_offset);

-- How long the line is, and how much of it gifts have consumed. `taken` are the coins that cuts took out of it and that
-- didn't come back: what the fan ever received is `received + taken`.
create table coins.spenders (
    person_id uuid   primary key,
    received  bigint not null default 0,
    spent     bigint not null default 0,
    taken     bigint not null default 0,
    constraint "nobody spends what isn't in the line" check (spent between 0 and received),
    constraint "what was taken isn't below nothing" check (taken >= 0)
) with (fillfactor = 70);

-- What came of each hold that wants coins of one lot back (a refund, a dispute). `fits`: the lot had so many left
-- unspent at that place of the ledger, and the last of them left the line; else nothing did. `ended` says what came of
-- the hold then: posted, they are gone for good; voided (or expired), they came back at the front of the line.
create table coins.cuts (
    hold_id         uuid    primary key,
    timestamp       bigint  not null,
    lot_id          uuid,
    person_id       uuid    not null,
    coins           bigint  not null,
    rest_before     bigint  not null,
    fits            boolean not null,
    lot_offset      bigint  not null,
    value_micros    bigint  not null,
    ended           text,
    ended_timestamp bigint,
    constraint "a cut is for some coins" check (coins > 0 and rest_before >= 0 and lot_offset >= 0),
    constraint "a cut ends posted or voided" check (ended in ('posted', 'voided')),
    constraint "a cut that ended says when" check ((ended is null) = (ended_timestamp is null)),
    constraint "a cut that fits finds its coins" check (not fits or (lot_id is not null and coins <= rest_before)),
    constraint "what doesn't fit takes nothing" check (fits or value_micros = 0)
);
create index cuts_by_lot on coins.cuts (lot_id);
create index cuts_in_order on coins.cuts (timestamp);
create index cuts_by_end on coins.cuts (ended_timestamp);

-- Which coins of the lot a cut that fitted took: more than one piece where some had come back from a cut before.
create table coins.cut_pieces (
    hold_id    uuid   not null,
    lot_offset bigint not null,
    coins      bigint not null,
    constraint "a cut takes a coin once" primary key (hold_id, lot_offset),
    constraint "a piece holds coins" check (coins > 0 and lot_offset >= 0)
);

-- Terms ---------------------------------------------------------------------------------------------------------------

-- Region, share tier and risk tier of record of a creator, from an instant on. The fold writes the first one down when
-- it first meets somebody, and one from after all that it has folded when their region changed: so making the slices
-- again gives the same.
create table earnings.terms (
    person_id  uuid        not null,
    region     text        not null,
    tier       text        not null default 'standard',
    risk_tier  text        not null default 'standard',
    valid_from timestamptz not null,
    constraint "a creator's terms change once at an instant" primary key (person_id, valid_from)
);

-- How long a creator's money stays pending, by risk tier.
create table earnings.risk_tiers (
    risk_tier    text        not null,
    hold_seconds bigint      not null,
    valid_from   timestamptz not null,
    constraint "a risk tier changes once at an instant" primary key (risk_tier, valid_from),
    constraint "a hold takes from no time to a year" check (hold_seconds between 0 and 31622400)
);
insert into earnings.risk_tiers (risk_tier, hold_seconds, valid_from) values
    ('standard', 604800, '2020-01-01T00:00:00Z'),
    ('new', 1209600, '2020-01-01T00:00:00Z'),
    ('trusted', 172800, '2020-01-01T00:00:00Z');

-- What a creator gets for a coin that nobody paid for. One for the creator's region goes before one for all (''); without
-- any it is nothing.
create table earnings.promotional_rates (
    region          text        not null default '',
    currency        text        not null,
    micros_per_coin bigint      not null,
    valid_from      timestamptz not null,
    constraint "a promotional rate changes once at an instant" primary key (region, currency, valid_from),
    constraint "a promotional coin's price is not below nothing" check (micros_per_coin >= 0)
);

-- The fold ------------------------------------------------------------------------------------------------------------

-- Up to which transfer everything is folded. Whoever holds this row's lock is the one who folds.
create table earnings.cursor (
    only_row  boolean     primary key default true check (only_row),
    timestamp bigint      not null default 0,
    at        timestamptz not null default 'epoch'
) with (fillfactor = 10);
insert into earnings.cursor default values;

-- One gift's part of one stretch, and what the creator gets of it. `timestamp` is the gift's transfer, `place` counts
-- its parts from 0, `gift_id` is its sending. A rate is a share or a price per coin; without one the share is nothing.
create table earnings.slices (
    timestamp       bigint   not null,
    lot_offset      bigint   not null,
    coins           bigint   not null,
    value_micros    bigint   not null,
    share_micros    bigint   not null,
    micros_per_coin bigint,
    gift_id         uuid     not null,
    fan_id          uuid     not null,
    creator_id      uuid     not null,
    lot_id          uuid     not null,
    share_bps       integer,
    place           smallint not null,
    currency        text     not null,
    region          text     not null,
    tier            text     not null,
    constraint "a part of a gift is settled once" primary key (timestamp, place),
    constraint "a slice holds coins" check (coins > 0 and lot_offset >= 0),
    constraint "a slice is worth nothing or more" check (value_micros >= 0 and share_micros >= 0),
    constraint "a slice has one rate at most" check (num_nonnulls(share_bps, micros_per_coin) <= 1)
);
create index slices_by_lot on earnings.slices (lot_id, lot_offset);
create index slices_by_creator on earnings.slices (creator_id, timestamp) with (fillfactor = 70);

create function earnings.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the rows of earnings.% are never changed or deleted', tg_table_name
        using errcode = 'integrity_constraint_violation', constraint = 'what is settled stays settled';
end
$$;
create trigger "slices stay as they are" before update or delete or truncate on earnings.slices
    for each statement execute function earnings.refuse_change();

-- What the last division left over, in ten-thousandths of an internal unit, for the creator's next slice.
create table earnings.carries (
    creator_id uuid    not null,
    currency   text    not null,
    carry      integer not null,
    constraint "a creator has one carry in a currency" primary key (creator_id, currency),
    constraint "a carry is less than a unit" check (carry between 0 and 9999)
) with (fillfactor = 70);

-- One page of the fold that settled any gifts, numbered by its first transfer.
create table earnings.runs (
    id              bigint      primary key,
    first_timestamp bigint      not null,
    last_timestamp  bigint      not null,
    folded_at       timestamptz not null,
    posted_at       timestamptz,
    constraint "a run reads forward" check (first_timestamp <= last_timestamp)
);
create index runs_to_post on earnings.runs (id) where posted_at is null;

-- What one run brings one creator in one currency: the intent of one chain, whose ids are derived from the three.
-- `promoted_micros` is the part of the share that no fan paid for. `left_micros` is what of the share is still pending:
-- it falls when it is released, or taken back.
create table earnings.legs (
    run             bigint      not null references earnings.runs (id),
    creator_id      uuid        not null,
    currency        text        not null,
    gifts           bigint      not null,
    coins           bigint      not null,
    value_micros    bigint      not null,
    share_micros    bigint      not null,
    promoted_micros bigint      not null,
    left_micros     bigint      not null,
    first_at        timestamptz not null,
    last_at         timestamptz not null,
    release_at      timestamptz not null,
    posted_at       timestamptz,
    released_at     timestamptz,
    constraint "a run pays a creator once in a currency" primary key (run, creator_id, currency),
    constraint "a leg settles gifts" check (gifts > 0 and coins > 0),
    constraint "what isn't promoted comes from what was paid"
        check (promoted_micros between 0 and share_micros and share_micros - promoted_micros <= value_micros),
    constraint "what is left of a leg is a part of it" check (left_micros between 0 and share_micros),
    constraint "only what was posted is released" check (released_at is null or posted_at is not null)
) with (fillfactor = 70);
create index legs_to_post on earnings.legs (run) where posted_at is null;
create index legs_pending on earnings.legs (creator_id, currency, release_at) where left_micros > 0;
create index legs_to_release on earnings.legs (release_at) where left_micros > 0;
create index legs_by_creator on earnings.legs (creator_id, run);

-- After the hold ------------------------------------------------------------------------------------------------------

-- Pending money that becomes available.
create table earnings.releases (
    id         uuid        primary key,
    creator_id uuid        not null,
    currency   text        not null,
    micros     bigint      not null,
    made_at    timestamptz not null,
    posted_at  timestamptz,
    constraint "a release is of some money" check (micros > 0)
);
create index releases_under_way on earnings.releases (made_at, id) where posted_at is null;
create index releases_by_creator on earnings.releases (creator_id, made_at, id);

-- Available money that pays what a creator owes. `refused`: there was not so much any more; the next one looks anew.
create table earnings.repayments (
    id         uuid        primary key,
    creator_id uuid        not null,
    currency   text        not null,
    micros     bigint      not null,
    made_at    timestamptz not null,
    ended_at   timestamptz,
    refused    boolean     not null default false,
    constraint "a repayment is of some money" check (micros > 0)
);
create unique index "a debt is repaid in one go at a time"
    on earnings.repayments (creator_id, currency) where ended_at is null;
create index repayments_by_creator on earnings.repayments (creator_id, made_at, id);

-- Available money that an operator keeps back for a reason, until an instant. `left_micros` falls when a lost dispute
-- takes some of it. `freed_micros` is the intent to give back so much; `freed_at` says that it is done.
create table earnings.reserves (
    id           uuid        primary key,
    creator_id   uuid        not null references people.people (id),
    currency     text        not null,
    micros       bigint      not null,
    left_micros  bigint      not null,
    reason       text        not null,
    made_by      uuid        not null references people.people (id),
    made_at      timestamptz not null,
    until        timestamptz not null,
    posted_at    timestamptz,
    refused_at   timestamptz,
    freed_micros bigint,
    freed_by     uuid        references people.people (id),
    freed_at     timestamptz,
    constraint "a reserve is of some money" check (micros > 0),
    constraint "what is left of a reserve is a part of it" check (left_micros between 0 and micros),
    constraint "a reserve says why" check (char_length(reason) between 1 and 200),
    constraint "a reserve ends after it began" check (until > made_at),
    constraint "a reserve is posted or refused" check (posted_at is null or refused_at is null),
    constraint "only what was reserved is freed" check (freed_micros is null or posted_at is not null)
);
create index reserves_by_creator on earnings.reserves (creator_id, made_at, id);
create index reserves_open on earnings.reserves (until) where freed_at is null and refused_at is null;
