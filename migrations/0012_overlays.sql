-- Overlays: what a creator's streaming program shows over the picture. An overlay's address holds a secret of 256 bits,
-- which is shown once and stored as its SHA-256; whoever has it may watch the creator's present live, and nothing else.

create table rooms.overlays (
    id          uuid        primary key,
    creator_id  uuid        not null references people.people (id),
    name        text        not null,
    secret_hash bytea       not null,
    made_at     timestamptz not null,
    seen_at     timestamptz,
    revoked_at  timestamptz,
    constraint "an overlay has a secret of its own" unique (secret_hash),
    constraint "an overlay's name has 1 to 60 characters" check (char_length(name) between 1 and 60)
);
create index overlays_by_creator on rooms.overlays (creator_id, made_at, id) where revoked_at is null;

-- A creator's own lives, the newest first.
create index lives_by_creator on rooms.lives (creator_id, started_at, id);
