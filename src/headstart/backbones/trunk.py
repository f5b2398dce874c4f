"""Record and weights to trunk: the story of this room."""

from __future__ import annotations

from pathlib import Path

from headstart.backbones import files, keys, network
from headstart.backbones import weights as loading
from headstart.backbones.records import Backbone, Trunk
from headstart.core.errors import BackboneError
from headstart.pictures.records import Recipe

DEFAULT = files.IN_THE_BOX


def build_trunk(
    backbone: Backbone,
    *,
    weights: str | Path = "imagenet",
    input_size: int | None = None,
    pooling: bool = True,
    seed: int = 0,
) -> Trunk:
    """Builds a backbone with its preprocessing and weights, every layer frozen.

    Args:
        backbone: The record, from `find`.
        weights: 'imagenet' (from this machine), 'download' (Keras may fetch them), 'random' (for tests), or a
            file of the network without its top.
        input_size: Side of the square input in pixels; None is the backbone's own.
        pooling: Whether the features are averaged over space.
        seed: Seed of 'random' weights.

    Raises:
        BackboneError: If the backbone cannot take the input size.
        WeightsError: If the weights are missing, are others than they should be, or do not fit.
    """
    size = backbone.input_size if input_size is None else input_size
    check_size(backbone, size)
    path = files.locate(backbone, weights)  # before the network is built: what is missing is said at once
    made = network.build(backbone, size, pooling)
    source = loading.randomise(made, seed) if path is None else loading.load(backbone, made, weights, path)
    recipe = Recipe(width=size, height=size, interpolation=backbone.interpolation)
    return Trunk(made.full, backbone, size, source, keys.of_model(made.full), recipe)


def check_size(backbone: Backbone, size: int) -> None:
    """Checks that a backbone can take pictures of a side, in pixels.

    Raises:
        BackboneError: If it cannot.
    """
    if not backbone.smallest <= size <= LARGEST:
        raise BackboneError(
            f"{backbone.name} takes pictures of {backbone.smallest} to {LARGEST} pixels a side",
            f"input_size={size}",
            f"choose a side in that range; its weights were trained at {backbone.input_size}",
        )


LARGEST = 2048
"""Largest side: beyond it, a batch of one alone takes more memory than a laptop has."""
