-- Payouts: where creators want their money, what they asked for, and how far it came.

create schema payouts;

-- The name that an operator read from a creator's papers when verifying them: a payout goes to nobody else's account.
alter table people.creators add column legal_name text;
alter table people.creators add constraint "a verified name is some text"
    check (legal_name is null or legal_name ~ '\S');

-- What holds for payouts in a currency, from an instant on. Amounts in minor units of that currency; what creators take
-- in a day or a year is counted in UTC.
create table payouts.rules (
    currency                  text        not null,
    minimum_minor             bigint      not null,
    maximum_day_minor         bigint      not null,
    code_above_minor          bigint      not null,
    automatic_below_minor     bigint      not null,
    two_operators_above_minor bigint      not null,
    tax_form_above_minor      bigint      not null,
    spread_bps                integer     not null,
    keeps_fee                 boolean     not null default true,
    valid_from                timestamptz not null,
    constraint "the rules of a currency change once at an instant" primary key (currency, valid_from),
    constraint "a payout is worth something" check (minimum_minor > 0 and maximum_day_minor >= minimum_minor),
    constraint "a threshold is not below nothing" check (
        code_above_minor >= 0 and automatic_below_minor >= 0 and two_operators_above_minor >= 0
        and tax_form_above_minor >= 0),
    constraint "a spread is from nothing to a tenth" check (spread_bps between 0 and 1000)
);
comment on column payouts.rules.keeps_fee is 'whether the fee stays with the house when a bank sends the money back';
insert into payouts.rules (currency, minimum_minor, maximum_day_minor, code_above_minor, automatic_below_minor,
    two_operators_above_minor, tax_form_above_minor, spread_bps, valid_from)
values
    ('USD',  1000,  1000000,  50000,  20000,  500000,  60000, 100, '2020-01-01T00:00:00Z'),
    ('EUR',  1000,  1000000,  50000,  20000,  500000,  60000, 100, '2020-01-01T00:00:00Z'),
    ('GBP',  1000,   800000,  40000,  16000,  400000,  50000, 100, '2020-01-01T00:00:00Z'),
    ('JPY',  1500,  1500000,  75000,  30000,  750000,  90000, 100, '2020-01-01T00:00:00Z');

-- What one payout costs, in the currency of the earnings.
create table payouts.fees (
    rail       text        not null,
    currency   text        not null,
    fee_minor  bigint      not null,
    valid_from timestamptz not null,
    constraint "a fee changes once at an instant" primary key (rail, currency, valid_from),
    constraint "a fee is not below nothing" check (fee_minor >= 0),
    constraint "a fee is for a rail" check (rail in ('sepa', 'ach', 'wallet'))
);
insert into payouts.fees (rail, currency, fee_minor, valid_from)
select rail, currency, fee_minor, '2020-01-01T00:00:00Z'
from (values
    ('sepa', 'EUR', 25), ('sepa', 'USD', 30), ('sepa', 'GBP', 25), ('sepa', 'JPY', 40),
    ('ach', 'USD', 25), ('ach', 'EUR', 25), ('ach', 'GBP', 20), ('ach', 'JPY', 40),
    ('wallet', 'USD', 100), ('wallet', 'EUR', 100), ('wallet', 'GBP', 80), ('wallet', 'JPY', 150)
) as seeds (rail, currency, fee_minor);

-- How methods are taken, from an instant on: how long a new one waits before its first use, how long a code is good for
-- and how often it may be guessed.
create table payouts.method_rules (
    cooldown_seconds bigint      not null,
    code_seconds     bigint      not null,
    code_tries       integer     not null,
    valid_from       timestamptz primary key,
    constraint "a wait is not below nothing" check (cooldown_seconds >= 0),
    constraint "a code can be used" check (code_seconds > 0 and code_tries > 0)
);
insert into payouts.method_rules values (48 * 3600, 1800, 5, '2020-01-01T00:00:00Z');

-- One unit of `base` is numerator / denominator units of `quote`.
create table payouts.exchange_rates (
    id          uuid        primary key,
    base        text        not null,
    quote       text        not null,
    numerator   bigint      not null,
    denominator bigint      not null,
    source      text        not null,
    set_by      uuid        references people.people (id),
    valid_from  timestamptz not null,
    constraint "an exchange rate changes once at an instant" unique (base, quote, valid_from),
    constraint "an exchange rate is above nothing" check (numerator > 0 and denominator > 0),
    constraint "an exchange rate is between two currencies" check (base <> quote)
);

