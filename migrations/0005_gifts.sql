-- Gifts: the catalogue, and what was sent.

create schema gifts;

-- What can be given. Whoever sends it is in one of `regions` (all of them where it is null) and at `least_level` at least.
create table gifts.gifts (
    id            text        primary key,
    name          text        not null,
    tier          text        not null,
    art           text        not null,
    regions       text[],
    least_level   integer     not null default 1,
    offered_from  timestamptz not null,
    offered_until timestamptz,
    sort          integer     not null,
    constraint "a gift's id is a slug" check (id ~ '^[a-z][a-z0-9_]{0,39}$'),
    constraint "a gift is small, medium or large" check (tier in ('small', 'medium', 'large')),
    constraint "levels begin at 1" check (least_level >= 1),
    constraint "a gift is for some region" check (cardinality(regions) > 0),
    constraint "a gift is retired after it was offered" check (offered_until >= offered_from)
);

-- The newest price at or before now counts.
create table gifts.prices (
    gift        text        not null references gifts.gifts (id),
    price_coins bigint      not null,
    valid_from  timestamptz not null,
    constraint "a gift's price changes once at an instant" primary key (gift, valid_from),
    constraint "a gift costs from 1 to 10,000,000 coins" check (price_coins between 1 and 10000000)
);

with seeds as (
    select name, price_coins, row_number() over () as sort, replace(lower(name), ' ', '_') as id
    from (values
        ('Rose', 1), ('Heart', 1), ('Thumbs Up', 1), ('Ice Cream', 1), ('Finger Heart', 5), ('Applause', 9),
        ('Rosa', 10), ('Perfume', 20), ('Doughnut', 30), ('Butterfly', 88), ('Paper Crane', 99), ('Cap', 99),
        ('Confetti', 100), ('Hand Hearts', 100), ('Sunglasses', 199), ('Corgi', 299), ('Coral', 499), ('Swan', 699),
        ('Train', 899),
        ('Galaxy', 1000), ('Fireworks', 1088), ('Diamond Ring', 1500), ('Whale', 2150), ('Meteor Shower', 3000),
        ('Private Jet', 4888), ('Sports Car', 7000), ('Interstellar', 10000), ('Castle', 20000), ('Phoenix', 25999),
        ('Lion', 29999), ('Universe', 44999)
    ) as listed (name, price_coins)
),
offered as (
    insert into gifts.gifts (id, name, tier, art, offered_from, sort)
    select id, name, case when price_coins < 100 then 'small' when price_coins < 1000 then 'medium' else 'large' end,
        id, '2020-01-01T00:00:00Z', sort
    from seeds
)
insert into gifts.prices (gift, price_coins, valid_from)
select id, price_coins, '2020-01-01T00:00:00Z' from seeds;

-- From how many coins ever spent a fan is at which level.
create table gifts.levels (
    level       integer primary key,
    coins_spent bigint  not null,
    constraint "levels count from 1, which costs nothing" check (level >= 1 and coins_spent >= 0),
    constraint "no two levels begin at the same number of coins" unique (coins_spent)
);
insert into gifts.levels (level, coins_spent) values
    (1, 0), (2, 100), (3, 500), (4, 1000), (5, 2500), (6, 5000), (7, 10000), (8, 25000), (9, 50000), (10, 100000),
    (11, 250000), (12, 500000), (13, 1000000), (14, 2500000), (15, 5000000);

-- The intent to give. That a gift was sent is what the ledger says: it has the transfer whose id comes from this one's.
-- Every gift passes here, so there is one index, no foreign key, and nothing is ever updated. Who sent what is found by
-- the ledger's own indexes.
create table gifts.sendings (
    id           uuid        not null,
    sender_id    uuid        not null,
    creator_id   uuid        not null,
    coins        bigint      not null,
    price_coins  bigint      not null,
    asked_at     timestamptz not null,
    quantity     integer     not null,
    is_anonymous boolean     not null,
    live_id      uuid,
    combo_id     uuid,
    gift         text        not null,
    message      text,
    constraint "a gift's id is used once" primary key (id),
    constraint "a gift costs its price, as often as it is given"
        check (price_coins > 0 and quantity > 0 and coins = price_coins * quantity),
    constraint "nobody gives to themselves" check (sender_id <> creator_id),
    constraint "a message has 1 to 200 characters" check (char_length(message) between 1 and 200)
);
