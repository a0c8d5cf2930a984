"""Files of batches and of banks, as they are kept: sealed, because they hold where people bank."""

from hashlib import sha256

from plaudit.foundation.database import Transaction
from plaudit.foundation.errors import CannotUnseal
from plaudit.payouts import batch_queries as queries
from plaudit.payouts.batch_model import Batch
from plaudit.payouts.model import PayDesk

# Every byte is a character of it, so that any file can be sealed as text.
_ANY_BYTES = "latin-1"


async def seal(desk: PayDesk, content: bytes, *, of: bytes) -> bytes:
    """The envelope of a file; it opens only for whose id is `of`."""
    return await desk.vault.close(content.decode(_ANY_BYTES), of=of)


async def open_content(desk: PayDesk, tx: Transaction, batch: Batch) -> bytes:
    """The very bytes that the batch was written with. Raises CannotUnseal when they aren't."""
    sealed = await queries.get_sealed(tx, batch.id)
    content = (await desk.vault.open(sealed, of=batch.id.bytes)).encode(_ANY_BYTES)
    if sha256(content).digest() != batch.sha256:
        raise CannotUnseal("The file of this batch isn't what was written: nothing of it may be sent.")
    return content
