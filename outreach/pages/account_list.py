"""The accounts list: best scores first, filtered, or what was searched for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.core.validators import slug_re

from accounts.queries import FOUND, found_accounts
from outreach.access import Viewer
from outreach.pages.account import SPARK_DAYS, people_a_day
from plgcrm.common.sql import queries, rows_as, scalars
from plgcrm.common.text import is_short_number, short_number

SQL = queries("outreach/sql/account_list.sql")
LEAST, MOST = -(2**31), 2**31 - 1
PAGE = 30
FEW = 5_000
MOST_SEARCHED = 1_000  # matches of a search that filters are applied to
MINE, NOBODY = "me", "none"


@dataclass(frozen=True, slots=True)
class AccountFilters:
    """What the address asks for, and what a saved view keeps. "" and False: not asked."""

    model: str = ""
    tier: str = ""
    owner: str = ""  # me, none, or a user's id
    on_queue: bool = False
    segment: str = ""

    @classmethod
    def parse(cls, asked: Mapping[str, str]) -> "AccountFilters":
        """What cannot be meant is not asked."""
        return cls(
            model=_slug(asked.get("model", "")),
            tier=_slug(asked.get("tier", "")),
            owner=_owner(asked.get("owner", "")),
            on_queue=asked.get("queue") == "yes",
            segment=_slug(asked.get("segment", "")),
        )

    @property
    def narrows(self) -> bool:
        """Whether any of them leaves accounts out; the model only orders them."""
        return bool(self.tier or self.owner or self.on_queue or self.segment)

    def query(self, **changed: Any) -> str:
        """As it stands in an address, without the question mark."""
        wanted = replace(self, **changed)
        named = {"model": wanted.model, "tier": wanted.tier, "owner": wanted.owner, "segment": wanted.segment}
        kept = {name: value for name, value in named.items() if value}
        return urlencode(kept | ({"queue": "yes"} if wanted.on_queue else {}))


def _slug(text: str) -> str:
    return text[:60] if slug_re.match(text) else ""


def _owner(text: str) -> str:
    return text if text in (MINE, NOBODY) or is_short_number(text) else ""


@dataclass(frozen=True, slots=True)
class ModelTiers:
    """A scoring model with the tiers of its live version."""

    id: int
    kind: str
    name: str
    tiers: list[dict[str, Any]]

    def points_of(self, tier: str) -> tuple[int, int]:
        """The lowest and the highest points that make a tier; whoever has fewer than any is in the lowest."""
        starts = sorted(int(each["from"]) for each in self.tiers)
        lowest = next((int(each["from"]) for each in self.tiers if each["slug"] == tier), starts[0] if starts else 0)
        above = [start for start in starts if start > lowest]
        return LEAST if lowest in starts[:1] else lowest, above[0] - 1 if above else MOST


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """A line of the accounts page."""

    id: int
    name: str
    domain: str
    points: int | None
    qualified: bool
    tier: str
    tiers: list[dict[str, Any]] | None
    owner_id: int
    owner: str
    why_now: str
    item_id: int

    @property
    def tier_name(self) -> str:
        return next((tier["name"] for tier in self.tiers or [] if tier["slug"] == self.tier), self.tier)


@dataclass(frozen=True, slots=True)
class ListedAccounts:
    rows: list[ListedAccount]
    sparks: dict[int, list[int]]
    next_page: str = ""


def models_with_tiers() -> list[ModelTiers]:
    """The live models that the list can be sorted by, with their tiers."""
    return rows_as(ModelTiers, SQL["models"])


def best_accounts(viewer: Viewer, model: ModelTiers | None, filters: AccountFilters, *, after: str) -> ListedAccounts:
    """A page of accounts by points of one model; `after` is where the page before ended."""
    # Before the first model is published there are no points to sort by.
    if model is None:
        return ListedAccounts([], {})
    points, id_ = _place(after) or (None, 0)
    params = {"model": model.id, "limit": PAGE + 1, "after_points": points, "after_id": id_}
    ids = scalars(SQL["listed"], params | _filtered(viewer, model, filters))
    listing = account_page_of(ids[:PAGE], model=model)
    last = listing.rows[-1] if len(ids) > PAGE else None
    return replace(listing, next_page=f"{last.points}_{last.id}") if last else listing


def searched_accounts(viewer: Viewer, text: str, model: ModelTiers | None, filters: AccountFilters) -> ListedAccounts:
    """What was searched for, the best match first, of what the filters leave."""
    if not filters.narrows or model is None:
        return account_page_of(found_accounts(text), model=None)
    found = found_accounts(text, limit=MOST_SEARCHED)
    kept = _filtered(viewer, model, filters)
    among = found if kept["among"] is None else sorted(set(found) & set(kept["among"]))
    params = {"model": model.id, "limit": MOST_SEARCHED, "after_points": None, "after_id": 0}
    left = set(scalars(SQL["listed"], params | kept | {"among": among}))
    return account_page_of([id_ for id_ in found if id_ in left][:FOUND], model=None)


def _filtered(viewer: Viewer, model: ModelTiers, filters: AccountFilters) -> dict[str, Any]:
    """What the query asks with."""
    lowest, highest = model.points_of(filters.tier)
    # With few items it is cheapest to begin at the items, with many at the scores; the planner cannot know.
    few = scalars(SQL["few_on_queue"], {"few": FEW + 1}) if filters.on_queue else None
    too_many = few is not None and len(few) > FEW
    return {
        "tier": filters.tier,
        "lowest": lowest,
        "highest": highest,
        "owner": _owner_id(viewer, filters.owner),
        "unassigned": filters.owner == NOBODY,
        "segment": filters.segment,
        "on_queue": too_many,
        "among": None if too_many else few,
    }


def _owner_id(viewer: Viewer, asked: str) -> int | None:
    """None where no owner is asked for; whoever cannot be meant owns nothing."""
    if asked in ("", NOBODY):
        return None
    return viewer.id if asked == MINE else short_number(asked)


def listed_accounts(account_ids: list[int], *, model: ModelTiers | None) -> list[ListedAccount]:
    """The lines of these accounts, in this order; without a model, by their best points."""
    return rows_as(ListedAccount, SQL["rows_of"], {"accounts": account_ids, "model": model.id if model else 0})


def account_page_of(account_ids: list[int], *, model: ModelTiers | None) -> ListedAccounts:
    """The lines of these accounts, in this order, with their activity of 30 days."""
    found = listed_accounts(account_ids, model=model)
    today = datetime.now(UTC).date()
    series = people_a_day(dict.fromkeys(account_ids, SPARK_DAYS), today=today)
    return ListedAccounts(found, {id_: each.people for id_, each in series.items()})


def _place(text: str) -> tuple[int, int] | None:
    points, _, id_ = text.partition("_")
    short = len(text) < 24
    return (int(points), int(id_)) if short and points.removeprefix("-").isdecimal() and id_.isdecimal() else None
