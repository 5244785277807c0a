"""Frozen dataclasses to JSON and back, by their own type hints."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Return ``value`` (a dataclass, or a container of them) as plain JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


def from_json(kind: type[T], data: Any) -> T:
    """Return an instance of dataclass ``kind`` from what `to_json` made of one.

    Keys that ``kind`` does not know are passed over, so that an older reader
    can open a newer file of the same schema version.

    Raises
    ------
    ValueError
        If a field without a default is missing, or a value has the wrong shape.
    """
    return typing.cast(T, _revive(kind, data, where=kind.__name__))


def _revive(kind: Any, data: Any, *, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        if not isinstance(data, Mapping):
            raise ValueError(f"{where}: expected an object, found {type(data).__name__}")
        hints = _hints(typing.cast(type, kind))
        values = {
            field.name: _revive(hints[field.name], data[field.name], where=f"{where}.{field.name}")
            for field in dataclasses.fields(kind)
            if field.name in data
        }
        try:
            return kind(**values)  # type: ignore[operator]
        except TypeError as error:
            raise ValueError(f"{where}: {error}") from None
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        if data not in arguments:
            raise ValueError(f"{where}: {data!r} is not one of {', '.join(map(repr, arguments))}")
        return data
    if origin in (typing.Union, types.UnionType):
        if data is None:
            return None
        return _revive(next(a for a in arguments if a is not type(None)), data, where=where)
    if origin is tuple:
        if not isinstance(data, list | tuple):
            raise ValueError(f"{where}: expected a list, found {type(data).__name__}")
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_revive(arguments[0], item, where=where) for item in data)
        return tuple(_revive(a, item, where=where) for a, item in zip(arguments, data, strict=True))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(data, Mapping):
            raise ValueError(f"{where}: expected an object, found {type(data).__name__}")
        return {key: _revive(arguments[1], item, where=where) for key, item in data.items()}
    return float(data) if kind is float and data is not None else data


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
