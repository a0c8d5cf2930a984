import httpx

from plaudit.foundation.settings import Settings
from plaudit.web import running_web_server
from tests.web.api.conftest import PASSWORD, a_wish, ask


async def test_the_real_server_signs_people_up_and_in_and_out(settings: Settings):
    async with running_web_server(settings) as web, httpx.AsyncClient(base_url=web.url) as client:
        signed_up = await ask(client, "POST /v1/sign-up", a_wish("ada"))
        signed_in = await ask(client, "POST /v1/sign-in", {"email": "ada@example.org", "password": PASSWORD})
        token = signed_in.json()["token"]
        me = await ask(client, "GET /v1/me", token=token)
        out = await ask(client, "POST /v1/sign-out", token=token)
        after = await ask(client, "GET /v1/me", token=token)

    assert [answer.status_code for answer in (signed_up, signed_in, me, out, after)] == [201, 200, 200, 204, 401]
    assert me.json()["id"] == signed_up.json()["person"]["id"]
