-- What creators are told and promised: rates that two people set, and statements that never change.

-- A rate that an operator proposes, and what became of it. Whoever proposed may take it back, but only somebody else may
-- approve, and only while it is still to come; then it is in earnings.rates, and nothing changes it any more.
create table earnings.rate_proposals (
    id              uuid        primary key,
    region          text        not null,
    currency        text        not null,
    tier            text        not null,
    share_bps       integer,
    micros_per_coin bigint,
    valid_from      timestamptz not null,
    reason          text        not null,
    proposed_by     uuid        not null references people.people (id),
    proposed_at     timestamptz not null,
    approved        boolean,
    decided_by      uuid        references people.people (id),
    decided_at      timestamptz,
    decided_because text,
    constraint "a proposal is a share or a price per coin" check (num_nonnulls(share_bps, micros_per_coin) = 1),
    constraint "a proposed share is from nothing to all" check (share_bps between 0 and 10000),
    constraint "a proposed price is not below nothing" check (micros_per_coin >= 0),
    constraint "a proposed price per coin counts in one currency" check (micros_per_coin is null or currency <> ''),
    constraint "a rate is proposed for the future" check (valid_from > proposed_at),
    constraint "a decision says who and when" check (num_nulls(approved, decided_by, decided_at) in (0, 3)),
    constraint "nobody approves what they proposed" check (approved is not true or decided_by <> proposed_by),
    constraint "a rate is approved before it holds" check (approved is not true or decided_at < valid_from)
);
create index rate_proposals_waiting on earnings.rate_proposals (valid_from, id) where approved is null;
create index rate_proposals_by_newest on earnings.rate_proposals (proposed_at, id);

create function earnings.keep_proposals() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and old.approved is null and
        (new.id, new.region, new.currency, new.tier, new.share_bps, new.micros_per_coin, new.valid_from, new.reason,
         new.proposed_by, new.proposed_at)
        is not distinct from
        (old.id, old.region, old.currency, old.tier, old.share_bps, old.micros_per_coin, old.valid_from, old.reason,
         old.proposed_by, old.proposed_at) then
        return new;
    end if;
    raise exception 'a proposal of a rate is only ever decided, and once'
        using errcode = 'integrity_constraint_violation', constraint = 'a proposal is decided once';
end
$$;
create trigger "a proposal is decided once" before update or delete on earnings.rate_proposals
    for each row execute function earnings.keep_proposals();

-- `proposal_id` is null for the rates that were there from the beginning, and for no other: the check isn't valid for
-- them. (Tests that need a rate go the same way as operators: tests/earnings/conftest.py, `set_rate`.)
alter table earnings.rates add column proposal_id uuid unique references earnings.rate_proposals (id);
alter table earnings.rates add constraint "two people approved this rate" check (proposal_id is not null) not valid;

create function earnings.keep_rates() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        -- Without a proposal the check above refuses it.
        if new.proposal_id is null or exists (
            select from earnings.rate_proposals p
            where p.id = new.proposal_id and p.approved
                and (p.region, p.currency, p.tier, p.share_bps, p.micros_per_coin, p.valid_from)
                    is not distinct from
                    (new.region, new.currency, new.tier, new.share_bps, new.micros_per_coin, new.valid_from)) then
            return new;
        end if;
        raise exception 'this rate is not the one that was approved'
            using errcode = 'integrity_constraint_violation', constraint = 'a rate is what was approved';
    end if;
    raise exception 'a rate that was set is never changed or deleted'
        using errcode = 'integrity_constraint_violation', constraint = 'a rate stays as it was set';
end
$$;
create trigger "a rate is what was approved" before insert or update or delete on earnings.rates
    for each row execute function earnings.keep_rates();

-- What a creator was told about a month that was over. `content` is canonical JSON; whoever has it can hash it again.
create table earnings.statements (
    person_id uuid        not null references people.people (id),
    month     date        not null,
    content   bytea       not null,
    sha256    bytea       not null,
    made_at   timestamptz not null,
    constraint "a creator has one statement for a month" primary key (person_id, month),
    constraint "a statement is for a whole month" check (extract(day from month) = 1),
    constraint "a statement's hash is that of its content" check (sha256 = sha256(content)),
    constraint "a statement is made when its month is over" check (made_at >= (month + interval '1 month') at time zone 'UTC')
);

create function earnings.keep_statements() returns trigger language plpgsql as $$
begin
    raise exception 'a statement is never changed or deleted'
        using errcode = 'integrity_constraint_violation', constraint = 'a statement stays as it was made';
end
$$;
create trigger "a statement stays as it was made" before update or delete or truncate on earnings.statements
    for each statement execute function earnings.keep_statements();
