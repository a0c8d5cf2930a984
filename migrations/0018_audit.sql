-- Audit: does it all add up. Seals over the transfers, what providers report and how that differs, and what was checked.

create schema audit;

create function audit.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the rows of audit.% are never changed or deleted', tg_table_name
        using errcode = 'integrity_constraint_violation', constraint = 'what was audited stays as it was';
end
$$;

-- One link of the chain: `hash` is over the hash before and every column of each transfer from first to last timestamp
-- (audit/seals.py says how). `marks` holds the first 8 bytes of each transfer's own digest, by which a change is named.
create table audit.seals (
    number          bigint      primary key,
    first_timestamp bigint      not null,
    last_timestamp  bigint      not null,
    made_at         timestamptz not null,
    previous        bytea       not null,
    hash            bytea       not null,
    marks           bytea       not null,
    constraint "seals are numbered from 1" check (number >= 1),
    constraint "a seal covers transfers" check (first_timestamp between 1 and last_timestamp),
    constraint "a transfer is sealed once" unique (last_timestamp),
    constraint "a hash has 32 bytes" check (octet_length(hash) = 32 and octet_length(previous) = 32),
    constraint "a seal marks each of its transfers" check (octet_length(marks) = 8 * (last_timestamp - first_timestamp + 1))
);
-- Digests don't get smaller: trying to compress them would be time for nothing.
alter table audit.seals alter column marks set storage external;
create trigger "seals stay as they are" before update or delete or truncate on audit.seals
    for each statement execute function audit.refuse_change();

-- What `plaudit check` found beyond the ledger's own books, run by run: as of which transfer, and up to which of them
-- settlement had folded.
create table audit.checks (
    number     bigint      generated always as identity primary key,
    checked_at timestamptz not null,
    timestamp  bigint      not null,
    folded     bigint      not null,
    findings   bigint      not null,
    constraint "a check counts what it found" check (findings >= 0)
);
create trigger "checks stay as they are" before update or delete or truncate on audit.checks
    for each statement execute function audit.refuse_change();

-- What a provider reported of a day (UTC), as it came. Other bytes for the same day are another report, and the newest
-- counts.
create table audit.reports (
    id          uuid        primary key,
    provider    text        not null,
    on_date     date        not null,
    body        bytea       not null,
    sha256      bytea       not null,
    fetched_at  timestamptz not null,
    compared_at timestamptz,
    constraint "a report is taken once" unique (provider, on_date, sha256),
    constraint "a report is what its hash says" check (sha256 = sha256(body))
);

-- The lines of the newest report of each day.
create table audit.report_lines (
    report_id    uuid        not null references audit.reports (id),
    number       integer     not null,
    provider     text        not null,
    on_date      date        not null,
    what         text        not null,
    reference    text        not null,
    amount_minor bigint      not null,
    fee_minor    bigint      not null,
    currency     text        not null,
    at           timestamptz not null,
    constraint "a report has numbered lines" primary key (report_id, number),
    constraint "a line is of one of four kinds" check (what in ('payment', 'refund', 'dispute', 'dispute_won'))
);
create index report_lines_by_reference on audit.report_lines (provider, what, reference);
create index report_lines_by_day on audit.report_lines (provider, on_date);

-- What a provider's report and our books don't agree on. Missing: the provider reports it and we don't have it; extra:
-- we have it and the provider doesn't report it. Whoever closes one says why.
create table audit.cases (
    id        bigint      generated always as identity primary key,
    kind      text        not null,
    what      text        not null,
    provider  text        not null,
    on_date   date        not null,
    reference text        not null,
    ours      jsonb,
    theirs    jsonb,
    opened_at timestamptz not null,
    closed_at timestamptz,
    closed_by uuid        references people.people (id),
    note      text,
    constraint "a case is opened once" unique (provider, on_date, what, reference),
    constraint "a case is of one of three kinds" check (kind in ('missing', 'extra', 'different')),
    constraint "a case has the sides of its kind" check (
        (ours is null) = (kind = 'missing') and (theirs is null) = (kind = 'extra')),
    constraint "who closes a case says why" check (
        num_nonnulls(closed_at, closed_by, note) in (0, 3) and (note is null or char_length(note) between 1 and 1000))
);
create index cases_open on audit.cases (id) where closed_at is null;
