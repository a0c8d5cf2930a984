"""A creator's month as PDF: the same statement in the same language gives the same bytes."""

import io
from collections.abc import Mapping, Sequence
from uuid import UUID

from msgspec import Struct
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, PageTemplate, Paragraph, Spacer, Table

from plaudit.earnings.statement_model import InCurrency, Position, own_first
from plaudit.earnings.statements import Told
from plaudit.rooms.model import Face
from plaudit.web.pages.wording import month_text
from plaudit.web.papers import look
from plaudit.web.papers.look import BAND, HEIGHT, INNER, MARGIN, WIDTH, style
from plaudit.web.papers.words import Words

# A heading with less than this below it goes to the next page.
_ROOM, _MORE_ROOM = CondPageBreak(36 * mm), CondPageBreak(80 * mm)


class Paper(Struct, frozen=True, kw_only=True):
    """Whose paper it is, from which house, and in which language; their own currency stands first."""

    house: str
    name: str
    handle: str
    currency: str
    language: str


def write_statement_pdf(paper: Paper, told: Told, faces: Mapping[UUID | None, Face]) -> bytes:
    """The file. Names in letters that the fonts don't have (Latin, Greek and Cyrillic are there) give way to handles.

    Amounts are exact: what is less than a minor unit stands in a quieter colour.
    """
    look.use_fonts()
    words = Words(paper.language)
    file = io.BytesIO()
    title = f"{words.statement} {month_text(told.statement.month, paper.language)}"
    document = BaseDocTemplate(
        file, pagesize=(WIDTH, HEIGHT), title=title, author=paper.house, lang=paper.language, invariant=1
    )
    first = Frame(MARGIN, 22 * mm, INNER, HEIGHT - BAND - 30 * mm, 0, 0, 0, 0, id="first")
    later = Frame(MARGIN, 22 * mm, INNER, HEIGHT - 42 * mm, 0, 0, 0, 0, id="later")

    def begin(canvas: Canvas, _: object) -> None:
        _draw_band(canvas, paper, told, words)
        _draw_foot(canvas, paper, told, words)

    def go_on(canvas: Canvas, _: object) -> None:
        canvas.setFont(look.STRONG, 9)
        canvas.setFillColor(look.QUIET)
        canvas.drawString(MARGIN, HEIGHT - 14 * mm, title)
        _draw_foot(canvas, paper, told, words)

    document.addPageTemplates(
        [
            PageTemplate("first", [first], onPage=begin, autoNextPageTemplate="later"),
            PageTemplate("later", [later], onPage=go_on),
        ]
    )
    document.build(_story(paper, told, faces, words))
    return file.getvalue()


def _draw_band(canvas: Canvas, paper: Paper, told: Told, words: Words) -> None:
    top = HEIGHT - BAND
    canvas.setFillColor(look.DEEP)
    canvas.rect(0, top, WIDTH, BAND, stroke=0, fill=1)
    canvas.setFillColor(look.ACCENT)
    canvas.circle(WIDTH - 22 * mm, HEIGHT + 6 * mm, 46 * mm, stroke=0, fill=1)
    canvas.setFillColor(look.GOLD)
    canvas.circle(MARGIN + 2.2 * mm, HEIGHT - 14 * mm, 2.2 * mm, stroke=0, fill=1)
    canvas.setFillColor(look.WHITE)
    canvas.setFont(look.STRONG, 11)
    canvas.drawString(MARGIN + 7 * mm, HEIGHT - 15.4 * mm, paper.house)
    canvas.setFont(look.STRONG, 24)
    canvas.drawString(MARGIN, top + 15 * mm, month_text(told.statement.month, paper.language))
    canvas.setFont(look.FONT, 10)
    canvas.setFillColor(look.ON_BAND)
    canvas.drawString(MARGIN, top + 8 * mm, f"{words.statement} · {_written(paper.name, paper.handle)}")
    canvas.setFillColor(look.WHITE)
    canvas.setFont(look.STRONG, 9)
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 15.4 * mm, words.final if told.is_final else words.running)


def _draw_foot(canvas: Canvas, paper: Paper, told: Told, words: Words) -> None:
    canvas.setStrokeColor(look.LINE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, 17 * mm, WIDTH - MARGIN, 17 * mm)
    canvas.setFont(look.FONT, 6.5)
    canvas.setFillColor(look.QUIET)
    canvas.drawString(MARGIN, 13 * mm, f"SHA-256 {told.sha256}" if told.sha256 else words.no_hash)
    canvas.drawString(MARGIN, 9.5 * mm, words.up_to(told.statement.ledger_up_to))
    if told.seal:
        canvas.drawString(MARGIN, 6 * mm, words.sealed(told.seal))
    canvas.drawRightString(WIDTH - MARGIN, 13 * mm, words.page(canvas.getPageNumber()))
    canvas.drawRightString(WIDTH - MARGIN, 9.5 * mm, paper.house)


