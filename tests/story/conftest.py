"""One product for all the stories that are told here. It may be killed: whoever comes next starts it again."""

from collections.abc import AsyncGenerator, Iterator

import httpx
import pytest

from tests.story.house import House, Json
from tests.story.product import Product
from tests.web.api.conftest import Someone, ask

_NO_LIMIT = httpx.Limits(max_connections=None, max_keepalive_connections=None)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Everything that `plaudit serve` runs, on a data directory and ports of its own."""
    product = Product(tmp_path_factory.mktemp("product"))
    try:
        product.start()
        yield product
    finally:
        product.stop()


@pytest.fixture(scope="session")
def operator_login(product: Product) -> Json:
    """An operator made on the command line, who asks of creators no number of followers."""
    said = product.run("operator", "add", "olga@example.org", "--handle", "olga_runs_it")
    login = {"email": "olga@example.org", "password": said.split("Its password: ")[1].strip()}
    with httpx.Client(base_url=product.url, trust_env=False) as client:
        token = client.post("/v1/sign-in", json=login).json()["token"]
        rule = {"kind": "least_followers", "value": 0}
        set_rule = client.post("/v1/operator/requirements", json=rule, headers={"Authorization": f"Bearer {token}"})
        assert set_rule.is_success, set_rule.text
    return login


@pytest.fixture
async def house(product: Product, operator_login: Json) -> AsyncGenerator[House]:
    """The product with its operator, asked over as many connections as there are questions at once."""
    if not product.is_running:
        product.start()
    async with httpx.AsyncClient(base_url=product.url, timeout=30, limits=_NO_LIMIT, trust_env=False) as client:
        answer = await ask(client, "POST /v1/sign-in", operator_login)
        assert answer.status_code == 200, answer.text
        yield House(product, client, Someone(client, answer.json()))
