from uuid import UUID

import pytest

from plaudit.ledger import Limit
from plaudit.ledger.chart import AccountCode, account_id, limit_of, make_account

FAN = UUID(int=7)


def test_every_account_has_one_id_that_depends_on_kind_asset_and_owner() -> None:
    wishes = [
        (AccountCode.FAN_COINS, 1, FAN),
        (AccountCode.FAN_COIN_DEBT, 1, FAN),
        (AccountCode.FAN_COINS, 1, UUID(int=8)),
        (AccountCode.CREATOR_PENDING, 840, FAN),
        (AccountCode.CREATOR_PENDING, 978, FAN),
        (AccountCode.PROVIDER_CLEARING, 840, "sandbox"),
        (AccountCode.PROVIDER_CLEARING, 840, "other"),
        (AccountCode.COIN_FLOAT, 840, ""),
    ]

    ids = [account_id(*wish) for wish in wishes]

    assert ids == [account_id(*wish) for wish in wishes]
    assert len(set(ids)) == len(wishes)


@pytest.mark.parametrize(
    ("code", "limit"),
    [
        (AccountCode.FAN_COINS, Limit.DEBITS_MUST_NOT_EXCEED_CREDITS),
        (AccountCode.COIN_FLOAT, Limit.DEBITS_MUST_NOT_EXCEED_CREDITS),
        (AccountCode.COINS_ISSUED, Limit.CREDITS_MUST_NOT_EXCEED_DEBITS),
        (AccountCode.OWED_BY_CREATOR, Limit.CREDITS_MUST_NOT_EXCEED_DEBITS),
        (AccountCode.BANK, Limit.NONE),
        (AccountCode.PLATFORM_REVENUE, Limit.NONE),
    ],
)
def test_wallets_and_debts_have_limits_and_the_rest_has_none(code: AccountCode, limit: Limit) -> None:
    assert limit_of(code) is limit
    assert make_account(code, 840, FAN).limit is limit


def test_an_account_of_a_person_refers_to_that_person_and_one_of_the_house_to_nobody() -> None:
    assert make_account(AccountCode.FAN_COINS, 1, FAN).ref_128 == FAN
    assert make_account(AccountCode.PROVIDER_CLEARING, 840, "sandbox").ref_128 is None
