-- The secret of a second factor is kept sealed (AES-GCM), with a key that isn't in the database. What was kept in the
-- open before the first release can't be sealed from here: such a second factor is begun anew.

delete from people.recovery_codes;
delete from people.second_factors;
alter table people.second_factors drop column secret;
alter table people.second_factors add column sealed_secret bytea not null;
alter table people.second_factors add constraint "a sealed secret is longer than its envelope"
    check (length(sealed_secret) > 33);

-- What is over is removed the oldest first; attempts have their index already.
create index sessions_by_end on people.sessions (least(idle_until, expires_at));
create index password_resets_by_end on people.password_resets (expires_at);
