-- Rates: what creators get. And what operators decide about people.

create schema earnings;

-- What a creator gets of what was paid for the coins that they received: a share of it in basis points, or so many
-- internal units for each coin. The newest row at or before now holds; one for the creator's region goes before one for
-- all (''), and then one for the currency that was paid in before one for all ('').
create table earnings.rates (
    region          text        not null default '',
    currency        text        not null default '',
    tier            text        not null default 'standard',
    share_bps       integer,
    micros_per_coin bigint,
    valid_from      timestamptz not null,
    constraint "a rate changes once at an instant" primary key (tier, region, currency, valid_from),
    constraint "a rate is a share or a price per coin" check (num_nonnulls(share_bps, micros_per_coin) = 1),
    constraint "a share is from nothing to all" check (share_bps between 0 and 10000),
    constraint "a coin's price is not below nothing" check (micros_per_coin >= 0),
    constraint "a price per coin counts in one currency" check (micros_per_coin is null or currency <> '')
);
-- Shares seen in the field go from 15-24 % (Bigo) and 20-53 % (TikTok) to 70 % (YouTube's Super Chat): half is ours to
-- choose, and an operator's to change.
insert into earnings.rates (share_bps, valid_from) values (5000, '2020-01-01T00:00:00Z');

alter table people.creators add column verified_at timestamptz;
create index creators_by_newest on people.creators (applied_at, person_id);

-- Operators look for people by how a handle or an address begins.
create index people_by_handle on people.people (handle text_pattern_ops);
create index people_by_email on people.people (email text_pattern_ops);
create index top_ups_by_newest on coins.top_ups (asked_at, id);

-- What operators did, and into whose things they looked. Written in the transaction of the act itself.
create table people.operator_acts (
    id          bigint      generated always as identity primary key,
    operator_id uuid        not null references people.people (id),
    at          timestamptz not null,
    act         text        not null,
    subject     text        not null,
    detail      jsonb       not null,
    constraint "an act has one stable word" check (act ~ '^[a-z_]{3,40}$'),
    constraint "an act's detail is an object" check (jsonb_typeof(detail) = 'object')
);

create function people.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the rows of people.% are never changed or deleted', tg_table_name
        using errcode = 'integrity_constraint_violation', constraint = 'what operators did stays written';
end
$$;
create trigger "acts stay as they are" before update or delete or truncate on people.operator_acts
    for each statement execute function people.refuse_change();