def _story(paper: Paper, told: Told, faces: Mapping[UUID | None, Face], words: Words) -> list[Flowable]:
    story: list[Flowable] = []
    for part in own_first(told.statement.currencies, paper.currency):
        story += [_MORE_ROOM, _heading(f"{words.money_in} {part.currency}"), _totals(part, words), Spacer(1, 5 * mm)]
        story += [_movements(part, words), Spacer(1, 3 * mm)]
        if part.on_its_way:
            story.append(_note(words.on_its_way(words.money(part.on_its_way, part.currency))))
        if part.days:
            story += [_ROOM, _heading(words.by_day, small=True), _days(part, words), Spacer(1, 3 * mm)]
            story += [_ROOM, _heading(words.by_fan, small=True), _fans(part, faces, words), Spacer(1, 6 * mm)]
    if not told.statement.currencies:
        story += [_heading(words.nothing), Spacer(1, 3 * mm)]
    coins = told.statement.coins
    story += [
        _ROOM,
        _heading(words.coins, small=True),
        _table(
            [
                [words.coins_before, words.coins_received, words.coins_settled, words.coins_after],
                [words.number(each) for each in (coins.opening, coins.received, coins.settled, coins.closing)],
            ],
            [INNER / 4] * 4,
            figures_from=0,
        ),
        Spacer(1, 4 * mm),
        _note(words.proof if told.is_final else words.not_final),
    ]
    return story


def _totals(part: InCurrency, words: Words) -> Table:
    """The four figures that the month is about."""
    settled = sum(each.change.total for each in part.movements if each.kind == "settlement")
    figures = (
        (words.opening, part.opening.total),
        (words.earned, settled),
        (words.otherwise, part.closing.total - part.opening.total - settled),
        (words.closing, part.closing.total),
    )
    cells = [
        [
            Paragraph(name, style(7.5, quiet=True)),
            Paragraph(words.amount(amount, part.currency, is_alone=True), style(13, strong=True)),
        ]
        for name, amount in figures
    ]
    return Table(
        [cells],
        colWidths=[INNER / 4] * 4,
        style=[
            ("BACKGROUND", (0, 0), (-1, -1), look.PAPER),
            ("ROUNDEDCORNERS", [3 * mm] * 4),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 8),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 10),
            ("LEFTPADDING", (0, 0), (-1, -1), 10),
        ],
    )


def _movements(part: InCurrency, words: Words) -> Table:
    def figures(position: Position) -> list[str]:
        amounts = (position.pending, position.available, position.reserve, position.owed, position.total)
        return [words.amount(amount, part.currency) for amount in amounts]

    head = ["", words.pending, words.available, words.held, words.owed, words.total]
    rows = [[words.kind(each.kind, each.count), *figures(each.change)] for each in part.movements]
    table = [head, [words.opening, *figures(part.opening)], *rows, [words.closing, *figures(part.closing)]]
    return _table(table, [INNER - 5 * 24.5 * mm, *[24.5 * mm] * 5], figures_from=1, strong=(1, len(table) - 1))


def _days(part: InCurrency, words: Words) -> Table:
    head = [words.day, words.gifts, words.coins, words.paid, words.share]
    rows = [
        [
            words.date(day.day),
            words.number(day.gifts),
            words.number(day.coins),
            words.amount(day.value, part.currency),
            words.amount(day.share, part.currency),
        ]
        for day in part.days
    ]
    total = [
        words.total,
        words.number(sum(day.gifts for day in part.days)),
        words.number(sum(day.coins for day in part.days)),
        words.amount(sum(day.value for day in part.days), part.currency),
        words.amount(sum(day.share for day in part.days), part.currency),
    ]
    return _table([head, *rows, total], [INNER / 5] * 5, figures_from=1, strong=(len(rows) + 1,))


def _fans(part: InCurrency, faces: Mapping[UUID | None, Face], words: Words) -> Table:
    head = [words.fan, words.gifts, words.coins, words.share]
    rows = [
        [
            _fan(faces.get(fan.fan), words) if fan.fan else words.anonymous,
            words.number(fan.gifts),
            words.number(fan.coins),
            words.amount(fan.share, part.currency),
        ]
        for fan in part.fans
    ]
    others = part.other_fans
    if others.fans:
        figures = (words.number(others.gifts), words.number(others.coins), words.amount(others.share, part.currency))
        rows.append([words.others(others.fans), *figures])
    return _table([head, *rows], [INNER * 0.4, *[INNER * 0.2] * 3], figures_from=1)


def _fan(face: Face | None, words: Words) -> str:
    return _written(face.name, face.handle) if face else words.somebody


def _written(name: str, handle: str) -> str:
    """A name with its handle; the handle alone where the fonts can't write the name."""
    plain = " ".join(name.split())
    return f"{plain} (@{handle})" if look.can_write(plain) else f"@{handle}"


def _table(
    rows: Sequence[Sequence[str]], widths: Sequence[float], *, figures_from: int, strong: Sequence[int] = ()
) -> Table:
    """Rows under a head; the columns from `figures_from` on stand at the right."""
    cells = [
        [
            Paragraph(
                text if number and column >= figures_from else _safe(text),
                style(7 if number == 0 else 8, strong=number in strong, quiet=number == 0, end=column >= figures_from),
            )
            for column, text in enumerate(row)
        ]
        for number, row in enumerate(rows)
    ]
    return Table(
        cells,
        colWidths=list(widths),
        repeatRows=1,
        style=[
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, look.LINE),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 3.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
        ],
    )


def _safe(text: str) -> str:
    """Whatever somebody is called isn't markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _heading(text: str, *, small: bool = False) -> Paragraph:
    found = style(11 if small else 14, strong=True)
    found.spaceBefore, found.spaceAfter = (4 * mm, 2 * mm)
    return Paragraph(_safe(text), found)


def _note(text: str) -> Paragraph:
    found = style(7.5, quiet=True)
    found.spaceAfter = 2 * mm
    return Paragraph(_safe(text), found)
