"""The tree of conditions of a study: a detector with its parameters, or named conditions combined."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from backtest.detect.logic import Answer, all_of, any_of, not_of, within
from backtest.detect.registry import Detector, find_detector, from_function
from backtest.errors import NotFound
from backtest.model import Condition, Ints, Prices
from backtest.spec.conditions import ConditionTable, split_member
from backtest.spec.strategy import Strategy
from backtest.untyped import Parameters


@dataclass(frozen=True, eq=False)
class Single:
    """One detector with its parameters.

    Attributes
    ----------
    key : str
        Its table in the strategy: ``"detector"`` or ``"conditions.NAME"``.
    use : str
        The detector, as named in the strategy.
    values : dict
        Its parameters, checked and complete.
    """

    key: str
    use: str
    detector: Detector
    values: Parameters


@dataclass(frozen=True, eq=False)
class Combined:
    """Other recipes combined.

    Attributes
    ----------
    how : str
        ``"all"``, ``"any"``, ``"not"`` or ``"within"``.
    written : dict
        The table as in the strategy.
    members : tuple of (bool, Recipe)
        For each, whether it is negated, and its recipe.
    sessions : int
        For ``"within"``: sessions in which the second must follow the first.
    """

    key: str
    how: str
    written: Parameters
    members: tuple[tuple[bool, Recipe], ...]
    sessions: int = 0


Recipe = Single | Combined
Ask = Callable[[Single], Condition]
"""How a single detector is run; the caller may cache the answers."""


def make_recipe(strategy: Strategy, known: Mapping[str, Detector] | None = None) -> Recipe:
    """Find and check every detector of a strategy.

    Parameters
    ----------
    strategy : Strategy
        The strategy.
    known : mapping of str to Detector, optional
        Detectors found before, by name: a user's file is executed only once.

    Raises
    ------
    NotFound, StrategyInvalid, DetectorFailed
        A detector does not exist, its parameters are wrong, or its file cannot be imported.
    """
    given = {use: from_function(use, function) for use, function in strategy.functions.items()}
    found, made = {**given, **(known or {})}, dict[str, Recipe]()

    def make(key: str, table: ConditionTable) -> Recipe:
        if key not in made:
            made[key] = _single(key, table.use, table, strategy, found) if table.use else combine(key, table)
        return made[key]

    def combine(key: str, table: ConditionTable) -> Combined:
        members = tuple(
            (negated, make(f"conditions.{name}", strategy.conditions[name]))
            for negated, name in map(split_member, table.members)
        )
        return Combined(key, table.how, table.written, members, table.sessions if table.how == "within" else 0)

    return make("detector", strategy.detector)


def _single(key: str, use: str, table: ConditionTable, strategy: Strategy, found: dict[str, Detector]) -> Single:
    if use not in found:
        try:
            found[use] = find_detector(use, strategy.path.parent)
        except NotFound as error:
            raise NotFound(f"{strategy.place}: {error.message}", error.hint) from error
    return Single(key, use, found[use], found[use].check(table.parameters, strategy.place, key))


def singles(recipe: Recipe) -> Iterator[Single]:
    """Iterate over the detectors of a recipe, each table once."""
    return (part for part in parts(recipe) if isinstance(part, Single))


def parts(recipe: Recipe) -> Iterator[Recipe]:
    """Iterate over a recipe and all its parts, each table once, the whole first."""
    waiting, seen = [recipe], set()
    while waiting:
        part = waiting.pop(0)
        if part.key not in seen:
            seen.add(part.key)
            yield part
            waiting += [member for _, member in part.members] if isinstance(part, Combined) else []


def tables_of(recipe: Recipe) -> dict[str, Parameters]:
    """Return each table of conditions, checked and complete, by its key in the strategy."""
    return {
        part.key: {"use": part.use, **part.values} if isinstance(part, Single) else part.written
        for part in parts(recipe)
    }


def written_tables(strategy: Strategy) -> dict[str, Parameters]:
    """Like `tables_of`, but without running Python beside the strategy: its parameters are as written."""
    tables = {"detector": strategy.detector} | {f"conditions.{k}": v for k, v in strategy.conditions.items()}
    return {key: _written(key, table, strategy) for key, table in tables.items()}


def _written(key: str, table: ConditionTable, strategy: Strategy) -> Parameters:
    if table.use is None or table.use.endswith(".py"):
        return table.written
    detector = find_detector(table.use, strategy.path.parent)
    return {"use": table.use, **detector.check(table.parameters, strategy.place, key)}


def answers_of(recipe: Recipe, ask: Ask) -> dict[str, Answer]:
    """Run every detector of a recipe and combine the answers.

    Parameters
    ----------
    recipe : Recipe
        The recipe.
    ask : callable
        Returns a detector's condition.

    Returns
    -------
    dict of str to Answer
        By key in the strategy; ``"detector"`` is the whole.
    """
    found: dict[str, Answer] = {}
    _answer(recipe, found, ask)
    return found


def _answer(part: Recipe, found: dict[str, Answer], ask: Ask) -> Answer:
    if part.key not in found:
        found[part.key] = _single_answer(part, ask) if isinstance(part, Single) else _combined(part, found, ask)
    return found[part.key]


def _single_answer(part: Single, ask: Ask) -> Answer:
    condition = ask(part)
    if condition.accounts or condition.notes:
        accounts = tuple(account.at(part.key) for account in condition.accounts)
        notes = tuple(replace(note, about=part.key) if note.about == "detector" else note for note in condition.notes)
        condition = replace(condition, accounts=accounts, notes=notes)
    return Answer(condition, _everywhere(part.detector.pattern(part.values), condition.met.shape))


@cache
def _everywhere(length: int, shape: tuple[int, ...]) -> Ints:
    """Return one length for all sessions, as a view of a single number."""
    return np.broadcast_to(length, shape)


def _combined(part: Combined, found: dict[str, Answer], ask: Ask) -> Answer:
    answers = [(negated, _answer(member, found, ask)) for negated, member in part.members]
    members = [not_of(answer) if negated else answer for negated, answer in answers]
    match part.how:
        case "all":
            whole = all_of(members)
        case "any":
            whole = any_of(members)
        case "not":
            whole = not_of(members[0])
        case _:
            whole = within(members[0], members[1], part.sessions)
    notes = tuple(dict.fromkeys(note for _, answer in answers for note in answer.condition.notes))
    accounts = tuple(dict.fromkeys(account for _, answer in answers for account in answer.condition.accounts))
    return replace(whole, condition=replace(whole.condition, notes=notes, accounts=accounts))


def condition_of(recipe: Recipe, prices: Prices) -> Condition:
    """Run a recipe without a cache, on a history as its detectors may see it."""
    return answers_of(recipe, lambda one: one.detector.condition(prices, one.values))["detector"].condition
