-- Coins: what is offered, who bought what, and what the providers told us. Prices, taxes and minimum charges are rows
-- with the instant from which they hold; the newest at or before now counts. `region` is empty where a row holds for
-- every region without one of its own.

create schema coins;

create table coins.packs (
    region      text        not null default '',
    currency    text        not null,
    channel     text        not null,
    id          text        not null,
    coins       bigint      not null,
    price_minor bigint      not null,
    is_offered  boolean     not null default true,
    valid_from  timestamptz not null,
    constraint "a pack changes once at an instant" primary key (currency, channel, region, id, valid_from),
    constraint "a pack holds coins" check (coins > 0),
    constraint "a pack costs something" check (price_minor > 0),
    constraint "a pack is sold on the web or in an app" check (channel in ('web', 'app'))
);

-- The ladder of the US before tax. In euros and pounds: the same at about 1.06 and 1.25 dollars, ending in a nine. In
-- the app: what is left after the store's share is what the web brings.
insert into coins.packs (currency, channel, id, coins, price_minor, valid_from)
select currency, channel, 'pack_' || coins, coins, price_minor, '2020-01-01T00:00:00Z'
from (values
    ('USD', 'web', 100, 199), ('USD', 'web', 270, 499), ('USD', 'web', 600, 999),
    ('USD', 'web', 1350, 1999), ('USD', 'web', 3900, 4999), ('USD', 'web', 12500, 9999),
    ('EUR', 'web', 100, 189), ('EUR', 'web', 270, 469), ('EUR', 'web', 600, 939),
    ('EUR', 'web', 1350, 1879), ('EUR', 'web', 3900, 4699), ('EUR', 'web', 12500, 9399),
    ('GBP', 'web', 100, 159), ('GBP', 'web', 270, 399), ('GBP', 'web', 600, 799),
    ('GBP', 'web', 1350, 1599), ('GBP', 'web', 3900, 3999), ('GBP', 'web', 12500, 7999),
    ('USD', 'app', 100, 249), ('USD', 'app', 270, 649), ('USD', 'app', 600, 1299),
    ('USD', 'app', 1350, 2599), ('USD', 'app', 3900, 6499), ('USD', 'app', 12500, 12999)
) as seeds (currency, channel, coins, price_minor);

-- How few and how many coins can be bought as an exact amount, and the least that is charged for them.
create table coins.exact_amounts (
    currency       text        not null,
    channel        text        not null,
    minimum_minor  bigint      not null,
    least_coins    bigint      not null,
    most_coins     bigint      not null,
    valid_from     timestamptz not null,
    constraint "exact amounts change once at an instant" primary key (currency, channel, valid_from),
    constraint "a minimum charge is something" check (minimum_minor > 0),
    constraint "some exact amount can be bought" check (least_coins > 0 and least_coins <= most_coins)
);
insert into coins.exact_amounts (currency, channel, minimum_minor, least_coins, most_coins, valid_from) values
    ('USD', 'web', 50, 1, 100000, '2020-01-01T00:00:00Z'),
    ('EUR', 'web', 50, 1, 100000, '2020-01-01T00:00:00Z'),
    ('GBP', 'web', 40, 1, 100000, '2020-01-01T00:00:00Z'),
    ('USD', 'app', 99, 1, 100000, '2020-01-01T00:00:00Z');

-- What is added to a price, in basis points of it. A region without a row has no tax that we collect.
create table coins.taxes (
    region     text        not null,
    name       text        not null,
    rate_bps   integer     not null,
    valid_from timestamptz not null,
    constraint "a region's tax changes once at an instant" primary key (region, valid_from),
    constraint "a tax is from nothing to all" check (rate_bps between 0 and 10000)
);
-- The US has a tax for every place: until places are told apart, one that is typical.
insert into coins.taxes (region, name, rate_bps, valid_from)
select region, name, rate_bps, '2020-01-01T00:00:00Z'
from (values
    ('US', 'Sales tax', 825), ('GB', 'VAT', 2000),
    ('AT', 'VAT', 2000), ('BE', 'VAT', 2100), ('BG', 'VAT', 2000), ('CY', 'VAT', 1900), ('CZ', 'VAT', 2100),
    ('DE', 'VAT', 1900), ('DK', 'VAT', 2500), ('EE', 'VAT', 2400), ('ES', 'VAT', 2100), ('FI', 'VAT', 2550),
    ('FR', 'VAT', 2000), ('GR', 'VAT', 2400), ('HR', 'VAT', 2500), ('HU', 'VAT', 2700), ('IE', 'VAT', 2300),
    ('IT', 'VAT', 2200), ('LT', 'VAT', 2100), ('LU', 'VAT', 1700), ('LV', 'VAT', 2100), ('MT', 'VAT', 1800),
    ('NL', 'VAT', 2100), ('PL', 'VAT', 2300), ('PT', 'VAT', 2300), ('RO', 'VAT', 2100), ('SE', 'VAT', 2500),
    ('SI', 'VAT', 2200), ('SK', 'VAT', 2300)
) as seeds (region, name, rate_bps);

