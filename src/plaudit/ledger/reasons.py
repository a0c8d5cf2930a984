"""Why a chain or an account is refused. The names are TigerBeetle's wherever it has one."""

from enum import StrEnum


class Reason(StrEnum):
    """Every refusal, in the order in which they are looked for: of several that apply, the first is given.

    First the form of the chain and of each transfer in turn (down to `overflows_timeout`), which needs no look at the
    ledger; then whether any id of the chain was used before; then, transfer by transfer, what the ledger says.
    Names and order: TigerBeetle's reference,
    "create_transfers"; those it has no need of are marked *ours*.
    """

    # The chain.
    CHAIN_EMPTY = "chain_empty"
    """Ours: a chain has at least one transfer."""
    LINKED_EVENT_CHAIN_OPEN = "linked_event_chain_open"
    """The chain came as a stream, and its end didn't come within the longest chain that is taken."""
    CHAIN_TOO_LONG = "chain_too_long"
    """Ours: more than MAX_CHAIN transfers."""

    # The form of a transfer.
    RESERVED_FLAG = "reserved_flag"
    """Only the ledger itself expires a hold."""
    ID_MUST_NOT_BE_ZERO = "id_must_not_be_zero"
    ID_MUST_NOT_BE_INT_MAX = "id_must_not_be_int_max"
    DEBIT_ACCOUNT_ID_MUST_NOT_BE_ZERO = "debit_account_id_must_not_be_zero"
    CREDIT_ACCOUNT_ID_MUST_NOT_BE_ZERO = "credit_account_id_must_not_be_zero"
    ACCOUNTS_MUST_BE_DIFFERENT = "accounts_must_be_different"
    PENDING_ID_MUST_BE_ZERO = "pending_id_must_be_zero"
    """Only a post or a void names a hold."""
    PENDING_ID_MUST_NOT_BE_ZERO = "pending_id_must_not_be_zero"
    PENDING_ID_MUST_BE_DIFFERENT = "pending_id_must_be_different"
    """A transfer can't end itself."""
    TIMEOUT_RESERVED_FOR_PENDING_TRANSFER = "timeout_reserved_for_pending_transfer"
    AMOUNT_MUST_NOT_BE_ZERO = "amount_must_not_be_zero"
    AMOUNT_MUST_NOT_BE_NEGATIVE = "amount_must_not_be_negative"
    """Ours: TigerBeetle's integers have no sign."""
    AMOUNT_EXCEEDS_MAXIMUM = "amount_exceeds_maximum"
    """Ours: above 2^63-1."""
    CODE_MUST_NOT_BE_ZERO = "code_must_not_be_zero"
    CODE_OUT_OF_RANGE = "code_out_of_range"
    """Ours: below 0 or above 65,535."""
    REFERENCE_OUT_OF_RANGE = "reference_out_of_range"
    """Ours: ref_64 or ref_32 below zero or too large."""
    OVERFLOWS_TIMEOUT = "overflows_timeout"
    """hold_seconds below zero, or above MAX_HOLD_SECONDS."""

    # The id was used before.
    EXISTS_WITH_DIFFERENT_FLAGS = "exists_with_different_flags"
    """The kind differs: a hold before, a plain transfer now."""
    EXISTS_WITH_DIFFERENT_PENDING_ID = "exists_with_different_pending_id"
    EXISTS_WITH_DIFFERENT_TIMEOUT = "exists_with_different_timeout"
    EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID = "exists_with_different_debit_account_id"
    EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID = "exists_with_different_credit_account_id"
    EXISTS_WITH_DIFFERENT_AMOUNT = "exists_with_different_amount"
    EXISTS_WITH_DIFFERENT_USER_DATA_128 = "exists_with_different_user_data_128"
    EXISTS_WITH_DIFFERENT_USER_DATA_64 = "exists_with_different_user_data_64"
    EXISTS_WITH_DIFFERENT_USER_DATA_32 = "exists_with_different_user_data_32"
    EXISTS_WITH_DIFFERENT_CODE = "exists_with_different_code"
    EXISTS = "exists"
    """The same transfer exists, but the rest of this chain doesn't: they weren't posted together."""

    # A transfer or a hold.
    DEBIT_ACCOUNT_NOT_FOUND = "debit_account_not_found"
    CREDIT_ACCOUNT_NOT_FOUND = "credit_account_not_found"
    ACCOUNTS_MUST_HAVE_THE_SAME_LEDGER = "accounts_must_have_the_same_ledger"

    # The end of a hold.
    PENDING_TRANSFER_NOT_FOUND = "pending_transfer_not_found"
    PENDING_TRANSFER_NOT_PENDING = "pending_transfer_not_pending"
    PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID = "pending_transfer_has_different_debit_account_id"
    PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID = "pending_transfer_has_different_credit_account_id"
    PENDING_TRANSFER_HAS_DIFFERENT_CODE = "pending_transfer_has_different_code"
    EXCEEDS_PENDING_TRANSFER_AMOUNT = "exceeds_pending_transfer_amount"
    PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT = "pending_transfer_has_different_amount"
    """A void releases all of a hold; to release a part, post the other part."""
    PENDING_TRANSFER_ALREADY_POSTED = "pending_transfer_already_posted"
    PENDING_TRANSFER_ALREADY_VOIDED = "pending_transfer_already_voided"
    PENDING_TRANSFER_EXPIRED = "pending_transfer_expired"

    # What the accounts allow.
    DEBIT_ACCOUNT_ALREADY_CLOSED = "debit_account_already_closed"
    CREDIT_ACCOUNT_ALREADY_CLOSED = "credit_account_already_closed"
    OVERFLOWS_DEBITS = "overflows_debits"
    """Posted and pending debits of the account together would pass 2^63-1."""
    OVERFLOWS_CREDITS = "overflows_credits"
    EXCEEDS_CREDITS = "exceeds_credits"
    """The debit account would spend what it hasn't got."""
    EXCEEDS_DEBITS = "exceeds_debits"
    """The credit account would take back more than is owed."""


class AccountReason(StrEnum):
    """Why an account isn't opened, in the order in which they are looked for ("create_accounts")."""

    ID_MUST_NOT_BE_ZERO = "id_must_not_be_zero"
    ID_MUST_NOT_BE_INT_MAX = "id_must_not_be_int_max"
    LEDGER_MUST_NOT_BE_ZERO = "ledger_must_not_be_zero"
    LEDGER_OUT_OF_RANGE = "ledger_out_of_range"
    """Ours: below 0 or above 2^31-1."""
    CODE_MUST_NOT_BE_ZERO = "code_must_not_be_zero"
    CODE_OUT_OF_RANGE = "code_out_of_range"
    EXISTS_WITH_DIFFERENT_FLAGS = "exists_with_different_flags"
    """The limit differs."""
    EXISTS_WITH_DIFFERENT_USER_DATA_128 = "exists_with_different_user_data_128"
    EXISTS_WITH_DIFFERENT_LEDGER = "exists_with_different_ledger"
    EXISTS_WITH_DIFFERENT_CODE = "exists_with_different_code"
