"""Ways that people go through several pages."""

import re

from playwright.async_api import Page, expect

from tests.web.api.conftest import PASSWORD

NEW_PASSWORD = "another battery staple"
WORKS = "A card that works"
DECLINED = "A card that is declined"
ASKS_FIRST = "A card whose bank asks first"


async def sign_up(page: Page, name: str) -> None:
    """Fill in the form as a newcomer does."""
    await page.get_by_label("E-mail").fill(f"{name}@example.org")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_label("Handle").fill(name)
    await page.get_by_label("Date of birth").fill("1990-05-17")
    await page.get_by_label("Where you live").select_option("US")
    await page.get_by_role("button", name="Make my account").click()


async def sign_in(page: Page, email: str) -> None:
    """Fill in the form as somebody does who was here before."""
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("main").get_by_role("button", name="Sign in").click()


async def go_to_payment(page: Page, pack: str = "pack_100") -> None:
    """From the wallet to the checkout, with one of the packs."""
    await page.goto("/wallet")
    await page.locator(f'label:has(input[value="{pack}"])').click()
    await page.get_by_role("button", name="Go to payment").click()


async def pay(page: Page, card: str = WORKS) -> None:
    """At the checkout of the sandbox."""
    await expect(page).to_have_url(re.compile("/sandbox/checkouts/"))
    await page.get_by_role("button", name=card).click()
