"""A trunk in two: the lower part stays as it is and gives maps, the upper part is trained further."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import Any

from headstart.backbones import keys
from headstart.backbones.records import Trunk
from headstart.core import backend
from headstart.core.errors import BackboneError

LEAST = 0.1
"""Least share of the layers with weights that `auto` trains, or it takes the stage before as well.

In EfficientNets the last stage is a single block behind the last halving of the map: little to learn with.
"""


@dataclass(frozen=True)
class CutTrunk:
    """A trunk in two parts that share its layers.

    Attributes:
        lower: From raw pixels to the map at the cut.
        upper: Keras model from that map, (n, rows, columns, width), to the trunk's features.
        first: Name of the first layer of the upper part.
        layers: How many of the upper part's layers have weights.
    """

    lower: Trunk
    upper: Any
    first: str
    layers: int


def cut_trunk(trunk: Trunk, where: str) -> CutTrunk:
    """Cuts a trunk before a layer, or before the nearest earlier one that all data passes through.

    Args:
        trunk: The whole.
        where: From where on it is to be trained: 'auto' (its last stage, or its last two where the last is a
            single block), the beginning of a layer's name ('block5'), a count of layers with weights from the
            end ('8'), or a share of them ('0.25', '25%').

    Raises:
        BackboneError: If there is no such layer, or nothing would be trained, or nothing be left frozen.
    """
    keras = backend.ensure()
    operations = list(trunk.model.operations)
    # What lies before the first stage is preprocessing.
    begin = [one.name for one in operations].index(trunk.backbone.stages[0])
    wanted = _position(trunk, operations, begin, where)
    passes = _passes(keras, trunk.model, operations)
    before = max((at for at in passes if at <= wanted), default=0)
    if before <= begin:
        raise BackboneError(
            "--fine-tune must leave a first part of the backbone as it is",
            f"{where!r}, from which all of {trunk.backbone.name} would be trained",
            f"name a later layer, such as {trunk.backbone.stages[-1]}",
        )
    tensor = passes[before]
    lower = keras.Model(trunk.model.inputs, tensor, name=f"{trunk.model.name}_lower")
    upper = keras.Model(tensor, trunk.model.output, name=f"{trunk.model.name}_upper")
    trained = [layer for layer in upper.layers if layer.weights and not _is_norm(layer)]
    if not trained:
        raise BackboneError(
            "--fine-tune must name a part of the backbone that can be trained",
            f"{where!r}, behind which {trunk.backbone.name} has no weights",
            f"name an earlier layer, such as {trunk.backbone.stages[-1]}",
        )
    part = replace(trunk, model=lower, key=keys.of_model(lower), storage="f16")
    return CutTrunk(part, upper, operations[before].name, len(trained))


def _position(trunk: Trunk, operations: list[Any], begin: int, where: str) -> int:
    """The place of the first layer that is to be trained."""
    weighted = [
        at
        for at, one in enumerate(operations)
        if at >= begin and getattr(one, "weights", None) and not _is_norm(one)
    ]
    if where == "auto":
        places = [_named(trunk, operations, stage) for stage in trunk.backbone.stages[-2:]]
        enough = sum(at >= places[-1] for at in weighted) >= LEAST * len(weighted)
        return places[-1] if enough else places[0]
    share = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", where)
    if share is None:
        return _named(trunk, operations, where)
    number = float(share[1]) / (100 if share[2] else 1)
    whole = "." not in where and not share[2]
    count = int(number) if whole else round(number * len(weighted))
    if not 0 < count < len(weighted) or (not whole and not 0 < number < 1):
        raise BackboneError(
            f"--fine-tune takes a count from 1 to {len(weighted) - 1} of {trunk.backbone.name}'s layers, or a"
            " share between 0 and 1",
            repr(where),
            "choose a number in that range",
        )
    return weighted[-count]


def _named(trunk: Trunk, operations: list[Any], where: str) -> int:
    names = [one.name for one in operations]
    # 'block1' means block 1, and not block 15, unless no layer belongs to block 1.
    for form in (re.escape(where) + r"(?![0-9])", re.escape(where)):
        found = [at for at, name in enumerate(names) if re.match(form, name)]
        if found:
            return found[0]
    blocks = list(dict.fromkeys(name.split("_")[0] for name in names))
    near = difflib.get_close_matches(where, [*names, *blocks], 3) or list(trunk.backbone.stages)
    raise BackboneError(
        f"--fine-tune takes the beginning of a layer's name in {trunk.backbone.name}, a count, or a share",
        repr(where),
        f"nearest names: {', '.join(near)}",
    )


def _passes(keras: Any, model: Any, operations: list[Any]) -> dict[int, Any]:
    """Places before which a single tensor holds all that follows needs, with that tensor."""
    last_use: dict[int, int] = {}
    for at, one in enumerate(operations):
        for tensor in _tensors(keras, one, "input") if at else []:
            last_use[id(tensor)] = at
    for tensor in model.outputs:
        last_use[id(tensor)] = len(operations)
    alive: dict[int, Any] = {}
    found: dict[int, Any] = {}
    for at, one in enumerate(operations):
        if len(alive) == 1 and at:
            (tensor,) = alive.values()
            if len(tensor.shape) == 4:
                found[at] = tensor
        for tensor in _tensors(keras, one, "output"):
            alive[id(tensor)] = tensor
        alive = {key: tensor for key, tensor in alive.items() if last_use.get(key, -1) > at}
    return found


def _tensors(keras: Any, operation: Any, side: str) -> list[Any]:
    return list(keras.tree.flatten(getattr(operation, side)))


def _is_norm(layer: Any) -> bool:
    return type(layer).__name__ in ("BatchNormalization", "Normalization")
