from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from tests.reversals.house import House, open_house


@pytest.fixture
async def house(database_url: str) -> AsyncIterator[House]:
    async with open_house(database_url) as house:
        yield house


@pytest.fixture
async def fan(house: House) -> UUID:
    return await house.person()


@pytest.fixture
async def iris(house: House) -> UUID:
    """A creator."""
    return await house.person()
