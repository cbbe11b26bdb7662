"""Judges one event as it arrives: accepted in its stored form, or refused with a reason and a remedy."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from experiments.errors import nearest
from experiments.privacy import LONGEST, WHAT, Privacy, first_personal
from experiments.registry.experiments import Known, KnownExperiment

MICRO = 1_000_000
EARLIEST = 946_684_800.0  # 2000-01-01
AHEAD = 86_400.0
MOST_PROPERTIES = 20
LONGEST_ID = 256
MOST_UNITS = 8
SENDER = "sdk"  # ours among an exposure's attributes, where the plan names none so
LARGEST = 1.7976931348623157e308  # of float64: Python's whole numbers go on beyond it


@dataclass(frozen=True)
class Checked:
    """An event that is kept: its id, its stored form, and how many attributes were left out of it."""

    id: str
    exposure: bool
    body: bytes
    dropped: int = 0


@dataclass(frozen=True)
class Refusal:
    """An event that is not kept: a code for programs and a sentence for people."""

    id: str
    reason: str
    message: str


class Arrival(msgspec.Struct):
    """The fields of both kinds of events; their contents are checked here, to explain what is wrong."""

    type: str
    id: str
    at: Any = None
    units: Any = None
    explicit: bool = False
    experiment: str = ""
    version: int | None = None
    variant: str = ""
    unit: str = ""
    external: bool = False
    forced: bool = False
    attributes: Any = None
    name: str = ""
    value: Any = None
    properties: Any = None


class Stored(msgspec.Struct, omit_defaults=True):
    """An accepted event as the inbox keeps it and the lake takes it; `at` in microseconds of UTC.

    `explicit` says that the caller stated the time, as of something imported: how late it came says nothing then.
    """

    id: str
    at: int
    units: dict[str, str]
    experiment: str = ""
    phase: int = 0
    variant: str = ""
    unit: str = ""
    external: bool = False
    forced: bool = False
    name: str = ""
    value: float | None = None
    properties: dict[str, Any] = {}
    explicit: bool = False


class Wrong(Exception):
    """Carries a refusal's code and sentence to `check`."""


_decode = msgspec.json.Decoder(Arrival)
_encode = msgspec.json.Encoder()


def check(raw: bytes, known: Known, received: datetime, skew: float = 0.0, sdk: str = "") -> Checked | Refusal:
    """Judge one event. `skew` seconds are added to times that the caller did not state explicitly.

    `sdk` says which version of which sender it is: kept with an exposure, so that a faulty version can be found.
    """
    try:
        arrival = _decode.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _undecoded(raw, str(error))
    try:
        stored = _exposure(arrival, known) if arrival.type == "exposure" else _event(arrival)
        stored.at, stored.explicit = _time(arrival, received, skew), arrival.explicit
        _after_launch(stored, known)
        _phased(arrival, stored, known)
        _impersonal(stored, known.privacy)
        dropped = _declared(stored, known, sdk)
        _hashed(stored, known.privacy)
        return Checked(stored.id, arrival.type == "exposure", _encode.encode(stored), dropped)
    except Wrong as wrong:
        return Refusal(arrival.id[:64], *wrong.args)


def _impersonal(stored: Stored, privacy: Privacy) -> None:
    """Refuse personal data, without repeating it."""
    name = "attributes" if stored.experiment else "properties"
    found = first_personal(stored.properties)
    if found:
        raise Wrong(found[1], f"One of the {name} holds {WHAT[found[1]]}. Send a category or a hash instead.")
    found = first_personal(stored.units) if privacy.check_ids else None
    if found:
        raise Wrong(found[1], f"The id of a unit holds {WHAT[found[1]]}. Send an id that tells nothing of the person.")


