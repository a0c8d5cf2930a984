"""A small living world on the real ledger: fans who buy coins and send gifts, at a pace that can be chosen."""
