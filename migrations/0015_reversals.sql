-- Reversals: refunds of coins that weren't spent, and disputes, which take back what was paid also where it was spent.

-- Events of all three kinds wait in one inbox; who applies them differs.
alter table coins.inbox
    add column kind text not null default 'payment',
    add constraint "an event is about one of three" check (kind in ('payment', 'refund', 'dispute'));
create index top_ups_by_payment on coins.top_ups (payment_id) where payment_id is not null;

create schema reversals;

-- How many days after the coins came they can be given back. The newest row at or before now holds.
create table reversals.refund_policies (
    valid_from timestamptz not null,
    days       integer     not null,
    constraint "the days for refunds change once at an instant" primary key (valid_from),
    constraint "refunds are for some days" check (days between 0 and 3653)
);
insert into reversals.refund_policies (valid_from, days) values ('2020-01-01T00:00:00Z', 14);

-- Who bears a lost dispute: this part of what its gifts had brought is taken back from their creators (the rest is the
-- house's loss), and at most `cap_minor` for one dispute, where there is a cap. A currency's own row goes before ''.
create table reversals.dispute_policies (
    currency          text        not null default '',
    valid_from        timestamptz not null,
    creator_bears_bps integer     not null,
    cap_minor         bigint,
    constraint "who bears disputes changes once at an instant" primary key (currency, valid_from),
    constraint "creators bear from nothing to all" check (creator_bears_bps between 0 and 10000),
    constraint "a cap is in a currency" check (cap_minor is null or (cap_minor >= 0 and currency <> ''))
);
insert into reversals.dispute_policies (valid_from, creator_bears_bps) values ('2020-01-01T00:00:00Z', 10000);

-- A refund of what is left of a lot. `held`: the coins and their value are set apart; `sent`: the provider was or will
-- be asked, with the refund's id as its reference; `answer` is what it said. Amounts are known from `held` on.
create table reversals.refunds (
    id           uuid        primary key,
    person_id    uuid        not null references people.people (id),
    top_up_id    uuid        not null references coins.top_ups (id),
    state        text        not null default 'asked',
    coins        bigint,
    value_micros bigint,
    net_minor    bigint,
    tax_minor    bigint,
    answer       text,
    reason       text,
    note         text,
    asked_at     timestamptz not null,
    held_at      timestamptz,
    sent_at      timestamptz,
    ended_at     timestamptz,
    polled_at    timestamptz,
    constraint "a refund has one of five states" check (state in ('asked', 'held', 'sent', 'refunded', 'failed')),
    constraint "a provider says yes or no" check (answer in ('yes', 'no')),
    constraint "what is held has amounts" check (
        state not in ('held', 'sent', 'refunded') or num_nulls(coins, value_micros, net_minor, tax_minor, held_at) = 0),
    constraint "what goes back was asked for" check (net_minor >= 0 and tax_minor >= 0 and net_minor + tax_minor > 0),
    constraint "what ended says when" check ((state in ('refunded', 'failed')) = (ended_at is not null)),
    constraint "what failed says why" check (state <> 'failed' or reason is not null)
);
create unique index "a lot has one refund" on reversals.refunds (top_up_id) where state <> 'failed';
create index refunds_by_person on reversals.refunds (person_id, asked_at, id);
create index refunds_by_newest on reversals.refunds (asked_at, id);
create index refunds_under_way on reversals.refunds (asked_at, id) where ended_at is null;

-- A dispute as its provider told it. One whose payment isn't known (yet) has no top-up; `note` says what is odd. Each of
-- the later columns is a step: booked (the money is gone from us), held (what is left of the lot is set apart, or nothing
-- was), planned (lost, and it is settled who pays for it), closed.
create table reversals.disputes (
    id           uuid        primary key,
    provider     text        not null,
    dispute_id   text        not null,
    payment_id   text        not null,
    top_up_id    uuid        references coins.top_ups (id),
    person_id    uuid        references people.people (id),
    currency     text        not null,
    amount_minor bigint      not null,
    fee_minor    bigint      not null,
    reason       text        not null,
    state        text        not null default 'opened',
    opened_at    timestamptz not null,
    decided_at   timestamptz,
    heard_at     timestamptz not null,
    booked_at    timestamptz,
    held_at      timestamptz,
    planned_at   timestamptz,
    closed_at    timestamptz,
    polled_at    timestamptz,
    looked_at    timestamptz,
    coins        bigint      not null default 0,
    value_micros bigint      not null default 0,
    covered_micros bigint,
    tax_minor    bigint,
    rest_micros  bigint,
    loss_micros  bigint,
    note         text,
    constraint "a dispute is told of once" unique (provider, dispute_id),
    constraint "a dispute has one of three states" check (state in ('opened', 'won', 'lost')),
    constraint "a dispute is about money" check (amount_minor > 0 and fee_minor >= 0),
    constraint "what was decided says when" check ((state = 'opened') = (decided_at is null)),
    constraint "what is booked has a top-up" check (booked_at is null or (top_up_id is not null and person_id is not null)),
    constraint "who pays is planned whole" check (
        num_nulls(covered_micros, tax_minor, rest_micros, loss_micros) = case when planned_at is null then 4 else 0 end),
    constraint "nobody pays less than nothing" check (least(covered_micros, tax_minor, rest_micros, loss_micros) >= 0)
);
create index disputes_by_top_up on reversals.disputes (top_up_id);
create index disputes_by_newest on reversals.disputes (opened_at, id);
create index disputes_under_way on reversals.disputes (opened_at, id) where closed_at is null;

-- The holds on a fan's coins, each the intent of one. A try that didn't fit is dropped, and the next has a new id.
create table reversals.holds (
    id         uuid        primary key,
    lot_id     uuid        not null references coins.top_ups (id),
    refund_id  uuid        references reversals.refunds (id),
    dispute_id uuid        references reversals.disputes (id),
    attempt    integer     not null,
    made_at    timestamptz not null,
    dropped_at timestamptz,
    constraint "a hold is for a refund or a dispute" check (num_nonnulls(refund_id, dispute_id) = 1)
);
create unique index "a refund holds once at a time" on reversals.holds (refund_id) where dropped_at is null;
create unique index "a dispute holds once at a time" on reversals.holds (dispute_id) where dropped_at is null;
create index cuts_not_ended on coins.cuts (hold_id) where ended is null;
create index cuts_by_person on coins.cuts (person_id, timestamp);

-- What a lost dispute took back of each slice: the part of its value, and of the creator's share.
create table reversals.claims (
    dispute_id   uuid     not null references reversals.disputes (id),
    timestamp    bigint   not null,
    place        smallint not null,
    gift_id      uuid     not null,
    creator_id   uuid     not null,
    value_micros bigint   not null,
    share_micros bigint   not null,
    constraint "a dispute claims a slice once" primary key (dispute_id, timestamp, place),
    constraint "a claim is of something" check (value_micros >= 0 and share_micros >= 0)
);
create index claims_by_slice on reversals.claims (timestamp, place);
create index claims_by_creator on reversals.claims (creator_id, timestamp);

-- What a lost dispute takes from one creator, and from where: the intent of one chain. `platform_micros` is the house's
-- own part of the gifts, `absorbed_micros` what it bears of the creator's. `promotion_micros` of what is taken are given
-- back to the house, which had put them on top of what was paid. When a balance changed before it was posted, the next
-- attempt takes its place: the first leg of all attempts has the same id, so that only one of them can ever be posted.
create table reversals.unwindings (
    dispute_id       uuid        not null references reversals.disputes (id),
    creator_id       uuid        not null references people.people (id),
    attempt          integer     not null,
    currency         text        not null,
    gifts            bigint      not null,
    value_micros     bigint      not null,
    share_micros     bigint      not null,
    platform_micros  bigint      not null,
    absorbed_micros  bigint      not null,
    promotion_micros bigint      not null,
    pending_micros   bigint      not null,
    available_micros bigint      not null,
    reserve_micros   bigint      not null,
    owed_micros      bigint      not null,
    planned_at       timestamptz not null,
    posted_at        timestamptz,
    replaced_at      timestamptz,
    constraint "a creator has one attempt by each number" primary key (dispute_id, creator_id, attempt),
    constraint "no part of an unwinding is below nothing" check (
        least(value_micros, share_micros, platform_micros, absorbed_micros, promotion_micros, pending_micros,
              available_micros, reserve_micros, owed_micros) >= 0),
    constraint "an unwinding pays back what was paid" check (
        platform_micros + absorbed_micros + pending_micros + available_micros + reserve_micros + owed_micros
            = value_micros + promotion_micros),
    constraint "what was posted isn't replaced" check (posted_at is null or replaced_at is null)
);
create unique index "a creator's part is taken once"
    on reversals.unwindings (dispute_id, creator_id) where replaced_at is null;
create index unwindings_under_way on reversals.unwindings (planned_at) where posted_at is null and replaced_at is null;
create index unwindings_by_creator on reversals.unwindings (creator_id, planned_at, dispute_id);

-- Up to which instant a provider's disputes were asked for, for those of which no event came.
create table reversals.sweeps (
    provider    text        primary key,
    swept_until timestamptz not null
);

-- The sandbox: what it answers to a refund, its refunds, and its disputes.
alter table sandbox.settings
    add column refunds text not null default 'success',
    add constraint "a refund is answered in one of five ways"
        check (refunds in ('success', 'pending', 'failed', 'lost', 'down'));

create table sandbox.refunds (
    reference    uuid        primary key,
    payment_id   text        not null,
    amount_minor bigint      not null check (amount_minor > 0),
    currency     text        not null,
    state        text        not null,
    at           timestamptz not null,
    settles_at   timestamptz,
    constraint "a refund stands somewhere" check (state in ('pending', 'succeeded', 'failed')),
    constraint "a pending refund settles at some time" check ((state = 'pending') = (settles_at is not null))
);
create index refunds_by_payment on sandbox.refunds (payment_id);
create index refunds_due on sandbox.refunds (settles_at) where settles_at is not null;

create table sandbox.disputes (
    id           uuid        primary key,
    checkout_id  uuid        not null references sandbox.checkouts (id),
    amount_minor bigint      not null check (amount_minor > 0),
    fee_minor    bigint      not null check (fee_minor >= 0),
    currency     text        not null,
    reason       text        not null check (char_length(reason) between 1 and 200),
    state        text        not null default 'opened',
    opened_at    timestamptz not null,
    at           timestamptz not null,
    constraint "a dispute is opened, won or lost" check (state in ('opened', 'won', 'lost'))
);
create index disputes_by_checkout on sandbox.disputes (checkout_id, opened_at);
create index disputes_by_change on sandbox.disputes (at);
