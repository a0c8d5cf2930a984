-- What `plaudit check` has seen of the ledger, run by run, so that the next run reads only what is new.

create table ledger.checks (
    number      bigint      generated always as identity primary key,
    checked_at  timestamptz not null,
    since       bigint      not null,
    timestamp   bigint      not null,
    transfer_id uuid,
    at          timestamptz,
    accounts    bigint      not null,
    findings    bigint      not null,
    constraint "a check reads on from where one ended" check (since between 0 and timestamp),
    constraint "a check remembers the transfer it ended at"
        check ((timestamp > 0) = (transfer_id is not null) and (timestamp > 0) = (at is not null)),
    constraint "a check counts what it found" check (accounts >= 0 and findings >= 0)
);
comment on column ledger.checks.since is 'The timestamp after which this run read; 0: it read everything.';
comment on column ledger.checks.timestamp is 'The last timestamp it read; transfer_id and at are those of that transfer.';

create trigger "checks stay as they are" before update or delete or truncate on ledger.checks
    for each statement execute function ledger.refuse_change();
