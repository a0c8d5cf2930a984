-- Rates: what creators get. And what operators decide about people.

create schema earnings;

alter table people.creators add column verified_at timestamptz;
