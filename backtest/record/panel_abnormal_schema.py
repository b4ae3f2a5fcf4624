"""The tables of abnormal returns and classical tests in the record of a study on a panel."""

from __future__ import annotations

import pyarrow as pa

from backtest.record.fields import EVENT, HORIZON, a_field, a_fraction

OFFSET = a_field("offset", pa.int32(), "sessions", "session relative to day 0")
ASSET = a_field("asset", pa.string(), "1", "the asset, by its name in the panel")
ESTIMATE = [
    a_field("estimation_n", pa.int32(), "sessions", "returns in the estimation window"),
    a_fraction("alpha", "of the normal-return model, a session; null where the model has none"),
    a_field("beta", pa.float64(), "1", "on the market; null where the model estimates none"),
    a_field("beta_smb", pa.float64(), "1", "on small minus big; null where the model has none"),
    a_field("beta_hml", pa.float64(), "1", "on high minus low; null where the model has none"),
    a_fraction("sigma", "standard deviation of the model's residuals, a session"),
]
ABNORMAL = {
    "abnormal_returns": pa.schema(
        [
            EVENT,
            ASSET,
            a_field("date", pa.date32(), "session", "session of the event window"),
            OFFSET,
            a_fraction("ret", "simple return of the asset, less the riskless return if there is one"),
            a_fraction("normal", "return that the model expects"),
            a_fraction("ar", "abnormal return: the difference"),
            a_fraction("car", "sum of the abnormal returns so far"),
            a_fraction("bhar", "compounded return so far, less the compounded normal return"),
            *ESTIMATE,
        ]
    ),
    "abnormal_events": pa.schema(
        [
            EVENT,
            ASSET,
            a_field("day0", pa.date32(), "session", "session the event is dated to"),
            *ESTIMATE,
            a_fraction("r2", "share of the variance that the model explains"),
            a_field("untraded", pa.int32(), "sessions", "sessions of the estimation window with a return of zero"),
            a_field("overlapping", pa.bool_(), "1", "whether the event window overlaps another of the same asset"),
            a_field("known", pa.int32(), "sessions", "sessions of the event window with an abnormal return"),
            a_fraction("car", "sum over the event window; null where a session has none"),
            a_fraction("car_deviation", "standard deviation of it, forecast error included"),
            a_fraction("bhar", "compounded over the event window"),
        ]
    ),
    "abnormal_by_offset": pa.schema(
        [
            OFFSET,
            a_field("n", pa.int32(), "events", "events with an abnormal return on that session"),
            a_fraction("aar", "mean abnormal return"),
            a_field("n_car", pa.int32(), "events", "events with every abnormal return up to it"),
            a_fraction("caar", "mean of their sums so far"),
            a_fraction("caar_low", "lower end of its 95% interval, clustered by date"),
            a_fraction("caar_high", "upper end of it"),
            a_fraction("bhar_mean", "mean compounded abnormal return so far"),
        ]
    ),
    "classical_tests": pa.schema(
        [
            a_field("first", pa.int32(), "sessions", "first session of the window, relative to day 0"),
            a_field("last", pa.int32(), "sessions", "last session of the window"),
            a_field("test", pa.string(), "1", "the test's key"),
            a_field("n", pa.int32(), "events", "events that it uses"),
            a_fraction("caar", "mean cumulative abnormal return over the window"),
            a_field("statistic", pa.float64(), "1", "the test's statistic; null where there is no answer"),
            a_field("p_value", pa.float64(), "probability", "two-sided p"),
            a_field("freedom", pa.float64(), "1", "degrees of freedom; null: the normal distribution, or exact"),
            a_field("name", pa.string(), "1", "what the test is called"),
            a_field("null", pa.string(), "1", "what it supposes to be true"),
            a_field("assumes", pa.string(), "1", "what it takes for granted"),
            a_field("source", pa.string(), "1", "where it is from"),
            a_field("reason", pa.string(), "1", "why there is no answer; empty where there is one"),
        ]
    ),
    "abnormal_counts": pa.schema(
        [
            a_field("kind", pa.string(), "1", "left out, incomplete, or caution"),
            a_field("reason", pa.string(), "1", "why"),
            a_field("n", pa.int32(), "events", "of how many events that holds"),
        ]
    ),
}
"""Only where the strategy names a model in ``[study]``."""
OPINIONS = pa.schema(
    [
        HORIZON,
        a_field("test", pa.string(), "1", "key of a classical test of the forward returns"),
        a_field("name", pa.string(), "1", "what it is called"),
        a_field("statistic", pa.float64(), "1", "its statistic; null where there is no answer"),
        a_field("p_value", pa.float64(), "probability", "its two-sided p"),
        a_field("reason", pa.string(), "1", "why there is no answer; empty where there is one"),
        a_field("assumes", pa.string(), "1", "what it takes for granted"),
    ]
)
