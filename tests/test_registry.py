"""Registries keep order, refuse doubles and suggest the nearest name."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bench.errors import PluginError, UnknownNameError
from bench.registry import Registry, unknown_name


@dataclass(frozen=True)
class Fruit:
    name: str


def fruits() -> Registry[Fruit]:
    return Registry("fruit", (Fruit("pear"), Fruit("apple"), Fruit("blood-orange")))


def test_entries_keep_the_order_in_which_they_are_given() -> None:
    registry = fruits()

    assert registry.names == ("pear", "apple", "blood-orange")
    assert list(registry) == [Fruit("pear"), Fruit("apple"), Fruit("blood-orange")]
    assert len(registry) == 3


def test_an_entry_is_found_by_its_name() -> None:
    registry = fruits()

    assert registry.lookup("apple") == Fruit("apple")
    assert "apple" in registry
    assert "cherry" not in registry


def test_two_entries_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^two entries of the fruit registry are called 'pear'$"):
        Registry("fruit", (Fruit("pear"), Fruit("pear")))


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("aple", "; did you mean 'apple'?"),
        ("blood_orange", "; did you mean 'blood-orange'?"),
        ("BLOOD_ORANGE", "; did you mean 'blood-orange'?"),
        ("xyz", ""),
    ],
)
def test_an_unknown_name_gets_the_nearest_one_if_any_is_near(name: str, suggestion: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        fruits().lookup(name)

    assert str(caught.value) == (
        f"unknown fruit '{name}'{suggestion} (see: python -m bench list fruits)"
    )


def test_the_plural_of_strategy_is_the_one_that_the_command_line_takes() -> None:
    error = unknown_name("strategy", "class_weight", ["none", "class-weight"])

    assert str(error) == (
        "unknown strategy 'class_weight'; did you mean 'class-weight'? "
        "(see: python -m bench list strategies)"
    )


def test_a_users_entry_comes_last() -> None:
    registry = fruits()

    registry.add(Fruit("quince"))

    assert registry.names == ("pear", "apple", "blood-orange", "quince")


def test_the_same_entry_twice_is_no_harm() -> None:
    registry, quince = fruits(), Fruit("quince")

    registry.add(quince)
    registry.add(quince)

    assert len(registry) == 4


def test_a_users_entry_cannot_take_the_name_of_another() -> None:
    registry = fruits()

    with pytest.raises(PluginError) as caught:
        registry.add(Fruit("pear"))

    assert str(caught.value) == "a plugin brings a fruit 'pear', which exists already"
    assert registry.lookup("pear") is next(iter(registry))
