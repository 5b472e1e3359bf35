"""Which accounts a rule holds for, now: what an admin sees while typing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from plgcrm.common.sql import rows
from signals.measures.engine import measure_columns
from signals.measures.frame import Column, Ints
from signals.measures_load import AccountSelection, Need, day_number, load_accounts
from signals.rules.evaluate import evaluate
from signals.rules.tree import parse_rule, specs_of
from signals.scoring.live import is_scored, live


@dataclass(frozen=True, slots=True)
class Match:
    """How many accounts a rule holds for, of how many, and some of them by id."""

    count: int
    total: int
    accounts: list[int]


def matching_accounts(rule: Any, *, now: datetime, limit: int = 0) -> Match:
    """For how many accounts a rule (JSON) holds as of now. Raises RuleError where it cannot be read."""
    node = parse_rule(rule)
    ids = np.array([row[0] for row in rows("SELECT id FROM accounts_account ORDER BY id")], np.int32)
    if not ids.size:
        return Match(0, 0, [])
    specs = [spec for spec in specs_of(node) if not is_scored(spec)]
    today = day_number(now)
    frame = load_accounts(AccountSelection(ids, is_range=True), Need.of(specs, today), live().definitions)
    columns: dict[str, Column] = dict(measure_columns(frame, specs, today, today))
    # What scoring itself gives is read as stored: measuring it here would mean scoring all accounts for one preview.
    for spec in specs_of(node):
        if is_scored(spec):
            columns[spec.key] = _stored(spec.attribute or "", ids)
    held = evaluate(node, columns, shape=(len(ids), 1))[:, 0]
    return Match(int(held.sum()), len(ids), ids[held][:limit].tolist())


def _stored(name: str, ids: Ints) -> Column:
    """Scores, tiers and qualifications as they were stored last."""
    word, _, kind = name.partition(".")
    found: Mapping[int, tuple[int, str, bool]] = {
        account: (points, tier, qualified)
        for account, points, tier, qualified in rows(
            "SELECT s.account_id, s.points, s.tier, s.qualified FROM signals_score s"
            " JOIN signals_scoringmodel m ON m.id = s.scoring_model_id"
            " WHERE m.kind = %s AND s.account_id IS NOT NULL",
            [kind],
        )
    }
    nothing = (0, "", False)
    seen = [found.get(account, nothing) for account in ids.tolist()]
    if word == "tier":
        vocabulary = tuple(sorted({tier for _, tier, _ in seen}))
        texts = np.array([[vocabulary.index(tier)] for _, tier, _ in seen], np.int32)
        return Column(np.full(texts.shape, np.nan), texts, vocabulary)
    values = [float(points if word == "score" else qualified) for points, _, qualified in seen]
    return Column(np.array(values)[:, None])