def _declared(stored: Stored, known: Known, sdk: str) -> int:
    """Leave out the attributes that the plan does not name, and return how many; add the sender's version."""
    experiment = known.experiments.get(stored.experiment)
    if experiment is None:
        return 0
    kept = {name: value for name, value in stored.properties.items() if name in experiment.attributes}
    sender = {SENDER: sdk} if sdk and SENDER not in experiment.attributes else {}
    dropped, stored.properties = len(stored.properties) - len(kept), {**kept, **sender}
    return dropped


def _hashed(stored: Stored, privacy: Privacy) -> None:
    if privacy.salt:
        stored.units = {kind: privacy.unit(name) for kind, name in stored.units.items()}
        stored.id = privacy.event(stored.id) if stored.experiment else stored.id


def _undecoded(raw: bytes, error: str) -> Refusal:
    """Explain an event that lacks a field or has NaN, which JSON does not know."""
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        data = {}
    data = data if isinstance(data, dict) else {}
    event_id = str(data.get("id", ""))[:64]
    if _endless(data.get("value")):
        return Refusal(event_id, "value_not_finite", _not_finite(data["value"]))
    if _endless(data.get("at")):
        return Refusal(event_id, "time_out_of_range", _no_time(data["at"]))
    for name in ("properties", "attributes"):
        for key, value in _mapping(data.get(name)).items():
            if _endless(value):
                return Refusal(event_id, "bad_properties", _no_scalar(key, name, value))
    return Refusal(
        event_id, "bad_shape", f"The event does not fit: {error}. See docs/events-by-http.md for its fields."
    )


def _endless(value: Any) -> bool:
    """Whether it is a number that float64 cannot hold: NaN, infinity, or a whole number beyond its range."""
    return isinstance(value, int | float) and not -LARGEST <= value <= LARGEST


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _exposure(arrival: Arrival, known: Known) -> Stored:
    experiment = known.experiments.get(arrival.experiment)
    if experiment is None:
        key = arrival.experiment[:120]
        raise Wrong("unknown_experiment", f"No experiment has the key '{key}'. {nearest(key, known.experiments)}")
    if arrival.variant not in experiment.variants:
        key = arrival.variant[:120]
        hint = nearest(key, experiment.variants)
        raise Wrong("unknown_variant", f"'{arrival.experiment}' has no variant '{key}'. {hint}")
    units = _units(arrival)
    unit = experiment.unit
    if unit not in units or arrival.unit not in ("", unit):
        given = arrival.unit or ", ".join(units)
        raise Wrong("unit_missing", f"'{arrival.experiment}' is assigned by {unit}; the exposure names {given} only.")
    return Stored(
        id=_id(arrival), at=0, units=units, experiment=arrival.experiment, phase=_phase(arrival, experiment),
        variant=arrival.variant,
        unit=unit, external=arrival.external, forced=arrival.forced,
        properties=_scalars(arrival.attributes, "attributes"),
    )  # fmt: skip


def _phase(arrival: Arrival, experiment: KnownExperiment) -> int:
    """The exposure's version. A new one may reach the sender a moment before it reaches us, so one more is taken."""
    phase = experiment.phase if arrival.version is None else arrival.version
    if not 1 <= phase <= max(experiment.phase, experiment.newest) + 1:
        newest = f"the newest is {experiment.phase}. Fetch the config again, or leave the version out"
        raise Wrong("unknown_version", f"'{arrival.experiment}' has no version {phase}; {newest}.")
    return phase


def _phased(arrival: Arrival, stored: Stored, known: Known) -> None:
    """An exposure that names no version is of the phase of its time, however late it comes."""
    experiment = known.experiments.get(stored.experiment)
    if experiment is not None and experiment.later and arrival.version is None:
        stored.phase = 1 + sum(began <= stored.at for began in experiment.later)


def _event(arrival: Arrival) -> Stored:
    if arrival.type != "event":
        raise Wrong("bad_shape", f"The type is '{arrival.type}'; it must be exposure or event.")
    if not 0 < len(arrival.name) <= 200:
        raise Wrong("name_missing", "The event needs a name of 1 to 200 characters, such as purchase.")
    return Stored(
        id=_id(arrival), at=0, units=_units(arrival), name=arrival.name, value=_value(arrival.value),
        properties=_scalars(arrival.properties, "properties"),
    )  # fmt: skip


