"""A slip in an address or in a form: a page with a plain sentence, never what programs get."""

import pytest

from tests.web.pages.conftest import Browser, Visit


@pytest.fixture
async def ada(visit: Visit) -> Browser:
    return await visit("ada")


@pytest.mark.parametrize(
    "path",
    [
        f"/sign-in?next={'x' * 600}",
        f"/messages?to={'x' * 60}",
        f"/wallet?coins={'9' * 60}",
        f"/messages/bob/newer?after={'1' * 30}",
    ],
)
async def test_an_address_with_a_slip_in_it_gets_a_page_that_says_so(ada: Browser, path: str):
    answer = await ada.client.get(path, headers={"accept": "text/html"})

    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "We couldn&#39;t read that." in answer.text


async def test_a_form_that_is_no_text_gets_a_page_that_says_so(ada: Browser):
    answer = await ada.client.post(
        "/sign-in", content=b"email=%ff%fe\xff", headers={"content-type": "application/x-www-form-urlencoded"}
    )

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"].startswith("text/html")
