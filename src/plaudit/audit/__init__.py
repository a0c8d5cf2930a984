"""Does it all add up: checks beyond the ledger's own, seals, reconciliation with providers, exports of the books."""

from plaudit.audit.findings import Code, Finding
from plaudit.audit.seal_rules import Anchor, Seal

__all__ = ["Anchor", "Code", "Finding", "Seal"]
