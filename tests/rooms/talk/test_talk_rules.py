import pytest
from hypothesis import given
from hypothesis import strategies as st

from plaudit.foundation.errors import Invalid
from plaudit.people.rules import is_storable
from plaudit.rooms import talk_rules
from plaudit.rooms.talk_errors import WordNotAllowed


@pytest.mark.parametrize("text", ["Hello", "¡Olé!", "👩‍👩‍👧", "❤️", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "مرحبا", "x" * 200, "<b>plain</b>", "?"])
def test_plain_text_of_any_language_is_taken_as_it_is(text: str):
    assert talk_rules.take_line(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n ",
        "x" * 201,
        "two\nlines",
        "a\ttab",
        "bell\a",
        "a\0b",
        "half \ud83d",
        "\u202eturned",
        "\u200d",
        "a\u2028b",
    ],
)
def test_what_is_no_line_of_plain_text_is_refused(text: str):
    with pytest.raises(Invalid) as refused:
        talk_rules.take_line(text)

    assert refused.value.field == "text"


def test_a_line_is_trimmed_before_it_is_measured():
    assert talk_rules.take_line(f"  {'x' * 200}\n") == "x" * 200


def test_a_message_may_break_its_lines_and_is_longer():
    assert talk_rules.take_message("Dear Ada,\r\n\r\nhello.") == "Dear Ada,\n\nhello."
    assert talk_rules.take_message("x" * 1000) == "x" * 1000
    with pytest.raises(Invalid):
        talk_rules.take_message("x" * 1001)
    with pytest.raises(Invalid):
        talk_rules.take_message("a\rb")


@given(st.text(max_size=250))
def test_whatever_is_taken_can_be_stored_and_is_taken_again_as_it_is(text: str):
    try:
        taken = talk_rules.take_line(text)
    except Invalid:
        return

    assert talk_rules.take_line(taken) == taken
    assert is_storable(taken)


@pytest.mark.parametrize(
    "text",
    [
        "darn",
        "DARN it",
        "well, darn!",
        "d-a-r-n",
        "d a r n",
        "d.a.r.n.",
        "d__a__r__n",
        "ｄａｒｎ",
        "d\u200da\u200drn",
        "(darn)",
    ],
)
def test_a_blocked_word_is_found_however_it_is_written(text: str):
    with pytest.raises(WordNotAllowed):
        talk_rules.refuse_blocked_words(text, [talk_rules.take_word("Darn")])


@pytest.mark.parametrize("text", ["darning socks", "undarn", "dar n1", "d. Then a red nose", "da", "barn"])
def test_a_blocked_word_is_not_found_inside_of_others(text: str):
    talk_rules.refuse_blocked_words(text, [talk_rules.take_word("darn")])


def test_any_of_the_blocked_words_is_found_and_none_is_found_without_any():
    words = [talk_rules.take_word(word) for word in ("Straße", "c++", "1337")]

    for text in ("STRASSE", "see 1-3-3-7 there", "c"):
        with pytest.raises(WordNotAllowed):
            talk_rules.refuse_blocked_words(text, words)
    talk_rules.refuse_blocked_words("anything", [])


@pytest.mark.parametrize("word", ["", "--", "x" * 41, "\u200d"])
def test_what_is_no_word_is_not_blocked(word: str):
    with pytest.raises(Invalid):
        talk_rules.take_word(word)


@given(st.text(max_size=60))
def test_a_word_is_kept_in_a_form_that_stays(word: str):
    try:
        taken = talk_rules.take_word(word)
    except Invalid:
        return

    assert talk_rules.take_word(taken) == taken
    with pytest.raises(WordNotAllowed):
        talk_rules.refuse_blocked_words(f"well, {taken}!", [taken])


@pytest.mark.parametrize("minutes", [0, -1, 60 * 24 * 365 + 1])
def test_a_mute_has_a_length_that_can_be(minutes: int):
    with pytest.raises(Invalid):
        talk_rules.take_minutes(minutes)
    assert talk_rules.take_minutes(None) is None
