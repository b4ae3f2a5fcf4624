"""The embedded sample: a simulated history, pinned to public facts, for first trials.

Year-end levels of the three indices, the daily returns of the five streaks and every change of the fed funds
target are as published. Everything between is drawn from a seeded generator, so forward returns on it mean
nothing. ``python -m backtest.data.sample`` writes it.
"""
