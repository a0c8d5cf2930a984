"""What papers say, in one of the languages of the pages."""

from datetime import date

from babel.dates import format_date

from plaudit.web.pages.languages import locale, translations
from plaudit.web.pages.wording import NO_REST, exact_money_text, exact_text, number_text


class Words:
    """All texts of a statement."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._say = translations(language)
        _ = self._say.gettext
        self.statement = _("Statement")
        self.final = _("Final")
        self.running = _("Not final yet")
        self.money_in = _("Money in")
        self.opening, self.closing = _("At the beginning"), _("At the end")
        self.earned, self.otherwise = _("Earned by gifts"), _("Everything else")
        self.pending, self.available, self.held = _("Pending"), _("Available"), _("Held back")
        self.owed, self.total = _("Owed"), _("In all")
        self.by_day, self.by_fan = _("Gifts by day"), _("Gifts by fan")
        self.day, self.fan, self.gifts, self.coins = _("Day"), _("Fan"), _("Gifts"), _("Coins")
        self.paid, self.share = _("Paid before tax"), _("Your share")
        self.anonymous, self.somebody = _("All who gave anonymously"), _("Somebody")
        self.coins_before, self.coins_after = _("Not settled at the beginning"), _("Not settled at the end")
        self.coins_received, self.coins_settled = _("Received"), _("Settled")
        self.nothing = _("Nothing was settled in this month.")
        self.no_hash = _("This month isn't final yet, so it has no hash.")
        self.proof = _(
            "This month is over and written down: it never changes. Its hash (SHA-256) can be checked at any time "
            "against what the house keeps. Days are those of UTC, and gifts of a month's last minutes may be settled "
            "in the next one."
        )
        self.not_final = _("This month isn't over, or its last gifts aren't settled yet. What is shown here may grow.")
        self._kinds = {
            "settlement": _("Gifts that were settled"),
            "release": _("Became available"),
            "reserve": _("Held back, or given free"),
            "repayment": _("Paid of what was owed"),
            "payout": _("Paid out"),
            "payout_return": _("Payouts that came back"),
            "unwinding": _("Taken back after a lost dispute"),
            "adjustment": _("Corrections"),
        }

    def kind(self, kind: str, count: int) -> str:
        """Why transfers were made, and how many they were."""
        return f"{self._kinds.get(kind, kind.replace('_', ' '))} ({self.number(count)})"

    def number(self, number: int) -> str:
        """A whole number."""
        return number_text(number, self._language)

    def amount(self, micros: int, currency: str, *, is_alone: bool = False) -> str:
        """An exact amount as reportlab's markup, with its last digits in a quieter colour.

        Where they are all zero they are there unseen, so that the figures of a column stand below each other.
        """
        head, rest = exact_text(micros, currency, self._language)
        if not rest and is_alone:
            return head
        return f'{head}<font color="{"#9a93a6" if rest else "#ffffff"}" size="5.5">{rest or NO_REST}</font>'

    def money(self, micros: int, currency: str) -> str:
        """An exact amount with its currency."""
        return exact_money_text(micros, currency, self._language)

    def date(self, day: date) -> str:
        """A day."""
        return format_date(day, "medium", locale=locale(self._language))

    def page(self, number: int) -> str:
        """Which page it is."""
        return self._say.gettext("Page %(number)s") % {"number": number}

    def up_to(self, timestamp: int) -> str:
        """Up to where the ledger was read."""
        return self._say.gettext("Ledger up to transfer %(number)s") % {"number": self.number(timestamp)}

    def sealed(self, seal: str) -> str:
        """The seal that covers it."""
        return self._say.gettext("Seal %(seal)s") % {"seal": seal}

    def others(self, fans: int) -> str:
        """Fans who aren't listed one by one."""
        return self._say.ngettext("%(num)s more fan", "%(num)s more fans", fans) % {"num": self.number(fans)}

    def on_its_way(self, amount: str) -> str:
        """What payouts hold."""
        return self._say.gettext("Of what is available at the end, %(amount)s are on their way to you.") % {
            "amount": amount
        }
