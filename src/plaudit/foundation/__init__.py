"""What everything stands on: settings, database, clock, ids, money, errors, embedded servers. No business words."""
