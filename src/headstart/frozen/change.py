"""Whether a layer can change, or answer otherwise, while a model trains."""

from __future__ import annotations

from typing import Any

from headstart.frozen import keras_inside

# State that moves in training whatever `trainable` says.
_MOVES = ("SpectralNormalization",)
# Keras's wrappers around code that is not Keras's: what it does cannot be read from outside.
_FOREIGN = ("Lambda", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "TFSMLayer")


def why_it_changes(operation: Any, training: bool | None, views: bool = False) -> str | None:
    """Why an operation is not a fixed function of its input during training, or None where it is.

    Args:
        operation: A layer, or an operation of `keras.ops`.
        training: The training flag that it is called with inside `fit`.
        views: Whether random augmentation counts as fixed, because a few of its outcomes are kept.

    Returns:
        A clause that follows the layer's name, such as "has 2 trainable weights".
    """
    if not keras_inside.is_layer(operation):
        return None
    if weights := operation.trainable_weights:
        return f"has {len(weights)} trainable weight{'s' if len(weights) > 1 else ''}"
    for part in keras_inside.parts(operation):
        if reason := _why_part_changes(part, training, views):
            inside = "" if part is operation else f"holds '{part.name}', which "
            return inside + reason
    return None


def unproven(operation: Any) -> bool:
    """Whether an operation is not a layer of Keras's own, so that only a check on data can vouch for it."""
    if not keras_inside.is_layer(operation):
        return True
    return any(_foreign(part) for part in keras_inside.parts(operation))


def is_augmentation(layer: Any) -> bool:
    """Whether a layer is one of Keras's random augmentations of pictures."""
    return ".image_preprocessing." in type(layer).__module__ and keras_inside.seed_generators(layer) > 0


def _why_part_changes(part: Any, training: bool | None, views: bool) -> str | None:
    import keras

    if getattr(part, "activity_regularizer", None) is not None:
        return "adds a loss on its output"
    if keras_inside.own_metrics(part):
        return "keeps metrics of its own"
    if getattr(part, "stateful", False):
        return "keeps its state from batch to batch"
    if training is False:
        return None
    if isinstance(part, keras.layers.BatchNormalization) and part.trainable:
        return (
            "is a BatchNormalization that normalises by each batch and moves its statistics (trainable=True)"
        )
    if type(part).__name__ in _MOVES:
        return "moves its statistics in training"
    if keras_inside.seed_generators(part) and _draws(part) and not (views and is_augmentation(part)):
        return "is random in training"
    return None


def _draws(part: Any) -> bool:
    """Whether a layer that owns a random stream uses it: recurrent layers own one at no dropout too."""
    rates = [getattr(part, name) for name in ("dropout", "recurrent_dropout") if hasattr(part, name)]
    return not rates or any(rates)


def _foreign(part: Any) -> bool:
    own = type(part)
    if own.__name__ == "Concatenate" and part.axis == 0:
        return True
    return not own.__module__.startswith("keras.") or own.__name__ in _FOREIGN
