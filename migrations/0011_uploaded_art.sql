-- Pictures of gifts that operators uploaded. The name is made from what the picture holds, so it is never changed.
create table gifts.art (
    name     text        primary key,
    svg      bytea       not null,
    added_at timestamptz not null,
    constraint "uploaded art is named by its hash" check (name ~ '^art_[0-9a-f]{32}$'),
    constraint "uploaded art is small" check (length(svg) between 1 and 24000)
);

-- What operators look through: every live, the newest first, and what providers told while a top-up was under way.
create index lives_by_newest on rooms.lives (started_at, id);
create index inbox_by_received on coins.inbox (received_at);
