-- Gifts: the catalogue, and what was sent.

create schema gifts;