-- Where money goes. `sealed` is an envelope (AES-GCM) of the details, opened only for rails; `shown` is what may be
-- seen of them. A method is never changed: another is added, and the old one retired.
create table payouts.methods (
    id           uuid        primary key,
    person_id    uuid        not null references people.people (id),
    kind         text        not null,
    currency     text        not null,
    holder_name  text        not null,
    sealed       bytea       not null,
    shown        text        not null,
    created_at   timestamptz not null,
    verified_at  timestamptz,
    usable_from  timestamptz not null,
    retired_at   timestamptz,
    code_hash    bytea,
    code_until   timestamptz,
    code_tries   integer     not null default 0,
    constraint "a method is for a rail" check (kind in ('sepa', 'ach', 'wallet')),
    constraint "a method is used after it was added" check (usable_from >= created_at),
    constraint "a code that waits has an end" check ((code_hash is null) = (code_until is null))
);
create index methods_by_person on payouts.methods (person_id, created_at);
create index methods_by_key on payouts.methods (substring(sealed from 2 for 8), id);

-- What the tax offices want to know, sealed like methods. The newest of a person counts.
create table payouts.tax_facts (
    id        uuid        primary key,
    person_id uuid        not null references people.people (id),
    residence text        not null,
    form      text        not null,
    has_id    boolean     not null,
    shown     text        not null,
    sealed    bytea       not null,
    signed_at timestamptz not null,
    constraint "a tax form is one of three" check (form in ('w9', 'w8ben', 'dac7')),
    constraint "a residence is two capital letters" check (residence ~ '^[A-Z]{2}$'),
    constraint "tax facts are signed once at an instant" unique (person_id, signed_at)
);
create index tax_facts_by_key on payouts.tax_facts (substring(sealed from 2 for 8), id);

-- What is withheld, in basis points of what leaves the earnings. `residence` is empty where no other row holds.
create table payouts.withholdings (
    residence  text        not null default '',
    form       text        not null,
    has_id     boolean     not null,
    rate_bps   integer     not null,
    valid_from timestamptz not null,
    constraint "what is withheld changes once at an instant" primary key (form, residence, has_id, valid_from),
    constraint "what is withheld is from nothing to all" check (rate_bps between 0 and 10000),
    constraint "a form is one of three" check (form in ('w9', 'w8ben', 'dac7'))
);
-- Where these come from: docs/defaults.md.
insert into payouts.withholdings (form, has_id, rate_bps, valid_from) values
    ('w9', true, 0, '2020-01-01T00:00:00Z'), ('w9', false, 2400, '2020-01-01T00:00:00Z'),
    ('w8ben', true, 0, '2020-01-01T00:00:00Z'), ('w8ben', false, 0, '2020-01-01T00:00:00Z'),
    ('dac7', true, 0, '2020-01-01T00:00:00Z'), ('dac7', false, 0, '2020-01-01T00:00:00Z');

-- What a creator asked for. `amount_minor` leaves their available money (2210); `paid_minor` is what arrives. In the
-- internal units of `currency`, amount = fee + withheld + spread + what was exchanged (or paid as it is).
-- `ledger_due_at`: from when on the ledger has to be told of the state that was reached; null when it knows.
create table payouts.payouts (
    id             uuid        primary key,
    person_id      uuid        not null references people.people (id),
    method_id      uuid        not null references payouts.methods (id),
    rail           text        not null,
    currency       text        not null,
    amount_minor   bigint      not null,
    takes_all      boolean     not null,
    fee_minor      bigint      not null,
    withheld_minor bigint      not null,
    spread_micros  bigint      not null,
    paid_currency  text        not null,
    paid_minor     bigint      not null,
    rate_id        uuid        references payouts.exchange_rates (id),
    keeps_fee      boolean     not null,
    residence      text,
    form           text,
    operators      integer     not null,
    why            text        not null,
    state          text        not null default 'requested',
    asked_at       timestamptz not null,
    state_at       timestamptz not null,
    held_at        timestamptz,
    ledger_due_at  timestamptz,
    reference      text,
    paid_at        timestamptz,
    paused_at      timestamptz,
    paused_by      uuid        references people.people (id),
    paused_reason  text,
    constraint "a payout has one of seven states" check (
        state in ('requested', 'approved', 'submitted', 'paid', 'returned', 'failed', 'cancelled')),
    constraint "a payout is for money" check (amount_minor > 0 and paid_minor > 0),
    constraint "what is taken off is not below nothing" check (
        fee_minor >= 0 and withheld_minor >= 0 and spread_micros >= 0),
    constraint "the parts of a payout fit" check (
        amount_minor - fee_minor - withheld_minor > 0
        and (rate_id is not null or (spread_micros = 0 and paid_currency = currency
            and paid_minor = amount_minor - fee_minor - withheld_minor))),
    constraint "an exchange is between two currencies" check ((rate_id is null) = (paid_currency = currency)),
    constraint "none, one or two operators approve" check (operators between 0 and 2),
    constraint "what waits says why and since when" check (
        num_nonnulls(paused_at, paused_by, paused_reason) in (0, 3))
);
create index payouts_by_person on payouts.payouts (person_id, asked_at, id);
create index payouts_by_state on payouts.payouts (state, asked_at, id);
create index payouts_by_newest on payouts.payouts (asked_at, id);
create index payouts_due on payouts.payouts (ledger_due_at) where ledger_due_at is not null;
create index payouts_by_method on payouts.payouts (method_id, state);
create index payouts_paid on payouts.payouts (paid_at, person_id) where paid_at is not null;

