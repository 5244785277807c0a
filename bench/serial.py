"""Frozen dataclasses to JSON and back, by their own type hints."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")
Reader = Callable[[Any, str], Any]

_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_json(value: Any) -> Any:
    """Return ``value`` (a dataclass, or a container of them) as plain JSON values."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    names = _field_names(kind)
    if names is not None:
        return {name: to_json(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value


@functools.cache
def _field_names(kind: type) -> tuple[str, ...] | None:
    if not dataclasses.is_dataclass(kind):
        return None
    return tuple(field.name for field in dataclasses.fields(kind))


def from_json(kind: type[T], data: Any) -> T:
    """Return an instance of dataclass ``kind`` from what `to_json` made of one.

    Keys that ``kind`` does not know are passed over, so that an older reader
    can open a newer file of the same schema version.

    Raises
    ------
    ValueError
        If a field without a default is missing, or a value has the wrong shape.
    """
    return typing.cast(T, _dataclass_reader(typing.cast(Any, kind))(data, kind.__name__))


@functools.cache
def _reader(kind: Any) -> Reader | None:
    """Return what makes a ``kind`` of JSON values, ``None`` where they are taken as they are.

    Type hints are looked at once, not for every value.
    """
    if dataclasses.is_dataclass(kind):
        return _dataclass_reader(typing.cast(type, kind))
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return functools.partial(_read_choice, arguments)
    if origin in (typing.Union, types.UnionType):
        return _optional_reader(_reader(next(a for a in arguments if a is not type(None))))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return functools.partial(_read_list, _reader(arguments[0]))
    if origin is tuple:
        return functools.partial(_read_tuple, tuple(map(_reader, arguments)))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return functools.partial(_read_mapping, _reader(arguments[1]))
    return _read_float if kind is float else None


@functools.cache
def _dataclass_reader(kind: type) -> Reader:
    hints = typing.get_type_hints(kind)
    readers = [(field.name, _reader(hints[field.name])) for field in dataclasses.fields(kind)]

    def read(data: Any, where: str) -> Any:
        _check_object(data, where)
        values = {
            name: data[name] if reader is None else reader(data[name], f"{where}.{name}")
            for name, reader in readers
            if name in data
        }
        try:
            return kind(**values)
        except TypeError as error:
            raise ValueError(f"{where}: {error}") from None

    return read


def _optional_reader(reader: Reader | None) -> Reader | None:
    if reader is None:
        return None
    return lambda data, where: None if data is None else reader(data, where)


def _read_choice(allowed: tuple[Any, ...], data: Any, where: str) -> Any:
    if data not in allowed:
        raise ValueError(f"{where}: {data!r} is not one of {', '.join(map(repr, allowed))}")
    return data


def _read_list(reader: Reader | None, data: Any, where: str) -> tuple[Any, ...]:
    _check_list(data, where)
    return tuple(data) if reader is None else tuple(reader(item, where) for item in data)


def _read_tuple(readers: tuple[Reader | None, ...], data: Any, where: str) -> tuple[Any, ...]:
    _check_list(data, where)
    pairs = zip(readers, data, strict=True)
    return tuple(item if reader is None else reader(item, where) for reader, item in pairs)


def _read_mapping(reader: Reader | None, data: Any, where: str) -> dict[str, Any]:
    _check_object(data, where)
    if reader is None:
        return dict(data)
    return {key: reader(item, where) for key, item in data.items()}


def _read_float(data: Any, where: str) -> float | None:
    return None if data is None else float(data)


def _check_object(data: Any, where: str) -> None:
    if not isinstance(data, Mapping):
        raise ValueError(f"{where}: expected an object, found {type(data).__name__}")


def _check_list(data: Any, where: str) -> None:
    if not isinstance(data, list | tuple):
        raise ValueError(f"{where}: expected a list, found {type(data).__name__}")
