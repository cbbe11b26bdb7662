"""The tables of the warehouse. Times are int64 microseconds of UTC; days are int32 days since 1970.

A day is a day of the reporting time zone. Integers keep times and days equal on every engine.
"""

import pyarrow as pa

_time, _day, _text = pa.int64(), pa.int32(), pa.string()

TABLES = {
    "exposures": pa.schema(
        [
            ("id", _text), ("experiment", _text), ("phase", pa.int32()), ("unit", _text), ("variant", _text),
            ("at", _time), ("day", _day), ("attributes", _text), ("forced", pa.bool_()), ("received", _time),
        ]
    ),
    "events": pa.schema(
        [
            ("id", _text), ("name", _text), ("unit_type", _text), ("unit", _text), ("at", _time), ("day", _day),
            ("value", pa.float64()), ("properties", _text), ("received", _time),
        ]
    ),
    "exposure_days": pa.schema(
        [
            ("experiment", _text), ("phase", pa.int32()), ("unit", _text), ("variant", _text), ("forced", pa.bool_()),
            ("at", _time), ("attributes", _text), ("day", _day),
        ]
    ),
    "unit_days": pa.schema(
        [
            ("measure", _text), ("unit_type", _text), ("unit", _text),
            ("n", pa.int64()), ("total", pa.float64()), ("day", _day),
        ]
    ),
    "entry_days": pa.schema(
        [("experiment", _text), ("phase", pa.int32()), ("unit", _text), ("at", _time), ("day", _day)]
    ),
    "outcome_days": pa.schema(
        [
            ("experiment", _text), ("phase", pa.int32()), ("measure", _text), ("unit", _text), ("offset", pa.int32()),
            ("active_days", pa.int32()), ("n", pa.int64()), ("total", pa.float64()), ("day", _day),
        ]
    ),
    "total_days": pa.schema(
        [
            ("experiment", _text), ("phase", pa.int32()), ("unit", _text), ("windows", _text),
            ("totals", pa.list_(pa.float64())), ("day", _day),
        ]
    ),
    "unit_events": pa.schema(
        [
            ("measure", _text), ("unit_type", _text), ("unit", _text), ("at", _time), ("value", pa.float64()),
            ("day", _day),
        ]
    ),
}  # fmt: skip
# Rows that are alike in these columns lie together, so that files are small and readers pass over groups of rows; in
# outcome_days those of units that entered on one day. To order them by unit too would take longer than to write them.
ORDERS = {
    "exposure_days": ["phase", "variant", "forced"], "unit_days": ["unit_type", "measure"],
    "entry_days": ["experiment", "phase"], "outcome_days": ["phase", "offset", "measure"],
    "total_days": ["phase"], "unit_events": ["unit_type", "measure"],
}  # fmt: skip
# A look reads one experiment's rows of these, and finds them in a file of their own.
BY_EXPERIMENT = ("exposure_days", "outcome_days", "total_days")
RAW = ("exposures", "events")