-- The intent to buy. `paid` means: the payment is known, and the ledger is next; the ids of its transfers are derived
-- from provider and payment.
create table coins.top_ups (
    id           uuid        primary key,
    person_id    uuid        not null references people.people (id),
    pack         text,
    coins        bigint      not null,
    provider     text        not null,
    region       text        not null,
    currency     text        not null,
    net_minor    bigint      not null,
    tax_minor    bigint      not null,
    tax_name     text        not null,
    tax_bps      integer     not null,
    status       text        not null default 'pending',
    asked_at     timestamptz not null,
    checkout_id  text,
    checkout_url text,
    payment_id   text,
    fee_minor    bigint,
    paid_at      timestamptz,
    settled_at   timestamptz,
    polled_at    timestamptz,
    constraint "a top-up has one of five states" check (status in ('pending', 'paid', 'settled', 'failed', 'expired')),
    constraint "a top-up is for coins and money" check (coins > 0 and net_minor > 0 and tax_minor >= 0),
    constraint "a payment pays for one top-up" unique (provider, payment_id),
    constraint "what is paid names its payment" check (
        (status in ('paid', 'settled')) = (payment_id is not null and fee_minor is not null and paid_at is not null)),
    constraint "what is settled says when" check ((status = 'settled') = (settled_at is not null))
);
create index top_ups_by_person on coins.top_ups (person_id, asked_at);
create index top_ups_under_way on coins.top_ups (status, asked_at) where status in ('pending', 'paid');

-- One purchase of coins. `first_coin` is how many coins its owner had ever received before it: spent first in, first
-- out, a lot covers a range of them. `value_micros` is what was paid, after tax, in internal units.
create table coins.lots (
    id           uuid        primary key references coins.top_ups (id),
    person_id    uuid        not null references people.people (id),
    first_coin   bigint      not null,
    coins        bigint      not null,
    value_micros bigint      not null,
    currency     text        not null,
    region       text        not null,
    pack         text,
    provider     text        not null,
    opened_at    timestamptz not null,
    constraint "a coin belongs to one lot" unique (person_id, first_coin),
    constraint "a lot holds coins" check (coins > 0 and first_coin >= 0 and value_micros >= 0)
);

-- What providers sent, as it came. `note` says why an event changed nothing, where that isn't as it should be.
create table coins.inbox (
    provider    text        not null,
    event_id    text        not null,
    body        bytea       not null,
    received_at timestamptz not null,
    applied_at  timestamptz,
    note        text,
    constraint "an event is taken once" primary key (provider, event_id)
);
create index inbox_waiting on coins.inbox (received_at) where applied_at is null;

-- The sandbox provider: a payment provider of our own, which has no access to anything above and tells by webhooks.
create schema sandbox;

create table sandbox.settings (
    only_row      boolean primary key default true check (only_row),
    secret        bytea   not null default uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
    copies        integer not null default 1 check (copies between 0 and 10),
    delay_seconds integer not null default 0 check (delay_seconds >= 0),
    newest_first  boolean not null default false,
    settle_seconds integer not null default 5 check (settle_seconds >= 0)
);
insert into sandbox.settings default values;
comment on column sandbox.settings.copies is 'how often each webhook is sent; 0 loses them all';

create table sandbox.checkouts (
    id           uuid        primary key,
    reference    uuid        not null,
    description  text        not null,
    amount_minor bigint      not null,
    currency     text        not null,
    state        text        not null default 'open',
    opened_at    timestamptz not null,
    expires_at   timestamptz not null,
    settles_at   timestamptz,
    ended_at     timestamptz,
    constraint "a reference has one checkout" unique (reference),
    constraint "a checkout has one of six states" check (
        state in ('open', 'confirming', 'pending', 'paid', 'failed', 'expired')),
    constraint "a pending payment settles at some time" check (state <> 'pending' or settles_at is not null)
);
create index checkouts_not_ended on sandbox.checkouts (expires_at) where ended_at is null;

create table sandbox.deliveries (
    id           bigint      generated always as identity primary key,
    event_id     text        not null,
    body         bytea       not null,
    due_at       timestamptz not null,
    attempts     integer     not null default 0,
    delivered_at timestamptz
);
create index deliveries_due on sandbox.deliveries (due_at) where delivered_at is null;
