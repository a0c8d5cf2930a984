"""The pages in other languages than English: whole, in step with what is said, and chosen as one asked."""

import re
from pathlib import Path

import httpx
import pytest
from babel.messages.catalog import Message

from plaudit.foundation.errors import IdReused
from plaudit.gifts.errors import CannotAfford, QuantityOutOfRange
from plaudit.rooms.talk_errors import ChatTooFast
from plaudit.web.pages.languages import LANGUAGE_COOKIE, LANGUAGES, catalogue
from plaudit.web.pages.sentences import list_shapes, translate
from plaudit.web.pages.wording import money_text, number_text
from tests.translations import PAGES, Text, find_texts, forms, path_of, renew, written
from tests.web.api.conftest import a_wish
from tests.web.pages.conftest import Visit

OTHERS = sorted(LANGUAGES.keys() - {"en"})
GERMAN = {"accept": "text/html", "accept-language": "de-AT,de;q=0.9,en;q=0.5"}
_PLACE = re.compile(r"%\((\w+)\)s|\{(\w+)\}")

# What a script shows: text of its own in the place of what a template gave it.
_SAID = re.compile(
    r"""(?:(?:textContent|innerText|title|placeholder|ariaLabel)\ =\ |(?:toast|append|complain|prompt|confirm|alert)\(
    |setAttribute\("(?:aria-label|title|placeholder)",\ )["'`]([^"'`]*)""",
    re.VERBOSE,
)


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return find_texts()


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def is_text(said: str) -> bool:
    return re.search("[A-Za-z]{2}", re.sub(r"\$\{[^}]*\}", "", said)) is not None


def places(text: str) -> set[str]:
    return {first or second for first, second in _PLACE.findall(text)}


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_of_the_pages_is_translated(language: str):
    left = [message.id for message in messages(language) if not all(forms(message.string))]

    assert left == []


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_holds_what_is_said_and_nothing_else(language: str, texts: list[Text]):
    assert path_of(language).read_text(encoding="utf-8") == written(renew(language, texts)), "run make translations"


@pytest.mark.parametrize("language", OTHERS)
def test_what_varies_in_a_text_varies_in_its_translation(language: str):
    """Of a plural, the form for one may leave out the number."""
    for message in messages(language):
        for translated in forms(message.string):
            assert places(translated) == places(forms(message.id)[-1]), message.id
            assert "%" not in translated.replace("%(", "").replace("%%", ""), message.id


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_is_only_guessed(language: str):
    assert [message.id for message in messages(language) if message.fuzzy] == []


def test_every_other_language_has_a_catalogue_and_every_catalogue_a_language():
    assert sorted(path.stem for path in (PAGES / "locales").iterdir()) == OTHERS


def test_no_script_says_anything_itself():
    """What people read comes from the templates, so that it can be translated."""
    scripts = sorted((PAGES / "static" / "js").rglob("*.js"))

    said = [found for path in scripts for found in _SAID.findall(path.read_text(encoding="utf-8")) if is_text(found)]

    assert scripts
    assert said == []


async def test_a_browser_that_asks_for_german_gets_german(client: httpx.AsyncClient):
    page = await client.get("/", headers=GERMAN)

    assert '<html lang="de"' in page.text
    assert "Applaus, der sich auszahlt." in page.text
    assert "Applause" not in page.text
    assert "accept-language" in page.headers["vary"]


async def test_the_language_that_was_chosen_goes_before_what_the_browser_asks_for(visit: Visit):
    stranger = await visit()

    await stranger.send("/look", language="en", next="/")
    page = await stranger.client.get("/", headers=GERMAN)

    assert stranger.client.cookies[LANGUAGE_COOKIE] == "en"
    assert '<html lang="en"' in page.text
    assert "Applause that pays." in page.text


