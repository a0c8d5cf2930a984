"""What giving can be refused for: leaves of the one tree in foundation/errors.py."""

from typing import TYPE_CHECKING

from plaudit.foundation.errors import Conflict, Invalid, NotFound, PlauditError

if TYPE_CHECKING:
    from plaudit.coins import Quote
    from plaudit.foundation.money import Money


class GiftNotAvailable(PlauditError):
    """The gift isn't there, or not for this fan now: not in the region, not at the level, not yet or no more."""

    code = "gift_not_available"
    title = "This gift can't be given here now."
    status = 409
    field = "gift"


class QuantityOutOfRange(Invalid):
    """So many at once, or so few, can't be given."""

    code = "quantity_out_of_range"
    title = "So many of this gift can't be given at once."

    def __init__(self, most: int) -> None:
        super().__init__(f"Of this gift, 1 to {most} can be given at once.", field="quantity")


class CannotGiftYourself(PlauditError):
    """The sender is the receiver."""

    code = "cannot_gift_yourself"
    title = "You can't give to yourself."
    status = 409


class CannotAfford(PlauditError):
    """The wallet holds too little; `members` say how much is missing, and the cheapest top-up that is enough.

    No single top-up may be enough: then `top_up` is None.
    """

    code = "cannot_afford"
    title = "There are too few coins in your wallet."
    status = 402

    def __init__(self, missing_coins: int, top_up: "Quote | None") -> None:
        super().__init__("1 coin is missing." if missing_coins == 1 else f"{missing_coins:,} coins are missing.")
        self.members = {"missing_coins": missing_coins, "top_up": _members_of(top_up) if top_up else None}


def _members_of(quote: "Quote") -> dict[str, object]:
    amounts = {"price": quote.net, "tax": quote.tax, "total": quote.total}
    return {"pack": quote.pack, "coins": quote.coins, **{name: _amount(money) for name, money in amounts.items()}}


def _amount(money: "Money") -> dict[str, object]:
    return {"amount_minor": money.minor, "currency": money.currency.code}


class NoSuchSending(NotFound):
    """No gift was sent under this id, or it is none of the asker's business."""

    code = "no_such_gift"
    title = "You sent or received no such gift."


class AccountClosed(PlauditError):
    """The sender's wallet or the creator's account takes no transfers for now."""

    code = "account_closed"
    title = "Your wallet, or the creator's account, is closed for now."
    status = 409


class SendingRefused(PlauditError):
    """The ledger refused a gift for a reason that it never should have."""

    code = "sending_refused"
    title = "The ledger refused this gift."
    status = 500


class GiftUnknown(NotFound):
    """The catalogue has no such gift."""

    code = "no_such_catalogue_gift"
    title = "The catalogue has no such gift."


class GiftExists(Conflict):
    """The catalogue has a gift with this id already; ids are never used again."""

    code = "gift_exists"
    title = "The catalogue has a gift with this id already."


class PriceExists(Conflict):
    """A price from this very instant on is there already."""

    code = "price_exists"
    title = "This gift has a price from this very instant on already."
