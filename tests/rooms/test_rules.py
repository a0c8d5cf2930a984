import pytest

from plaudit.foundation.errors import Invalid
from plaudit.rooms import rules
from plaudit.rooms.model import Playback

FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}"


@pytest.mark.parametrize(
    ("title", "normal"), [(" Painting ", "Painting"), ("e\u0301", "\u00e9"), (FAMILY, FAMILY), ("a" * 100, "a" * 100)]
)
def test_a_title_is_kept_in_its_one_form(title: str, normal: str):
    assert rules.take_title(title) == normal


@pytest.mark.parametrize(
    "title", ["", "   ", "a" * 101, "a\0b", "a\tb", "half \ud83d", "\N{RIGHT-TO-LEFT OVERRIDE}abc"]
)
def test_a_title_that_is_not_one_plain_line_is_refused(title: str):
    with pytest.raises(Invalid) as refusal:
        rules.take_title(title)

    assert refusal.value.field == "title"


@pytest.mark.parametrize(
    "url",
    [
        "https://video.example.org/a/b.m3u8?c=d",
        "https://video.example.org:8443/",
        "http://localhost:8889/live",
        "http://127.0.0.1/live",
        "http://[::1]:8889/live",
    ],
)
def test_a_stream_comes_over_https_or_from_this_machine(url: str):
    assert rules.take_playback(Playback(kind="hls", url=url)) == Playback(kind="hls", url=url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "video.example.org",
        "//video.example.org",
        "http://video.example.org/",
        "http://localhost.example.org/",
        "ftp://video.example.org/",
        "javascript:alert(1)",
        "https://",
        "https://me:secret@example.org/",
        "https://example.org:port/",
        "https://example.org/a b",
        'https://example.org/"onload=',
        "https://exämple.org/",
        "https://[::1/",
        "https://example.org/" + "a" * 500,
    ],
)
def test_any_other_address_is_refused(url: str):
    with pytest.raises(Invalid) as playback:
        rules.take_playback(Playback(kind="whep", url=url))
    with pytest.raises(Invalid) as cover:
        rules.take_cover_url(url)

    assert (playback.value.field, cover.value.field) == ("playback.url", "cover_url")
