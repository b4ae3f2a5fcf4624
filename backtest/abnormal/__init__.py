"""Abnormal returns of events on many assets, and the classical tests of them: functions of arrays, and no data."""
