"""What the wallet says of gifts: which, how many, and to whom or from whom."""

from typing import Any

from tests.web.api.conftest import Someone
from tests.web.api.test_gifts import Stage, stage

__all__ = ["stage"]


async def movements(someone: Someone, query: str = "") -> list[dict[str, Any]]:
    answer = await someone.ask(f"GET /v1/wallet/movements{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_gift_is_told_in_plain_words_to_both_sides(stage: Stage):
    await stage.buy()
    await stage.iris.ask("PATCH /v1/me", {"display_name": "Iris in Bloom"})
    gift = (await stage.send("rosa", quantity=3)).json()

    sent, received = await movements(stage.ada), await movements(stage.iris, "?of=received")

    assert (sent[0]["kind"], sent[0]["coins"], sent[0]["coins_after"]) == ("gift", -30, 570)
    assert sent[0]["reason"] == "You sent 3 × Rosa to Iris in Bloom."
    assert (received[0]["kind"], received[0]["coins"], received[0]["coins_after"]) == ("gift", 30, 30)
    assert received[0]["reason"] == "You received 3 × Rosa from ada."
    assert sent[0]["reference"] == received[0]["reference"] == gift["id"]
    assert sent[0]["worth"] == {"amount_minor": 49, "currency": "USD"}
    assert received[0]["worth"] is None


async def test_who_gave_anonymously_is_named_to_nobody(stage: Stage):
    await stage.buy()
    await stage.send("rosa", visibility="anonymous")

    received = await movements(stage.iris, "?of=received")

    assert received[0]["reason"] == "You received 1 × Rosa from somebody who gave anonymously."
    assert "ada" not in str(received)


async def test_what_one_received_is_not_in_the_wallet_and_comes_in_pages(stage: Stage):
    await stage.buy()
    for quantity in (1, 2, 3):
        await stage.send("rosa", quantity=quantity)

    first = (await stage.iris.ask("GET /v1/wallet/movements?of=received&limit=2")).json()
    second = (await stage.iris.ask(f"GET /v1/wallet/movements?of=received&limit=2&after={first['next']}")).json()

    assert [each["coins"] for each in [*first["items"], *second["items"]]] == [30, 20, 10]
    assert second["next"] is None
    assert await movements(stage.iris) == []


async def test_an_operator_reads_the_same_words_of_anybody(stage: Stage):
    await stage.buy()
    await stage.send("rosa")

    answer = await stage.boss.ask("GET /v1/operator/people/ada/movements")

    assert answer.json()["items"][0]["reason"] == "You sent 1 × Rosa to iris."
