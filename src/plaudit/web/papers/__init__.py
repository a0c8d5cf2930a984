"""Papers to keep: a creator's statement as CSV and as PDF.

`sheet` writes CSV that no spreadsheet takes for formulas, `pdf` writes PDF, and `routes` sends both. They stand above
the API and the pages, because they are answered by the one and speak the languages of the other.
"""

from plaudit.web.papers.routes import ROUTES

__all__ = ["ROUTES"]
