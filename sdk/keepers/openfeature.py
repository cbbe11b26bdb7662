"""A provider for OpenFeature: pip install keepers[openfeature].

    openfeature.api.set_provider(KeepersProvider(keepers.Client("https://keepers.example.com", key="sdk-...")))

An experiment is a flag. Its value is the payload of the unit's variant; without a payload the variant's
key for text, and whether it is another than control for a boolean. The exposure is logged on evaluation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails as Details
from openfeature.flag_evaluation import Reason
from openfeature.provider import AbstractProvider, Metadata

from . import assignment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openfeature.evaluation_context import EvaluationContext
    from openfeature.track import TrackingEventDetails

    from .assignment import Assignment
    from .client import Client
    from .experiment import Experiment

    Context = EvaluationContext | None
    ValueOf = Callable[[Assignment, bool], Any]

ANYBODY = "-"  # the unit where none is needed
REASONS = {
    assignment.SPLIT: Reason.SPLIT,
    assignment.FORCED: Reason.TARGETING_MATCH,
    assignment.OVERRIDE: Reason.STATIC,
    assignment.SERVED: Reason.STATIC,
    assignment.ROLLOUT: Reason.SPLIT,
    "draft": Reason.DISABLED,
    "stopped": Reason.DISABLED,
    "decided": Reason.DISABLED,
}  # all other reasons kept the unit out: control's value is the default
ERRORS = {
    assignment.UNKNOWN: (ErrorCode.FLAG_NOT_FOUND, "The config has no such experiment."),
    assignment.NOT_READY: (ErrorCode.PROVIDER_NOT_READY, "There is no config yet."),
    assignment.UNSUPPORTED: (ErrorCode.GENERAL, "Its algorithm is not known to this version."),
    assignment.ERROR: (ErrorCode.GENERAL, "The call cannot be used; on_error was told why."),
}


class KeepersProvider(AbstractProvider):
    """Evaluates flags with a client, which stays the caller's.

    `unit` is the type of the targeting key. An experiment on another type finds its id in the attribute of that name.
    """

    def __init__(self, client: Client, *, unit: str = "user"):
        super().__init__()
        self._client = client
        self._unit = unit

    def get_metadata(self) -> Metadata:
        """Return the provider's name."""
        return Metadata(name="keepers")

    def shutdown(self) -> None:
        """Deliver what was logged so far."""
        self._client.flush()

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: Context = None
    ) -> Details[bool]:
        """Return the payload, else whether the variant is another than control."""
        return self._resolve(flag_key, default_value, evaluation_context, _boolean)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: Context = None
    ) -> Details[str]:
        """Return the payload, else the key of the variant."""
        return self._resolve(flag_key, default_value, evaluation_context, _text)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: Context = None
    ) -> Details[int]:
        """Return the payload, a whole number."""
        return self._resolve(flag_key, default_value, evaluation_context, _integer)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: Context = None
    ) -> Details[float]:
        """Return the payload, a number."""
        return self._resolve(flag_key, default_value, evaluation_context, _float)

    def resolve_object_details(
        self, flag_key: str, default_value: Any, evaluation_context: Context = None
    ) -> Details[Any]:
        """Return the payload, an object or a list."""
        return self._resolve(flag_key, default_value, evaluation_context, _object)

    def track(
        self,
        tracking_event_name: str,
        evaluation_context: Context = None,
        tracking_event_details: TrackingEventDetails | None = None,
    ) -> None:
        """Log an event of the unit that the targeting key names."""
        key = evaluation_context.targeting_key if evaluation_context else None
        value = tracking_event_details.value if tracking_event_details else None
        properties = tracking_event_details.attributes if tracking_event_details else None
        try:
            self._client.track(tracking_event_name, {self._unit: key or ""}, value, properties=properties)
        except Exception as error:
            self._client._reports("openfeature", error)

    def _resolve(self, flag: str, default: Any, context: Context, value_of: ValueOf) -> Details[Any]:
        try:
            return self._evaluate(flag, default, context, value_of)
        except Exception as error:  # a strict client raises; a provider never does
            return _failed(default, ErrorCode.GENERAL, str(error))

    def _evaluate(self, flag: str, default: Any, context: Context, value_of: ValueOf) -> Details[Any]:
        experiment = self._client._experiments.find(flag)
        attributes: Mapping[str, Any] = context.attributes if context else {}
        kind = experiment.unit if experiment else self._unit
        units = self._units(context, attributes, kind)
        known = experiment is not None and kind in units
        if experiment is not None and not known and not _certain(experiment):
            return _failed(default, ErrorCode.TARGETING_KEY_MISSING, f"It is assigned by {kind}: name one.")
        given = self._client.assign(flag, units if known else {**units, kind: ANYBODY}, attributes=attributes)
        if given.reason in ERRORS:
            return _failed(default, *ERRORS[given.reason])
        control = experiment is not None and experiment.arms[0].variant == given.variant
        value = value_of(given, control)
        if value is None:
            said = f"The variant {given.variant!r} holds {given.payload!r}."
            return _failed(default, ErrorCode.TYPE_MISMATCH, said)
        if known:
            given.expose()
        return Details(
            value=value,
            variant=given.variant,
            reason=_reason(given.reason, experiment),
            flag_metadata={"version": given.version},
        )

    def _units(self, context: Context, attributes: Mapping[str, Any], kind: str) -> dict[str, str]:
        units = {self._unit: context.targeting_key} if context and context.targeting_key else {}
        other = attributes.get(kind) if kind != self._unit else None
        return {**units, kind: other} if isinstance(other, str) and other else units


def _failed(default: Any, code: ErrorCode, message: str) -> Details[Any]:
    return Details(value=default, error_code=code, error_message=message, reason=Reason.ERROR)


def _certain(experiment: Experiment) -> bool:
    """Say whether every unit gets the same, so that none need be named."""
    if experiment.holdout or experiment.prerequisites:
        return False
    if experiment.status != "running":
        return experiment.serve is None or experiment.serve.coverage >= 1
    whole = experiment.layer is None and experiment.chooser is None and experiment.gate is None
    return whole and max(arm.weight for arm in experiment.arms) == 1


def _reason(reason: str, experiment: Experiment | None) -> Reason:
    if reason is not assignment.SPLIT or experiment is None or not _certain(experiment):
        return REASONS.get(reason, Reason.DEFAULT)
    return Reason.TARGETING_MATCH if experiment.targeting else Reason.STATIC


# From a payload to a value, None where it has another type.


def _boolean(given: Assignment, control: bool) -> bool | None:
    if given.payload is None:
        return not control
    return given.payload if isinstance(given.payload, bool) else None


def _text(given: Assignment, control: bool) -> str | None:
    payload = given.variant if given.payload is None else given.payload
    return payload if isinstance(payload, str) else None


def _float(given: Assignment, control: bool) -> float | None:
    payload = given.payload
    return float(payload) if isinstance(payload, (int, float)) and not isinstance(payload, bool) else None


def _integer(given: Assignment, control: bool) -> int | None:
    number = _float(given, control)
    return int(given.payload) if number is not None and number == number // 1 else None


def _object(given: Assignment, control: bool) -> Any:
    return given.payload if isinstance(given.payload, (dict, list)) else None
