"""The table of rules, and which of them fits a difference."""

import tomllib
from pathlib import Path

SIDES = {"ours", "peer", "both"}


def read() -> list[dict]:
    """The rules in their order; the first that fits counts."""
    table = tomllib.loads((Path(__file__).parent / "rules.toml").read_text())["rule"]
    for rule in table:
        missing = {"category", "when", "right", "why", "authority"} - rule.keys()
        if missing or rule["right"] not in SIDES:
            raise SystemExit(f"rules.toml: {rule.get('category')}: {missing or rule['right']}")
    return table


def fits(rule: dict, facts: dict[str, str]) -> bool:
    """Whether all that the rule asks for is so; a list is one of several, `""` is a fact that is not there."""
    asked = ((facts.get(name, ""), value) for name, value in rule["when"].items())
    return all(fact in value if isinstance(value, list) else fact == value for fact, value in asked)


def classify(table: list[dict], runs: dict) -> tuple[list, list]:
    """Gives every difference its category; those without one and the rules that were not needed come back."""
    unclassified, used = [], set()
    for run in runs.values():
        for found in run.differences:
            rule = next((rule for rule in table if fits(rule, found.facts)), None)
            if rule is None:
                unclassified.append(found)
                continue
            found.category = rule["category"]
            used.add(rule["category"])
    return unclassified, [rule for rule in table if rule["category"] not in used]
