"""Layer names that do not depend on what else the process has built.

Keras numbers the layers that were given no name across the whole process: the second InceptionV3 begins at
`conv2d_94`. In a trunk they have the names that a fresh process would give.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from headstart.core import backend


def settle(model: Any) -> None:
    """Renames the layers and operations of a Keras model that were named by number, in order of creation."""
    keras = backend.ensure()
    numbered: dict[str, list[tuple[int, Any]]] = defaultdict(list)
    for operation in model.operations:
        stem = _snake(type(operation).__name__)
        found = re.fullmatch(rf"{stem}(?:_(\d+))?", operation.name)
        if found and not isinstance(operation, keras.layers.InputLayer):
            numbered[stem].append((int(found[1] or 0), operation))
    for stem, operations in numbered.items():
        operations.sort(key=lambda pair: pair[0])
        for index, (_, operation) in enumerate(operations):
            operation.name = f"{stem}_{index}" if index else stem


def _snake(name: str) -> str:
    """The name that Keras derives from a class: 'BatchNormalization' gives 'batch_normalization'."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
