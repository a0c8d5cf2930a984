"""The outside world, each part behind a port: so far mail."""

from plaudit.providers.mail import Letter, Mail, Mailbox

__all__ = ["Letter", "Mail", "Mailbox"]
