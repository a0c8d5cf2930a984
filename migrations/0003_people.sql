-- People: who there is, how they sign in, whom they follow and block. Each constraint is named by the sentence that it
-- defends; those that a race can reach are mapped to an error beside the query.

create schema people;

-- E-mail addresses and handles are kept in lower case, so that unique means unique whatever the case.
create table people.people (
    id                uuid        primary key,
    email             text        not null,
    handle            text        not null,
    display_name      text        not null,
    picture_url       text,
    region            text        not null,
    currency          text        not null,
    birth_on          date,
    birth_verified_at timestamptz,
    operator_since    timestamptz,
    joined_at         timestamptz not null,
    constraint "an e-mail address belongs to one person" unique (email),
    constraint "a handle belongs to one person" unique (handle),
    constraint "an e-mail address is kept in lower case" check (email !~ '[A-Z]'),
    constraint "a handle is 3 to 24 of a-z, 0-9 and _" check (handle ~ '^[a-z0-9_]{3,24}$'),
    constraint "a region is two capital letters" check (region ~ '^[A-Z]{2}$'),
    constraint "a currency is three capital letters" check (currency ~ '^[A-Z]{3}$'),
    constraint "only a birth date that was told is verified" check (birth_verified_at is null or birth_on is not null)
);

-- How old one must be to join. `region` is empty where the rule holds for every region without one of its own.
create table people.minimum_ages (
    region     text    not null default '',
    holds_from date    not null,
    years      integer not null,
    constraint "a region's minimum age starts once on a day" primary key (region, holds_from),
    constraint "a minimum age is from 0 to 99 years" check (years between 0 and 99)
);
insert into people.minimum_ages (region, holds_from, years) values ('', '2020-01-01', 13), ('KR', '2020-01-01', 14);

create table people.passwords (
    person_id  uuid        primary key references people.people (id),
    hash       text        not null,
    changed_at timestamptz not null
);

-- `scopes` is null for a session that may do whatever its person may. The token itself is nowhere: only its SHA-256.
create table people.sessions (
    id            uuid        primary key,
    person_id     uuid        not null references people.people (id),
    token_hash    bytea       not null,
    scopes        text[],
    user_agent    text        not null,
    first_seen_at timestamptz not null,
    last_seen_at  timestamptz not null,
    idle_until    timestamptz not null,
    expires_at    timestamptz not null,
    constraint "a session's token is its own" unique (token_hash),
    constraint "a token's hash has 32 bytes" check (length(token_hash) = 32)
);
create index sessions_by_person on people.sessions (person_id, last_seen_at);

-- How often somebody tried to prove who they are; `subject` is the SHA-256 of an account or an address.
create table people.attempts (
    subject  bytea       primary key,
    count    integer     not null,
    until    timestamptz not null,
    constraint "attempts are counted from zero" check (count >= 0)
);
create index attempts_by_end on people.attempts (until);

-- `last_step` is the 30-second step of the last code that was taken: that one and all before it are used up.
create table people.second_factors (
    person_id    uuid        primary key references people.people (id),
    secret       text        not null,
    begun_at     timestamptz not null,
    confirmed_at timestamptz,
    last_step    bigint      not null default 0
);

create table people.recovery_codes (
    person_id uuid  not null references people.people (id),
    code_hash bytea not null,
    constraint "a recovery code is given once" primary key (person_id, code_hash)
);

create table people.password_resets (
    token_hash bytea       primary key,
    person_id  uuid        not null references people.people (id),
    expires_at timestamptz not null
);
create index password_resets_by_person on people.password_resets (person_id);

-- Who applied to be a creator.
create table people.creators (
    person_id  uuid        primary key references people.people (id),
    about      text        not null,
    applied_at timestamptz not null
);

create table people.follows (
    follower_id uuid        not null references people.people (id),
    followed_id uuid        not null references people.people (id),
    since       timestamptz not null,
    constraint "a person follows another once" primary key (follower_id, followed_id),
    constraint "nobody follows themselves" check (follower_id <> followed_id)
);
create index followers_by_newest on people.follows (followed_id, since, follower_id);
create index following_by_newest on people.follows (follower_id, since, followed_id);

create table people.blocks (
    blocker_id uuid        not null references people.people (id),
    blocked_id uuid        not null references people.people (id),
    since      timestamptz not null,
    constraint "a person blocks another once" primary key (blocker_id, blocked_id),
    constraint "nobody blocks themselves" check (blocker_id <> blocked_id)
);
create index blocked_by_newest on people.blocks (blocker_id, since, blocked_id);
create index blockers on people.blocks (blocked_id);

-- Letters that were sent. Until a real mail provider is chosen, this is where they are read.
create schema mail;
create table mail.letters (
    id         uuid        primary key,
    recipient  text        not null,
    subject    text        not null,
    body       text        not null,
    written_at timestamptz not null
);
create index letters_by_recipient on mail.letters (recipient, written_at);
