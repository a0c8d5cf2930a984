"""Another seal key: everything is wrapped anew, however often that is interrupted, and opens all the while."""

import pytest

from plaudit.foundation.envelopes import Vault
from plaudit.foundation.errors import CannotUnseal
from plaudit.payouts import Details, SepaDetails, methods, rotation, tax, tax_queries
from tests.payouts.conftest import KEY, NAME, Creator, House, a_vault

NEW = b"another key of the tests, as long as it must be"


class Stops(Exception):
    """The program was ended."""


async def some_methods(house: House, ada: Creator, count: int) -> list[tuple[Details, methods.Method]]:
    details = SepaDetails(holder_name=NAME, iban="DE89370400440532013000", bic="COBADEFFXXX")
    return [(details, await house.add_method(ada, details)) for _ in range(count)]


def of(vault: Vault, house: House) -> methods.PayDesk:
    desk = house.desk
    return methods.PayDesk(db=desk.db, ledger=desk.ledger, vault=vault, hasher=desk.hasher, mail=desk.mail)


async def test_a_rotation_that_is_interrupted_goes_on_where_it_stopped(house: House):
    ada = await house.creator()
    known = await some_methods(house, ada, 5)
    await house.sign_tax_form(ada)
    both = a_vault(NEW, KEY)

    def stop(done: int) -> None:
        if done >= 2:
            raise Stops

    with pytest.raises(Stops):
        await rotation.rotate(house.desk.db, both, at_once=2, told=stop)
    assert await rotation.count_left(house.desk.db, both) == 4
    for details, method in known:
        (stored,) = [each for each in await methods.list_methods(house.desk, ada.id) if each.id == method.id]
        assert await methods.open_details(of(both, house), stored) == details

    assert await rotation.rotate(house.desk.db, both, at_once=2) == 4
    assert await rotation.rotate(house.desk.db, both) == 0
    only_new = of(a_vault(NEW), house)
    for stored in await methods.list_methods(house.desk, ada.id):
        assert await methods.open_details(only_new, stored) == known[0][0]
        with pytest.raises(CannotUnseal):
            await methods.open_details(house.desk, stored)
    async with house.desk.db.transaction() as tx:
        facts = await tax_queries.find_valid_facts(tx, ada.id, now=house.now)
    assert facts is not None
    assert (await tax.open_facts(only_new.vault, facts)).tax_id == "123456789"


async def test_without_the_key_of_before_nothing_is_changed(house: House):
    ada = await house.creator()
    ((details, method),) = await some_methods(house, ada, 1)

    with pytest.raises(CannotUnseal):
        await rotation.rotate(house.desk.db, a_vault(NEW))

    assert await methods.open_details(house.desk, method) == details


async def test_an_envelope_opens_in_its_own_row_only(house: House):
    ada = await house.creator()
    (_, one), (_, other) = await some_methods(house, ada, 2)
    async with house.desk.db.transaction() as tx:
        await tx.execute(
            "update payouts.methods set sealed = %(sealed)s where id = %(id)s", {"id": one.id, "sealed": other.sealed}
        )

    moved = await methods.get_method(house.desk, one.id, of=ada.id)

    with pytest.raises(CannotUnseal):
        await methods.open_details(house.desk, moved)
