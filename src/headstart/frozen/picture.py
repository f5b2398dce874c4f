"""The picture of a model's trunk as text: what is frozen, what trains, and what keeping features saves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.core import backend
from headstart.core.errors import HeadError
from headstart.frozen.boundary import find
from headstart.frozen.records import Boundary, Cut, Side

if TYPE_CHECKING:
    import keras

BACKWARD = 3
"""A trained layer is run forward once and, for two gradients, backward: three times its multiply-adds."""


def trunk_picture(model: keras.Model | str | Path, epochs: int = 10, views: int = 0) -> str:
    """Says in a few lines where a model can be split and what that saves.

    Args:
        model: A Keras model or the path of a `.keras` file, which is loaded without running code.
        epochs: Over how many epochs the saving is reckoned.
        views: As in `headstart.fit`.

    Raises:
        HeadError: If the file is not there or is no Keras model.
    """
    loaded = _load(Path(model)) if isinstance(model, str | Path) else model
    boundary = find(loaded, views=views > 0)
    lines = [f"{loaded.name}: {_outline(loaded)}"]
    if not boundary.splits:
        lines += ["", f"Nothing can be kept: {boundary.reason}."]
        return "\n".join(lines)
    lines += ["", *_table(boundary), ""]
    lines += [f"Kept for each sample: {_cut(cut)}" for cut in boundary.cuts if not cut.raw]
    lines += [f"Goes round the trunk: {_cut(cut)}" for cut in boundary.cuts if cut.raw]
    lines += [f"The frozen part ends where {blocker}." for blocker in boundary.blockers]
    if boundary.unproven:
        lines.append(f"To be checked on data before use: {', '.join(boundary.unproven)}.")
    if boundary.augmenting:
        lines.append(f"Random, kept as {max(1, views)} views: {', '.join(boundary.augmenting)}.")
    lines += [f"{note}." for note in boundary.notes]
    if saved := saving(boundary, epochs, max(1, views)):
        lines += ["", saved]
    return "\n".join(lines)


def saving(boundary: Boundary, epochs: int, views: int = 1) -> str | None:
    """What some epochs cost with and without kept features, in a sentence; None where it is not known.

    Args:
        boundary: A boundary that splits.
        epochs: Passes over the data.
        views: Passes of the trunk over the data.
    """
    frozen, trained = boundary.frozen.multiply_adds, boundary.trained.multiply_adds
    if frozen is None or trained is None or frozen + trained == 0:
        return None
    plain = epochs * (frozen + BACKWARD * trained)
    ours = min(views, epochs) * frozen + epochs * BACKWARD * trained
    return (
        f"{epochs} epochs take {_big(plain)} multiply-adds a sample in model.fit "
        f"and {_big(ours)} in headstart.fit, {plain / ours:.1f} times fewer; "
        f"with the features stored, {_big(epochs * BACKWARD * trained)}."
    )


def _load(path: Path) -> Any:
    keras = backend.ensure()
    if not path.is_file():
        raise HeadError("A model is a .keras file", f"{path}, which is not there", "check the path")
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise HeadError(
            "A model is a .keras file that loads without running code of its own",
            f"{path} ({first[:200]})",
            "save it with model.save('model.keras'), or call headstart.trunk_picture(model) in your script",
        ) from error


def _outline(model: keras.Model) -> str:
    if not getattr(model, "inputs", None):
        return f"{model.count_params():,} parameters" if model.built else "not built"
    given = ", ".join(_shape(tuple(tensor.shape[1:])) for tensor in model.inputs)
    made = ", ".join(_shape(tuple(tensor.shape[1:])) for tensor in model.outputs)
    return f"{given} -> {made}, {model.count_params():,} parameters"


def _table(boundary: Boundary) -> list[str]:
    rows = [("", "layers", "parameters", "multiply-adds")]
    rows += [_row("trunk (frozen)", boundary.frozen), _row("tail (trained)", boundary.trained)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return [
        "  ".join(
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _row(name: str, side: Side) -> tuple[str, str, str, str]:
    return name, str(side.layers), f"{side.parameters:,}", _big(side.multiply_adds)


def _cut(cut: Cut) -> str:
    size = 1
    for length in cut.shape:
        size *= length or 0
    numbers = f", {size:,} numbers" if size else ""
    return f"'{cut.source}' {_shape(cut.shape)}{numbers}"


def _shape(shape: tuple[int | None, ...]) -> str:
    return " x ".join("any" if size is None else str(size) for size in shape) or "one number"


def _big(number: int | None) -> str:
    if number is None:
        return "not known"
    for unit, size in (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            return f"{number / size:.2f} {unit}"
    return str(number)
