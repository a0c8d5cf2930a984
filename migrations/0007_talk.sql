-- Talk: chat and its moderation, who may receive gifts, messages between people.

-- Chat is best effort on the screens; what was said is kept. A removed line stays, for whoever asks why it went. There
-- is no foreign key to the live: its row is the busiest that there is, and a line is only added after a look at it.
create table rooms.chat (
    id         uuid        not null,
    live_id    uuid        not null,
    person_id  uuid        not null references people.people (id),
    text       text        not null,
    at         timestamptz not null,
    removed_at timestamptz,
    removed_by uuid        references people.people (id),
    constraint "a line of chat has an id of its own" primary key (id),
    constraint "who removed a line of chat is known" check ((removed_at is null) = (removed_by is null))
);
create index chat_by_live on rooms.chat (live_id, at, id);

-- Who may not chat with a creator's room, in all of their lives; `until` is null for as long as nobody unmutes them.
create table rooms.mutes (
    creator_id uuid        not null references people.people (id),
    person_id  uuid        not null references people.people (id),
    muted_by   uuid        not null references people.people (id),
    since      timestamptz not null,
    until      timestamptz,
    constraint "somebody is muted once by a creator" primary key (creator_id, person_id),
    constraint "nobody is muted in their own room" check (creator_id <> person_id),
    constraint "a mute ends after it began" check (until > since)
);
create index muted_by_newest on rooms.mutes (creator_id, since, person_id);

-- Words are kept in the form in which they are looked for: folded case, letters and digits only.
create table rooms.blocked_words (
    creator_id uuid        not null references people.people (id),
    word       text        not null,
    since      timestamptz not null,
    constraint "a creator blocks a word once" primary key (creator_id, word)
);

-- Who may moderate besides the creator and operators.
create table rooms.moderators (
    creator_id uuid        not null references people.people (id),
    person_id  uuid        not null references people.people (id),
    since      timestamptz not null,
    constraint "a creator has a moderator once" primary key (creator_id, person_id),
    constraint "a creator needs no appointment for their own room" check (creator_id <> person_id)
);

-- Who may receive gifts: one row is one rule of one kind from a day on. `region` is empty where it holds for every
-- region without one of its own. Nothing is ever changed here: of two rows for the same day the later one counts.
-- `value` is a number of years or followers; or 1 for what is asked for (or open), and 0 for what isn't.
create table rooms.requirements (
    number     bigint      generated always as identity primary key,
    kind       text        not null,
    region     text        not null default '',
    value      integer     not null,
    holds_from date        not null,
    set_at     timestamptz not null,
    set_by     uuid        references people.people (id),
    constraint "a requirement has one of six kinds" check (kind in
        ('is_creator', 'is_verified', 'least_age', 'least_followers', 'region_open', 'no_open_violation')),
    constraint "a required number isn't below zero" check (value >= 0),
    constraint "a requirement's region is two capital letters or none" check (region ~ '^([A-Z]{2})?$')
);
create index requirements_in_order on rooms.requirements (kind, region, holds_from);
insert into rooms.requirements (kind, region, value, holds_from, set_at)
select kind, region, value, '2020-01-01', '2020-01-01T00:00:00Z'
from (values
    ('is_creator', '', 1), ('is_verified', '', 1), ('least_age', '', 18), ('least_age', 'KR', 19),
    ('least_age', 'JP', 20), ('least_followers', '', 1000), ('region_open', '', 1), ('no_open_violation', '', 1)
) as seeds (kind, region, value);

-- What an operator holds against somebody; while one is open, they receive no gifts.
create table rooms.violations (
    id        uuid        primary key,
    person_id uuid        not null references people.people (id),
    reason    text        not null,
    opened_at timestamptz not null,
    opened_by uuid        not null references people.people (id),
    closed_at timestamptz,
    closed_by uuid        references people.people (id),
    constraint "who closed a violation is known" check ((closed_at is null) = (closed_by is null))
);
create index violations_by_person on rooms.violations (person_id, opened_at, id);

-- What two people write to each other. The messages of a thread are numbered from 1, without a gap.
create table rooms.threads (
    id          uuid   primary key,
    one_id      uuid   not null references people.people (id),
    other_id    uuid   not null references people.people (id),
    last_number bigint not null default 0,
    constraint "two people have one thread" unique (one_id, other_id),
    constraint "a thread names its people in the order of their ids" check (one_id < other_id)
);

-- A thread as each of its two people has it in their list; `read_number` is the last message that they have read.
create table rooms.thread_sides (
    person_id   uuid        not null references people.people (id),
    other_id    uuid        not null references people.people (id),
    thread_id   uuid        not null references rooms.threads (id),
    last_at     timestamptz not null,
    read_number bigint      not null default 0,
    constraint "a thread is once in a list" primary key (person_id, other_id),
    constraint "nobody writes to themselves" check (person_id <> other_id)
);
create index threads_by_newest on rooms.thread_sides (person_id, last_at, thread_id);

-- A message is a text, or a gift (`sending_id`) whose words stand with the gift.
create table rooms.messages (
    id         uuid        not null,
    thread_id  uuid        not null references rooms.threads (id),
    number     bigint      not null,
    sender_id  uuid        not null references people.people (id),
    text       text,
    sending_id uuid,
    at         timestamptz not null,
    constraint "a message has an id of its own" primary key (id),
    constraint "a message has a number of its own in its thread" unique (thread_id, number),
    constraint "a gift is one message" unique (sending_id),
    constraint "a message is a text or a gift" check ((text is null) <> (sending_id is null))
);

-- Messages as both people see them: a gift with what the catalogue calls it. `words` came with the gift.
create view rooms.messages_shown as
    select m.id, m.thread_id, m.number, m.at, p.handle as sender, m.text, m.sending_id,
        s.gift, g.name, g.tier, g.art, s.quantity, s.coins, s.message as words
    from rooms.messages m
    join people.people p on p.id = m.sender_id
    left join gifts.sendings s on s.id = m.sending_id
    left join gifts.gifts g on g.id = s.gift;
