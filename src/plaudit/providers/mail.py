"""Mail to people: the port, and a mailbox in the database where letters are read until a real provider is chosen."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from plaudit.foundation.database import Transaction


class Letter(Struct, frozen=True, kw_only=True):
    """One mail to one person, in plain text. It may hold a secret: never log its body."""

    id: UUID
    recipient: str
    subject: str
    body: str
    written_at: datetime


class Mail(Protocol):
    """Sends letters. It takes part in the caller's transaction: a letter goes out exactly if that commits."""

    async def send(self, tx: Transaction, letter: Letter) -> None:
        """Take the letter; it leaves once `tx` has committed."""
        ...


class Mailbox:
    """Keeps letters in the table `mail.letters` instead of sending them: for the demo, and for tests."""

    async def send(self, tx: Transaction, letter: Letter) -> None:
        """Put the letter where `list_letters` finds it."""
        await tx.execute(
            """
            insert into mail.letters (id, recipient, subject, body, written_at)
            values (%(id)s, %(recipient)s, %(subject)s, %(body)s, %(written_at)s)
            """,
            {
                "id": letter.id,
                "recipient": letter.recipient,
                "subject": letter.subject,
                "body": letter.body,
                "written_at": letter.written_at,
            },
        )

    async def list_newest(self, tx: Transaction, *, limit: int) -> list[Letter]:
        """The newest letters to anybody: they hold secrets, so only where everyone may have them, as in a demo."""
        return await tx.all(
            Letter,
            """
            select id, recipient, subject, body, written_at
            from mail.letters order by written_at desc, id desc limit %(limit)s
            """,
            {"limit": limit},
        )

    async def list_letters(self, tx: Transaction, recipient: str, *, limit: int = 50) -> list[Letter]:
        """The newest letters to an address (in lower case), the newest first."""
        return await tx.all(
            Letter,
            """
            select id, recipient, subject, body, written_at
            from mail.letters where recipient = %(recipient)s
            order by written_at desc, id desc limit %(limit)s
            """,
            {"recipient": recipient, "limit": limit},
        )
