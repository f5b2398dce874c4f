"""Measures what the records state: `python -m headstart.backbones.measure [NAME ...]`.

Prints each record's measured numbers, exits with 1 where one differs, and needs no weights.
"""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from headstart.backbones import catalogue, network
from headstart.backbones.arithmetic import count_multiply_adds
from headstart.backbones.records import Backbone
from headstart.core import backend


@dataclass(frozen=True)
class Measured:
    """What was measured on a built network; the fields are named as in `Backbone`."""

    width: int
    parameters: int
    multiply_adds: int
    feature_layer: str


def measure(backbone: Backbone) -> Measured:
    """Builds a backbone at its own input size, without values, and measures it."""
    with without_values():
        made = network.build(backbone, backbone.input_size)
        return Measured(
            width=int(made.full.output.shape[-1]),
            parameters=sum(math.prod(weight.shape) for weight in made.core.weights),
            multiply_adds=count_multiply_adds(made.core),
            feature_layer=feature_layer(made.full),
        )


@contextlib.contextmanager
def without_values() -> Iterator[None]:
    """Networks built inside have shapes and no values: no time and no memory goes into them.

    Keras remembers variables without values, and fills all of them, gigabytes at worst, at the next layer
    whose output shape it has to trace. So its session is cleared at the end: nothing that was built inside is
    to be used afterwards.
    """
    keras = backend.ensure()
    policy = keras.config.dtype_policy()
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        keras.utils.clear_session()
        keras.config.set_dtype_policy(policy)


def feature_layer(model: object) -> str:
    """Name of the layer or operation whose output a trunk averages over space."""
    return str(network.before_pooling(model)._keras_history.operation.name)


def main(names: list[str]) -> int:
    """Prints measured numbers beside the records; 1 if one differs."""
    wrong = 0
    for backbone in [catalogue.find(name) for name in names] or list(catalogue.all_backbones()):
        found = measure(backbone)
        same = all(getattr(backbone, field) == value for field, value in vars(found).items())
        wrong += not same
        print(backbone.name, found, "as recorded" if same else "DIFFERS from the record")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
