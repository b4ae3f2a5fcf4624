"""Sessions withheld from a question: a search does not see them, and one study opens them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from backtest.errors import StudyRefused
from backtest.files import sha256_of
from backtest.format import plural
from backtest.ledger.book import read_book
from backtest.ledger.count import enter
from backtest.ledger.distinct_looks import of_question, question_of
from backtest.ledger.holdout import holdout_entry, holdouts_of
from backtest.model.panel_source import EarlierPanel
from backtest.plan import Plan
from backtest.study.looks_of_study import looks_of_plan
from backtest.untyped import Json
from backtest.workspace import Workspace


def without(plan: Plan, begins: dt.date) -> Plan:
    """Return the same study on the data before a day; what comes later is not there, so nothing can see it.

    Detectors, base rates and windows end with the last session before it: a window that would reach further is
    pending. These are other data, and have a hash of their own.

    Parameters
    ----------
    plan : Plan
        The study.
    begins : datetime.date
        The first day that is withheld.

    Raises
    ------
    StudyRefused
        No session, or every session, is before that day.
    """
    prices = plan.dataset.prices
    n = int(np.searchsorted(prices.sessions, np.datetime64(begins, "D")))
    if n in (0, len(prices)):
        span = f"it runs from {prices.sessions[0]} to {prices.sessions[-1]}" if len(prices) else "it is empty"
        raise StudyRefused(
            f"a holdout from {begins} on leaves {'nothing to search' if n == 0 else 'nothing aside'} in dataset "
            f"'{plan.dataset.name}': {span}.",
            "Choose a day within.",
        )
    before = prices.until(n)
    held = replace(before, columns=dict(before.columns), tables=dict(before.tables))
    sha256 = sha256_of(f"{plan.dataset.sha256} before {begins}".encode())
    panel = None if plan.dataset.panel is None else EarlierPanel(plan.dataset.panel, n)
    return plan.on(replace(plan.dataset.with_prices(held), sha256=sha256, panel=panel))


def withheld_json(plan: Plan, left: Plan, begins: dt.date) -> Json:
    """Return what a record says of the sessions that a search did not see.

    Parameters
    ----------
    plan, left : Plan
        The study with all sessions, and without those that are withheld.
    begins : datetime.date
        The first day that is withheld.
    """
    n, last = len(plan.dataset.prices) - len(left.dataset.prices), left.dataset.prices.sessions[-1]
    open_it = f"backtest run {plan.strategy.name} --dataset {plan.dataset.name} --set … --holdout {begins}"
    text = f"This search saw nothing after {last}: {plural(n, 'session')} are set aside. To open them, once: {open_it}"
    return {
        "from": begins.isoformat(),
        "last": str(last),
        "sessions": n,
        "data_sha256": plan.dataset.sha256,
        "text": text,
    }


def withhold(workspace: Workspace, plan: Plan, begins: dt.date) -> None:
    """Enter in the ledger, once, that the sessions from a day on are withheld from a question.

    Raises
    ------
    BacktestError
        The ledger cannot be written: a holdout that is not on record is none.
    """
    looks, day = looks_of_plan(plan, "tune"), begins.isoformat()
    enter(workspace, looks, lambda lines: holdout_entry(looks, day, lines))


def refuse_unless_withheld(plan: Plan, begins: dt.date) -> None:
    """Refuse to open sessions that were never withheld from a question.

    Raises
    ------
    StudyRefused
        The ledger does not say that they were.
    """
    workspace = plan.workspace or Workspace.find()
    entries, looks = read_book(workspace.root).entries, looks_of_plan(plan, "run")
    question = question_of(entries, looks)
    known = [one.begins for one in holdouts_of(of_question(entries, question))]
    if begins.isoformat() not in known:
        there = f"withheld are those from {', '.join(known)} on" if known else "nothing is"
        raise StudyRefused(
            f"--holdout {begins}: these sessions are not withheld from {' on '.join(question)}; {there}.",
            f"Search without them first: backtest tune {plan.strategy.name} --dataset {plan.dataset.name} "
            f"--holdout {begins}",
        )
