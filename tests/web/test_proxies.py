import httpx
import msgspec
import pytest

from plaudit.foundation.clock import MovableClock
from plaudit.foundation.errors import BadSetting
from plaudit.foundation.ids import new_id
from plaudit.foundation.settings import Settings, load_settings
from plaudit.web.api.throttle import WINDOW_SECONDS
from plaudit.web.proxies import is_within, read_networks, sender_of
from tests.web.api.conftest import NOW, a_wish, ask, open_client

TRUSTED = read_networks("127.0.0.1,10.0.0.0/8,2001:db8:1::/48")
# What httpx says of itself when it calls the app in this process.
PEER = "127.0.0.1"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOW)


@pytest.mark.parametrize(
    ("peer", "forwarded", "sender"),
    [
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9", " 198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9", "198.51.100.7", "10.1.2.3"], "198.51.100.7"),
        ("127.0.0.1", ["10.9.9.9", "10.1.2.3"], "10.9.9.9"),
        ("127.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("2001:db8:1::2", ["[2001:db8:2::7]:4711"], "2001:db8:2::7"),
        ("2001:db8:1::2", ["2001:db8:2::7"], "2001:db8:2::7"),
        ("::ffff:10.1.2.3", ["198.51.100.7"], "198.51.100.7"),
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
        ("127.0.0.1", ["203.0.113.9", "unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9", ""], "127.0.0.1"),
    ],
)
def test_the_sender_is_the_last_address_that_no_proxy_of_ours_has(peer: str, forwarded: list[str], sender: str):
    assert sender_of(peer, forwarded, TRUSTED) == sender


def test_what_is_no_address_is_in_no_network():
    assert not is_within("", TRUSTED)
    assert not is_within("localhost", TRUSTED)


@pytest.mark.parametrize("value", ["10.0.0.0/8", "127.0.0.1,::1", "2001:db8::/32", "10.1.2.3/8"])
def test_proxies_are_addresses_or_networks(value: str):
    settings = load_settings({"PLAUDIT_TRUSTED_PROXIES": value})

    assert len(read_networks(settings.trusted_proxies)) == value.count(",") + 1


@pytest.mark.parametrize("value", ["*", "proxy.example.org", "10.0.0.0/33", "10.0.0.256", "10.0.0.1;10.0.0.2"])
def test_proxies_that_are_no_networks_stop_the_start(value: str):
    with pytest.raises(BadSetting, match="PLAUDIT_TRUSTED_PROXIES"):
        load_settings({"PLAUDIT_TRUSTED_PROXIES": value})


def test_a_network_that_only_looks_like_one_stops_the_start_as_well():
    with pytest.raises(BadSetting, match="PLAUDIT_TRUSTED_PROXIES"):
        read_networks("1:2:3")


async def test_without_trusted_proxies_nobody_can_say_that_they_are_someone_else(
    settings: Settings, clock: MovableClock
):
    slow = msgspec.structs.replace(settings, address_rate=1)

    async with open_client(slow, clock) as client:
        answers = [await _ask_as(client, f"198.51.100.{number}") for number in range(WINDOW_SECONDS + 1)]

    assert answers[-1].status_code == 429


async def test_each_sender_behind_a_trusted_proxy_has_a_budget_of_their_own(settings: Settings, clock: MovableClock):
    behind = msgspec.structs.replace(settings, address_rate=1, trusted_proxies=PEER)

    async with open_client(behind, clock) as client:
        others = [await _ask_as(client, f"198.51.100.{number}") for number in range(WINDOW_SECONDS + 1)]
        again = [await _ask_as(client, "203.0.113.9") for _ in range(WINDOW_SECONDS + 1)]

    assert {answer.status_code for answer in others} == {404}
    assert again[-1].status_code == 429


async def test_addresses_that_we_give_out_have_the_scheme_that_the_trusted_proxy_was_asked_by(
    settings: Settings, clock: MovableClock
):
    behind = msgspec.structs.replace(settings, trusted_proxies=PEER)

    plain = await _checkout_url(settings, clock, "ada")
    secure = await _checkout_url(behind, clock, "bob")

    assert plain.startswith("http://plaudit.test/")
    assert secure.startswith("https://plaudit.test/")


async def _ask_as(client: httpx.AsyncClient, address: str) -> httpx.Response:
    return await client.get("/v1/people/nobody", headers={"X-Forwarded-For": address})


async def _checkout_url(settings: Settings, clock: MovableClock, handle: str) -> str:
    async with open_client(settings, clock) as client:
        signed_up = await ask(client, "POST /v1/sign-up", a_wish(handle))
        wish = {"id": str(new_id()), "pack": "pack_100", "provider": "sandbox"}
        forwarded = {"X-Forwarded-Proto": "https"}
        answer = await ask(client, "POST /v1/top-ups", wish, token=signed_up.json()["token"], **forwarded)
    return str(answer.json()["checkout_url"])