def _id(arrival: Arrival) -> str:
    if not 0 < len(arrival.id) <= 64:
        raise Wrong("bad_shape", f"The id has {len(arrival.id)} characters; it must have 1 to 64, unique per event.")
    if "\0" in arrival.id:
        raise Wrong("bad_shape", "The id holds the character NUL, which not every database can keep; leave it out.")
    return arrival.id


def _units(arrival: Arrival) -> dict[str, str]:
    units = arrival.units
    if isinstance(units, str) and units:
        units = {"user": units}
    if not isinstance(units, dict) or not 0 < len(units) <= MOST_UNITS:
        raise Wrong("unit_missing", 'The unit is missing. Send "units": {"user": "..."} once the visitor has an id.')
    for kind, name in units.items():
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST_ID:
            shown = repr(name)[:60]
            raise Wrong("unit_missing", f"The {kind} is {shown}; a unit is text of 1 to {LONGEST_ID} characters.")
    return units


def _value(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        shown = repr(value)[:60]
        raise Wrong(
            "value_not_a_number", f"The value is {shown}. Send a number such as 54.90, or none; text is a property."
        )
    if _endless(value):
        raise Wrong("value_not_finite", _not_finite(value))
    return float(value)


def _not_finite(value: float) -> str:
    shown = str(value)[:60]
    return f"The value is {shown}. Send a finite number, or leave it out where there is none."


def _no_scalar(key: str, name: str, value: Any) -> str:
    return f"'{key[:60]}' in {name} is {repr(value)[:60]}; send text, a finite number or a boolean."


def _scalars(given: Any, name: str) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, dict) or len(given) > MOST_PROPERTIES:
        raise Wrong(
            "bad_properties", f"There are too many {name}, or they are no mapping; send at most {MOST_PROPERTIES}."
        )
    for key, value in given.items():
        if isinstance(value, dict | list) or _endless(value):
            raise Wrong("bad_properties", _no_scalar(key, name, value))
        if len(key) > LONGEST or (isinstance(value, str) and len(value) > LONGEST):
            raise Wrong("bad_properties", f"'{key[:60]}' in {name} is too long; send at most {LONGEST} characters.")
    return given


def _time(arrival: Arrival, received: datetime, skew: float) -> int:
    at, now = _seconds(arrival.at), received.timestamp()
    if not arrival.explicit:
        at += skew
    if not EARLIEST <= at <= now + AHEAD:
        rule = "it must lie between 2000-01-01 and tomorrow"
        raise Wrong(
            "time_out_of_range", f"The time is {arrival.at}; {rule}. Send Unix seconds or RFC 3339 text in UTC."
        )
    return round(at * MICRO)


def _seconds(at: Any) -> float:
    if isinstance(at, int | float) and not isinstance(at, bool) and not _endless(at):
        return float(at)
    try:
        stated = datetime.fromisoformat(at)
        if stated.tzinfo is not None:
            return stated.timestamp()
    except (TypeError, ValueError, OverflowError):
        pass
    raise Wrong("time_out_of_range", _no_time(at))


def _no_time(at: Any) -> str:
    return f"The time is {repr(at)[:60]}. Send Unix seconds, or RFC 3339 text with its time zone."


def _after_launch(stored: Stored, known: Known) -> None:
    experiment: KnownExperiment | None = known.experiments.get(stored.experiment)
    if experiment is None or known.environment != "production":
        return
    if experiment.launched is None:
        raise Wrong(
            "before_launch", f"'{stored.experiment}' is a draft. Launch it, or use a development key to try it."
        )
    if stored.at < experiment.launched:
        when = datetime.fromtimestamp(experiment.launched / MICRO, UTC).isoformat(timespec="seconds")
        raise Wrong("before_launch", f"'{stored.experiment}' was launched at {when}; the exposure is from before that.")
