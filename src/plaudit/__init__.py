"""Virtual coins, live gifts and creator payouts."""
