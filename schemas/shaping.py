"""From a payload to a model: every fault of its shape, each at its place, and what of it stands all the same."""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError, create_model
from pydantic_core import ErrorDetails

from .faults import Fault, pointer, wordings

ModelT = TypeVar("ModelT", bound=BaseModel)

_BY_ERROR = {
    "missing": "required",
    "extra_forbidden": "unknown-field",
    "too_long": "too-many",
    "too_short": "too-few",
    "literal_error": "unknown-code",
    "string_too_long": "too-long",
    "string_pattern_mismatch": "format",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
}
_EXPECTED = {
    "dict_type": "object",
    "model_type": "object",
    "list_type": "array",
    "int_type": "integer",
    "bool_type": "boolean",
}


_WHATEVER_THE_TYPE = frozenset(
    {"missing", "extra_forbidden", "too_long", "too_short", "greater_than_equal", "less_than_equal"}
)


def shaped(model: type[ModelT], payload: Mapping[str, object]) -> tuple[ModelT | None, list[Fault]]:
    """The payload as an instance of `model`, or None and the faults of its shape."""
    try:
        return model.model_validate(payload), []
    except ValidationError as error:
        return None, [_fault(detail) for detail in error.errors(include_url=False)]


def _fault(detail: ErrorDetails) -> Fault:
    kind, at = detail["type"], pointer(*detail["loc"])
    # A member that is null is one that was left out; an item of a list cannot be.
    if detail["input"] is None and detail["loc"] and isinstance(detail["loc"][-1], str) and kind != "extra_forbidden":
        return Fault(at, "required")
    context = detail.get("ctx", {})
    if kind in _EXPECTED:
        return Fault(at, "wrong-type", {"expected": _EXPECTED[kind]})
    if kind in _WHATEVER_THE_TYPE:
        return Fault(at, _BY_ERROR[kind], {"limit": context.get("max_length", context.get("min_length", 0))})
    # All other members of the standard are strings, and their faults are about what the string says.
    if not isinstance(detail["input"], str):
        return Fault(at, "wrong-type", {"expected": "string"})
    return Fault(at, _BY_ERROR.get(kind, kind if kind in wordings() else "format"))


def first_at_each_place(faults: Iterable[Fault]) -> list[Fault]:
    """The faults without those that only repeat, at the same place, what an earlier one said of it."""
    kept: dict[str, Fault] = {}
    for fault in faults:
        kept.setdefault(fault.pointer, fault)
    return list(kept.values())


_MOST_ROUNDS = 4

# --- what of a faulty payload can still be judged -----------------------------------------------


def partial(model: type[ModelT], said: Mapping[str, object], faults: Iterable[Fault]) -> ModelT | None:
    """The payload without its faulty members, every member optional; None if even that does not stand.

    The cross-field rules read it where what they read is sound, so that all faults are told at once.
    """
    faulty = {fault.pointer for fault in faults if fault.is_error}
    loose: type[ModelT] = all_optional(model)
    # Taking a member out can empty what holds it, and that is a fault in turn.
    for _ in range(_MOST_ROUNDS):
        pruned = _without(said, faulty, "")
        standing, more = shaped(loose, pruned if isinstance(pruned, dict) else {})
        if standing is not None:
            return standing
        faulty |= {fault.pointer for fault in more}
    return None


def _without(value: object, faulty: set[str], at: str) -> object:
    if isinstance(value, dict):
        kept = {name: member for name, member in value.items() if at + pointer(name) not in faulty}
        return {name: _without(member, faulty, at + pointer(name)) for name, member in kept.items()}
    if isinstance(value, list):
        places = [place for place in range(len(value)) if at + pointer(place) not in faulty]
        return [_without(value[place], faulty, at + pointer(place)) for place in places]
    return value


@cache
def all_optional(model: type[ModelT]) -> type[ModelT]:
    """The model with every member optional, in depth. It keeps the class attributes, so its rules read it alike."""
    members: dict[str, Any] = {
        name: (_loose(Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation) | None, None)
        for name, info in model.model_fields.items()
    }
    return create_model(model.__name__, __base__=model, **members)


def _loose(annotation: Any) -> Any:  # noqa: ANN401 – typing's own forms have no common type
    """The annotation with every model in it made all-optional."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return all_optional(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return Annotated[_loose(arguments[0]), *arguments[1:]]
    if origin in (Union, types.UnionType):
        return Union[tuple(_loose(argument) for argument in arguments)]  # noqa: UP007 – built, not written
    if origin is list:
        return list[_loose(arguments[0])]  # type: ignore[misc]
    return annotation
