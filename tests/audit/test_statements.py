from plaudit.audit import Code
from plaudit.audit.checking import BookReport, check_books
from plaudit.earnings.statements import get_statement
from tests.earnings.settled import World, open_world
from tests.ledger.tampering import tamper

MARCH = "2026-03"


async def tell_march(world: World) -> None:
    fan, creator = await world.person(), await world.person()
    await world.buy(fan, 100, 1_000)
    await world.give(fan, creator, 40)
    await world.round()
    world.move(days=40)
    await world.round()
    await world.give(fan, creator, 1)
    await world.round()
    told = await get_statement(world.db, world.ledger, creator, MARCH, now=world.clock.now())
    assert told.is_final


async def check(world: World, *, everything: bool = False) -> BookReport:
    world.move(seconds=1)
    return await check_books(world.db, world.ledger, now=world.clock.now(), everything=everything)


async def test_a_statement_that_says_what_the_books_say_passes_and_is_not_made_again_every_time(database_url: str):
    async with open_world(database_url) as world:
        await tell_march(world)

        reports = [await check(world), await check(world), await check(world, everything=True)]

        assert [report.findings for report in reports] == [(), (), ()]
        assert [report.statements for report in reports] == [1, 0, 1]


async def test_a_statement_whose_bytes_were_changed_is_named(database_url: str):
    async with open_world(database_url) as world:
        await tell_march(world)
        await tamper(
            world.db,
            'alter table earnings.statements drop constraint "a statement\'s hash is that of its content"',
            "update earnings.statements set content = content || ' '",
        )

        report = await check(world)

        assert [finding.code for finding in report.findings] == [Code.STATEMENT_CHANGED, Code.STATEMENT_DIFFERS]
        assert all("for 2026-03" in finding.sentence for finding in report.findings)


async def test_a_statement_that_was_rewritten_with_its_hash_is_found_by_what_the_books_say(database_url: str):
    async with open_world(database_url) as world:
        await tell_march(world)
        await tamper(
            world.db,
            """
            update earnings.statements
            set content = replace(convert_from(content, 'UTF8'), '"gifts":1', '"gifts":2')::bytea,
                sha256 = sha256(replace(convert_from(content, 'UTF8'), '"gifts":1', '"gifts":2')::bytea)
            """,
        )

        report = await check(world)

        assert [finding.code for finding in report.findings] == [Code.STATEMENT_DIFFERS]
        assert report.findings[0].sentence.endswith("for 2026-03 says something else than the books do.")
