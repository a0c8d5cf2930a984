-- Lives: what happens in them, in order; combos and leaderboards.

create schema rooms;

-- A creator's stream. `last_seq` numbers what happened in it: whoever adds an event holds this row's lock. Both counters
-- change all the time, and nothing that changes often is in an index, so an update stays on its page.
create table rooms.lives (
    id            uuid        primary key,
    creator_id    uuid        not null references people.people (id),
    title         text        not null,
    cover_url     text,
    playback_kind text,
    playback_url  text,
    started_at    timestamptz not null,
    ended_at      timestamptz,
    end_reason    text,
    last_seq      bigint      not null default 0,
    likes         bigint      not null default 0,
    constraint "a live's playback is HLS or WHEP" check (playback_kind in ('hls', 'whep')),
    constraint "a playback has a kind and an address" check ((playback_kind is null) = (playback_url is null)),
    constraint "a live that ended says why" check ((ended_at is null) = (end_reason is null)),
    constraint "a live's counters are not below zero" check (last_seq >= 0 and likes >= 0)
) with (fillfactor = 50);
create unique index "a creator has one live at a time" on rooms.lives (creator_id) where ended_at is null;
create index lives_on_by_newest on rooms.lives (started_at, id) where ended_at is null;

-- What happened in a live, numbered from 1 without a gap. `body` is the JSON as it goes to every screen, byte for byte:
-- it is never read here, only sent. Gifts are on the hot path, so there is no foreign key and no check.
create table rooms.events (
    live_id uuid        not null,
    seq     bigint      not null,
    at      timestamptz not null,
    gift_id uuid,
    type    text        not null,
    body    bytea       not null,
    constraint "an event has a number of its own in its live" primary key (live_id, seq)
);
create unique index "a gift happens once" on rooms.events (gift_id) where gift_id is not null;

-- The same gift again and again from one fan in one live. `key` is derived from the fan, the live, the gift, the
-- client's combo id, and whether it is anonymous; tapped again after its end, it begins its next generation. `gift` and
-- `sender` are the JSON that the event of its end will show. Only guarded by the lock of its live.
create table rooms.combos (
    key        uuid        primary key,
    live_id    uuid        not null,
    generation bigint      not null,
    count      bigint      not null,
    coins      bigint      not null,
    last_at    timestamptz not null,
    ended_at   timestamptz,
    gift       bytea       not null,
    sender     bytea       not null
) with (fillfactor = 70);
create index combos_open on rooms.combos (live_id) where ended_at is null;

-- Coins that a fan gave a creator in lives: in one live (its id), in a week of ISO 8601 (`2026-W10`), and in all
-- (`all`). What was given anonymously is the nil id's. `reached_at` is when the sum was reached: who was first leads.
create table rooms.leaderboard (
    creator_id uuid             not null,
    span       text collate "C" not null,
    fan_id     uuid             not null,
    coins      bigint           not null,
    reached_at timestamptz      not null,
    constraint "a fan is once on a leaderboard" primary key (creator_id, span, fan_id)
) with (fillfactor = 70);

-- Up to which transfer of the ledger's feed every gift is known to be among the events.
create table rooms.relay (
    only_row boolean primary key default true check (only_row),
    cursor   bigint  not null default 0
);
insert into rooms.relay default values;
