"""The search parameters of every request that finds documents."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated

from bson import ObjectId
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from services import identity
from services.inputs import within_years
from services.records import EntityType, PubStatus, Status
from services.search.names import country

Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Many = Annotated[list[Text], Field(max_length=20)]
Ids = Annotated[list[Annotated[str, StringConstraints(pattern=identity.PATTERN)]], Field(max_length=20)]
Urgency = Annotated[int, Field(ge=1, le=9)]
Codes = Annotated[list[Annotated[str, StringConstraints(min_length=2, max_length=40, to_upper=True)]],
                  Field(max_length=20)]  # fmt: skip


Countries = Annotated[list[Annotated[str, StringConstraints(min_length=2, max_length=60), AfterValidator(country)]],
                      Field(max_length=20)]  # fmt: skip


def _day_or_instant(value: object) -> object:
    """Read a day or an instant. ``2024-05-06`` stays a date, so that it can mean the whole day."""
    if isinstance(value, str) and len(value) <= 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("give a day as 2024-05-06 or an instant as 2024-05-06T07:08:00Z") from None
    return value


def _in_the_calendar(value: datetime | date) -> datetime | date:
    return within_years(value) if isinstance(value, datetime) else value


When = Annotated[datetime | date, BeforeValidator(_day_or_instant), AfterValidator(_in_the_calendar)]


def _box(value: str) -> str:
    west, south, east, north = _numbers(value, 4, "west,south,east,north in degrees, such as 4,50,32,72")
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise ValueError("longitudes must be within ±180, latitudes within ±90, and south not above north")
    return value


def _centre(value: str) -> str:
    latitude, longitude = _numbers(value, 2, "latitude,longitude in degrees, such as 59.91,10.75")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("give latitude (within ±90) first, then longitude (within ±180)")
    return value


def _numbers(value: str, count: int, form: str) -> list[float]:
    try:
        found = [float(part) for part in value.split(",")]
    except ValueError:
        found = []
    if len(found) != count:
        raise ValueError(f"give {form}")
    return found


def _sum(value: str) -> str:
    read_money(value)
    return value


def read_money(value: str) -> tuple[str, Decimal | None, Decimal | None]:
    """Return ``USD:1e6..1e9`` as currency, minimum and maximum; either end may be open. Raises ValueError."""
    currency, colon, span = value.partition(":")
    low, dots, high = span.partition("..")
    try:
        if len(currency) != 3 or not currency.isalpha() or (colon and not dots):
            raise ValueError
        least, most = (Decimal(end) if end else None for end in (low, high))
        if any(end is not None and not end.is_finite() for end in (least, most)):
            raise ValueError
    except (ValueError, InvalidOperation):
        raise ValueError("give money as USD:1e6..1e9, USD:1e9.. or USD") from None
    return currency.upper(), least, most


Statuses = list[Status]
ObjectIds = list[ObjectId]
PubStatuses = list[PubStatus]
Urgencies = Annotated[list[Urgency], Field(max_length=9)]
DocumentIds = Annotated[list[Annotated[str, StringConstraints(pattern="^[0-9a-fA-F]{24}$")]], Field(max_length=1000)]


class Search(BaseModel):
    """A search. A document must match every parameter. If a parameter is repeated, a document must have all values of a
    field with many values (entities, places, tags and others), but only one of the values of a field with a single
    value (language, status, collection, publisher and others)."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, StringConstraints(max_length=1000)] | None = Field(
        None,
        description='words that must all occur, in any form; `"a phrase"`, `-word`, `a OR b`, `title:word`, `place:Oslo`, `amount:>1bn`',
    )
    entity: Many = Field([], description="name or alias of a person, organization, place or other entity")
    entity_type: EntityType | None = Field(
        None, description="type of the `entity`; without `entity`, anything of this type"
    )
    entity_id: Ids = Field(
        [], description="`entities.id` of a person or organization, which finds it under any name and in any spelling"
    )
    place: Many = Field([], description="name of a place, in any case, with or without accents")
    country: Countries = Field(
        [], description="country of a place in the document: `NO` (ISO 3166-1 alpha-2) or `Norway`"
    )
    bbox: Annotated[str, AfterValidator(_box)] | None = Field(
        None, description="a place within west,south,east,north in degrees; west above east crosses the date line"
    )
    near: Annotated[str, AfterValidator(_centre)] | None = Field(
        None, description="a place at most `within` kilometres from latitude,longitude in degrees"
    )
    within: Annotated[float, Field(gt=0, le=20_000, description="distance from `near` in kilometres")] = 50.0
    speaker: Many = Field([], description="a person or body that is quoted, by name or alias")
    currency: Annotated[str, StringConstraints(pattern="^[A-Za-z]{3}$", to_upper=True)] | None = Field(
        None, description="ISO 4217 code of the currency of a sum in the document"
    )
    amount_min: Decimal | None = Field(None, description="minimum amount of that sum")
    amount_max: Decimal | None = Field(None, description="most")
    money: Annotated[str, AfterValidator(_sum)] | None = Field(
        None, description="currency and amounts in one parameter: `USD:1e6..1e9`"
    )
    event: Codes = Field([], description="PLOVER type of an event: `ASSAULT`")
    actor: Many = Field([], description="actor of the event, by name or alias")
    topic: Many = Field([], description="IPTC topic by name or code")
    published_from: When | None = Field(None, description="a day or an instant")
    published_to: When | None = Field(None, description="a day (included) or an instant (not included)")
    language: Many = Field(
        [], description="BCP 47, any of these; `en` includes all English, `en-GB` only British English"
    )
    story: Text | None = Field(None, description="id of a story")
    status: Statuses = Field([], description="any of these")
    collection: Many = Field([], description="any of these")
    publisher: Many = Field([], description="any of these")
    tag: Many = Field([], description="a tag that the sender or an editor gave it")
    fetched_from: Many = Field([], description="name or id of the source that it was fetched from, any of these")
    list: Many = Field([], description="id of a watch list: documents that name an entry of it")
    starred: bool | None = Field(None, description="`true`: only documents that an editor starred")
    corrected: bool | None = Field(None, description="`true`: only documents whose annotations an editor corrected")
    batch: Text | None = Field(None, description="id of the batch that it was sent with")
    provider: Many = Field([], description="provider that sent it over the wire, any of these: `ap.org`")
    guid: Many = Field([], description="the provider's id of an item, any of these; finds all versions of the item")
    pub_status: PubStatuses = Field([], description="publication status given by the provider, any of these")
    urgency: Urgencies = Field([], description="IPTC, 1 (flash) to 9, any of these")
    slugline: Many = Field([], description="any of these; `FLOODS-*` matches every slugline that starts with `FLOODS-`")
    subject: Many = Field([], description="the provider's subject: `scheme:code` (`medtop:04000000`), code or name")
    wire_keyword: Many = Field([], description="a keyword given by the provider")
    wire_place: Many = Field([], description="a place given by the provider, by name or code")
    withdrawn: bool = Field(
        False,
        description="include documents that their provider canceled or withheld; the key needs the scope `withdrawn`",
    )
    id: DocumentIds = Field([], description="only these documents")
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] | None = Field(
        None, description="SHA-256 of the raw bytes"
    )
    error_code: Text | None = Field(None, description="code of the failure")
    error_stage: Text | None = Field(None, description="stage in which it failed")
    key: Text | None = Field(None, description="id of the API key that it was sent with")
    failed_stage: Text | None = Field(
        None,
        description="a stage that failed on the document, which is done without the stage's field; `any` for any stage",
    )

    @property
    def ids(self) -> ObjectIds:
        return [ObjectId(one) for one in self.id]

    @property
    def sums(self) -> tuple[str | None, Decimal | None, Decimal | None]:
        """Return currency, minimum and maximum amount."""
        return read_money(self.money) if self.money else (self.currency, self.amount_min, self.amount_max)

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """Return west, south, east and north."""
        if self.bbox is None:
            return None
        west, south, east, north = map(float, self.bbox.split(","))
        return west, south, east, north

    @property
    def centre(self) -> tuple[float, float] | None:
        """Return latitude and longitude."""
        if self.near is None:
            return None
        latitude, longitude = map(float, self.near.split(","))
        return latitude, longitude

    @property
    def since(self) -> datetime | None:
        return _instant(self.published_from)

    @property
    def before(self) -> datetime | None:
        """Return the first instant after the period."""
        day = self.published_to
        if day is None or isinstance(day, datetime):
            return _instant(day)
        return _instant(day + timedelta(days=1)) if day < date.max else None


def _instant(when: datetime | date | None) -> datetime | None:
    if when is None or isinstance(when, datetime):
        return when if when is None or when.tzinfo else when.replace(tzinfo=UTC)
    return datetime.combine(when, time(), UTC)
