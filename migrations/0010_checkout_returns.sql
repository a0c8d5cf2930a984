-- Whoever has paid goes back to where they came from: a provider's hosted checkout is told the address with the wish.

alter table sandbox.checkouts add column return_url text;
