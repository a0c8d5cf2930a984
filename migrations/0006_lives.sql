-- Lives: what happens in them, in order; combos and leaderboards.

create schema rooms;