@pytest.mark.parametrize("wished", ["tlh", "fr-FR,fr;q=0.9", "", "*", "d", "\tde;q"])
async def test_who_asks_for_none_of_the_languages_gets_one_that_there_is(client: httpx.AsyncClient, wished: str):
    page = await client.get("/", headers={"accept": "text/html", "accept-language": wished})

    assert page.status_code == 200
    assert '<html lang="en"' in page.text or "de" in wished


async def test_a_form_says_in_german_what_is_wrong_with_it(client: httpx.AsyncClient):
    wish = a_wish("ada", region="DE") | {"email": "ada"}

    page = await client.post("/sign-up", data={name: str(value) for name, value in wish.items()}, headers=GERMAN)

    assert page.status_code == 422
    assert "Das ist keine E-Mail-Adresse" in page.text


async def test_a_problem_is_told_in_german(client: httpx.AsyncClient):
    page = await client.get("/u/nobody_at_all", headers=GERMAN)

    assert page.status_code == 404
    assert "Mit diesem Namen gibt es niemanden." in page.text


async def test_the_api_speaks_english_to_programs_whatever_they_ask_for(client: httpx.AsyncClient):
    answer = await client.get("/v1/people/nobody_at_all", headers={"accept-language": "de"})

    assert answer.json()["title"] == "There is nobody by that name."


async def test_scripts_find_the_sentences_of_the_api_in_the_language_of_their_page(client: httpx.AsyncClient):
    german = (await client.get("/sentences/de")).json()

    assert ["You are muted in this room.", "In diesem Raum bist du stummgeschaltet."] in german
    assert (await client.get("/sentences/en")).json() == []
    assert (await client.get("/sentences/tlh")).json() == []


def test_a_sentence_is_known_by_its_shape():
    assert translate(QuantityOutOfRange(99).detail, "de") == "Von diesem Geschenk gehen 1 bis 99 auf einmal."
    assert translate(CannotAfford(1, None).detail, "de") == "Es fehlt 1 Coin."
    assert translate(IdReused("This id was used before, with another text.").detail, "de").endswith("im Feld text.")


def test_a_number_in_a_sentence_is_written_as_the_language_writes_it():
    assert translate(CannotAfford(12_500, None).detail, "de") == "Es fehlen 12.500 Coins."


def test_a_sentence_within_a_sentence_is_translated_too():
    expected = "Du schreibst schneller, als der Raum lesen kann. Weiter geht es in 3 Sekunden."
    assert translate(ChatTooFast(3).detail, "de") == expected


def test_a_sentence_that_no_catalogue_has_is_shown_as_it_is():
    assert translate("Nobody ever translated this.", "de") == "Nobody ever translated this."
    assert translate("There is no such live.", "en") == "There is no such live."


@pytest.mark.parametrize("language", OTHERS)
def test_no_shape_takes_what_another_one_says(language: str):
    """Each sentence, with some text in the place of what varies, is found as itself."""
    for shape in list_shapes(language):
        parts = dict.fromkeys(places(shape.english), "x")

        said, expected = shape.english.format(**parts), shape.translated.format(**parts)

        assert translate(said, language) == expected


def test_money_and_numbers_are_in_the_form_of_the_language():
    assert number_text(1_234_567, "de") == "1.234.567"
    assert number_text(1_234_567, "en") == "1,234,567"
    assert money_text(499, "EUR", "de") == "4,99\N{NO-BREAK SPACE}€"
    assert money_text(499, "USD", "en") == "$4.99"


async def test_the_wallet_counts_in_german(visit: Visit):
    fan = await visit("ada", region="DE")

    page = await fan.client.get("/wallet", headers=GERMAN)

    assert "Deine Coins" in page.text
    assert re.search(r"\d,\d\d\N{NO-BREAK SPACE}€", page.text)


def test_the_catalogues_name_no_place_of_a_machine_and_no_day():
    for language in OTHERS:
        file = path_of(language).read_text(encoding="utf-8")
        assert str(Path.home()) not in file
        assert not re.search(r"Date:|^#: .*:\d", file, re.MULTILINE)