-- Which state may follow which; the same table as payouts/rules.py has.
create table payouts.legal_steps (
    before text not null,
    after  text not null,
    primary key (before, after)
);
insert into payouts.legal_steps values
    ('requested', 'approved'), ('requested', 'failed'), ('requested', 'cancelled'),
    ('approved', 'submitted'), ('approved', 'failed'), ('approved', 'cancelled'),
    ('submitted', 'paid'), ('submitted', 'failed'),
    ('paid', 'returned');

-- Every state that a payout reached, who brought it there and why.
create table payouts.steps (
    payout_id  uuid        not null references payouts.payouts (id),
    number     integer     not null,
    state      text        not null,
    at         timestamptz not null,
    actor_kind text        not null,
    actor_id   uuid        references people.people (id),
    reason     text        not null,
    constraint "a payout's steps are numbered" primary key (payout_id, number),
    constraint "somebody takes a step" check (actor_kind in ('creator', 'operator', 'house', 'rail')),
    constraint "people who take steps are named" check ((actor_kind in ('creator', 'operator')) = (actor_id is not null))
);

create function payouts.refuse_illegal_step() returns trigger language plpgsql as $$
declare
    last_number integer;
    last_state  text;
begin
    perform 1 from payouts.payouts where id = new.payout_id for no key update;
    select number, state into last_number, last_state
    from payouts.steps where payout_id = new.payout_id order by number desc limit 1;
    if new.number <> coalesce(last_number, 0) + 1
        or (last_state is null and new.state <> 'requested')
        or (last_state is not null
            and not exists (select from payouts.legal_steps where before = last_state and after = new.state)) then
        raise exception 'a payout can''t go from % to %', coalesce(last_state, 'nothing'), new.state
            using errcode = 'integrity_constraint_violation', constraint = 'a payout takes legal steps only';
    end if;
    return new;
end
$$;
create trigger "a payout takes legal steps only" before insert on payouts.steps
    for each row execute function payouts.refuse_illegal_step();

create function payouts.follow_step() returns trigger language plpgsql as $$
begin
    update payouts.payouts set state = new.state, state_at = new.at where id = new.payout_id;
    return null;
end
$$;
create trigger "a payout is where its last step led" after insert on payouts.steps
    for each row execute function payouts.follow_step();

create function payouts.refuse_other_state() returns trigger language plpgsql as $$
begin
    if new.state <> coalesce(
        (select state from payouts.steps where payout_id = new.id order by number desc limit 1), 'requested') then
        raise exception 'the state of a payout is that of its last step'
            using errcode = 'integrity_constraint_violation', constraint = 'a payout takes legal steps only';
    end if;
    return new;
end
$$;
create trigger "a payout's state is its last step's" before insert or update of state on payouts.payouts
    for each row execute function payouts.refuse_other_state();

create function payouts.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'the rows of payouts.% are never changed or deleted', tg_table_name
        using errcode = 'integrity_constraint_violation', constraint = 'the steps of payouts stay written';
end
$$;
create trigger "steps stay as they are" before update or delete or truncate on payouts.steps
    for each statement execute function payouts.refuse_change();
create trigger "legal steps stay as they are" before insert or update or delete or truncate on payouts.legal_steps
    for each statement execute function payouts.refuse_change();

-- Which operators said yes. One operator counts once.
create table payouts.approvals (
    payout_id   uuid        not null references payouts.payouts (id),
    operator_id uuid        not null references people.people (id),
    at          timestamptz not null,
    constraint "an operator approves a payout once" primary key (payout_id, operator_id)
);
