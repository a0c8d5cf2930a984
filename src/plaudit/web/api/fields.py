"""Fields of bodies as the API's description shows them. It only tells: what is right is decided by the package's rules.

So whoever sends something else is refused with a sentence for people, and a rule stands in one place.
"""

from typing import Annotated

from msgspec import Meta


def _told(description: str, **schema: object) -> Meta:
    # Under "extra" the framework takes members of JSON Schema that aren't judged.
    return Meta(extra_json_schema={"description": description, "extra": schema})


Email = Annotated[str, _told("An e-mail address.", format="email", max_length=254)]
AtName = Annotated[str, _told("A name of one's own, whatever its case.", pattern="^[A-Za-z0-9_]{3,24}$")]
NewPassword = Annotated[str, _told("10 to 256 characters.", min_length=10, max_length=256)]
Region = Annotated[str, _told("ISO 3166-1, as DE or US.", pattern="^[A-Za-z]{2}$")]
Currency = Annotated[str, _told("ISO 4217, as EUR or USD.", pattern="^[A-Za-z]{3}$")]
Coins = Annotated[int, _told("A number of coins.", minimum=1)]
Quantity = Annotated[int, _told("How many at once; of large gifts up to 10.", minimum=1, maximum=999)]
GiftMessage = Annotated[str, _told("Plain text without control characters.", max_length=200)]
ChatText = Annotated[str, _told("One line of plain text.", min_length=1, max_length=200)]
MessageText = Annotated[str, _told("Plain text; lines may break.", min_length=1, max_length=1_000)]
Likes = Annotated[int, _told("What was tapped since the call before.", minimum=1, maximum=50)]
Minutes = Annotated[int | None, _told("At most a year; null: until somebody unmutes.", minimum=1, maximum=525_600)]
Reason = Annotated[str, _told("In words that its person reads.", min_length=1, max_length=500)]
AnyRegion = Annotated[str, _told("ISO 3166-1, or empty: where no other rule holds.", pattern="^([A-Za-z]{2})?$")]
AnyCurrency = Annotated[str, _told("ISO 4217, or empty: where no other rule holds.", pattern="^([A-Za-z]{3})?$")]
Tier = Annotated[str, _told("A word of the letters a to z and _.", pattern="^[a-z_]{2,20}$")]
RuleValue = Annotated[int, _told("Years, followers, or 1 for yes and 0 for no.", minimum=0, maximum=1_000_000_000)]
Svg = Annotated[
    str, _told("Shapes and nothing else, at most 20 KiB; what editors leave behind is left out.", min_length=1)
]
Slug = Annotated[str, _told("A letter, then letters, digits and _.", pattern="^[a-z][a-z0-9_]{0,39}$")]
GiftPrice = Annotated[int, _told("The price in coins.", minimum=1, maximum=10_000_000)]
ShortReason = Annotated[str, _told("In words that its person reads.", min_length=1, max_length=200)]
AmountMinor = Annotated[int, _told("Money in minor units: cents.", minimum=1)]
LegalName = Annotated[str, _told("As the papers have it.", min_length=2, max_length=70)]
OverlayName = Annotated[str, _told("For its creator to tell it from others.", min_length=1, max_length=60)]
Iban = Annotated[str, _told("An IBAN, with or without spaces.", min_length=5, max_length=42)]
Bic = Annotated[str | None, _told("A BIC; null where the IBAN tells it.", max_length=14)]
Routing = Annotated[str, _told("Nine digits.", min_length=9, max_length=13)]
AccountNumber = Annotated[str, _told("4 to 17 digits.", min_length=4, max_length=22)]
MinorUnits = Annotated[int, _told("In whole minor units.", minimum=1, maximum=10**14)]
Address = Annotated[str, _told("Street, town, postal code and country.", min_length=2, max_length=300)]
