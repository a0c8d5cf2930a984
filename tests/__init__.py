"""The rule book: what Plaudit does, in sentences that can fail."""
