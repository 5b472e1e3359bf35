"""Forms posted as the builders post them."""

from typing import Any

from signals.forms import matches, rule


def rule_data(tree: object, prefix: str = "rule") -> dict[str, Any]:
    """What a browser posts for a rule that stands in the builder."""
    draft = rule.from_json(tree)
    data: dict[str, Any] = {f"{prefix}:0:join": draft.join, f"{prefix}:node": []}
    for node in list(rule.walk(draft))[1:]:
        name = f"{prefix}:{node.place}"
        data[f"{prefix}:node"].append(f"{node.place} {'group' if node.is_group else 'condition'}")
        if isinstance(node, rule.Group):
            data[f"{name}:join"] = node.join
        else:
            for place, measure in {name: node, **{f"{name}:{slot}": part for slot, part in node.parts.items()}}.items():
                data |= {f"{place}:{key}": value for key, value in measure.fields.items()}
                data |= {f"{place}:signals": measure.signals, f"{place}:closing": measure.closing}
    return data


def matches_data(meaning: dict[str, Any], prefix: str = "matches") -> dict[str, Any]:
    data: dict[str, Any] = {f"{prefix}:match": []}
    for index, match in enumerate(matches.from_json(meaning).any):
        name = f"{prefix}:{index}"
        data[f"{prefix}:match"].append(str(index))
        data |= {f"{name}:kinds": match.kinds, f"{name}:names": match.names, f"{name}:source": match.source}
        data[f"{name}:where"] = [str(row) for row in range(len(match.where))]
        for row, where in enumerate(match.where):
            data |= {f"{name}:{row}:property": where.property, f"{name}:{row}:op": where.op}
            data[f"{name}:{row}:value"] = where.value
    return data
