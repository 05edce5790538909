"""Compiles a rule once for every problem: its steps are found by the type of the rule's own numbers.

A rule names its numbers in a NamedTuple and registers its steps for that type. Arrays cross the border from Python one by one,
because numba takes six times as long to unpack NamedTuples of them; the compiled code puts them together.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from numba import njit
from numba.extending import overload

from algorithms.fused.shared.options import COMPILED, COMPILED_SLICING, INLINED, SLICING

Step = Callable[[Any, Any, Any], None]


def take_step(sizes: Any, given: Any, rule: Any) -> None:
    """Take the step that is registered for the types of `given` and `rule`, in a network of layers of these `sizes`."""
    raise NotImplementedError("only compiled code can take a step")


def step(given: type, rule: type, allocating: bool = False) -> Callable[[Step], Step]:
    """Register the decorated function as the step that takes a `given` and a `rule`, both NamedTuples.

    A step is `allocating` if it makes arrays.
    """

    def register(function: Step) -> Step:
        def choose(sizes: Any, given_type: Any, rule_type: Any) -> Step | None:
            return function if (given_type.instance_class, rule_type.instance_class) == (given, rule) else None

        overload(take_step, jit_options=INLINED if allocating else SLICING, strict=False)(choose)
        return function

    return register


@cache
def compile_step(given: type, rule: type, hidden: tuple[int, ...]) -> Any:
    """The compiled function (inputs, outputs, *given, *rule) for these hidden layers: as constants, sizes reach every loop."""
    count = len(given._fields)  # type: ignore[attr-defined]

    def kernel(inputs, outputs, *numbers):  # type: ignore[no-untyped-def]
        take_step((inputs, *hidden, outputs), given(*numbers[:count]), rule(*numbers[count:]))

    return _compile(kernel, COMPILED_SLICING, given, rule, *hidden)


@cache
def compile_for_any_sizes(given: type, rule: type) -> Any:
    """The compiled function (sizes, *given, *rule) of an allocating step, for any layers."""
    count = len(given._fields)  # type: ignore[attr-defined]

    def kernel(sizes, *numbers):  # type: ignore[no-untyped-def]
        take_step(sizes, given(*numbers[:count]), rule(*numbers[count:]))

    return _compile(kernel, COMPILED, given, rule)


def _compile(kernel: Any, options: dict[str, Any], given: type, rule: type, *hidden: int) -> Any:
    """Compile a kernel under a name that tells what it is compiled for.

    numba's cache goes by that name, so that processes which compile different kernels at once write to different files.
    """
    kernel.__qualname__ = ".".join([rule.__module__.rpartition(".")[2], given.__name__, *map(str, hidden)])
    return njit(**options)(kernel)
