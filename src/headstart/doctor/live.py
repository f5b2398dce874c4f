"""The same rules for a model and data that are in hand: from a notebook, a test, or a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from headstart.core.backend import ensure
from headstart.core.errors import SettingsError
from headstart.doctor.asking import arrange, ask
from headstart.doctor.capture.peek import peek
from headstart.doctor.capture.places import UserFiles
from headstart.doctor.capture.source import Unit, read
from headstart.doctor.capture.trace import Event, Trace
from headstart.doctor.case import Case
from headstart.doctor.records import Diagnosis
from headstart.doctor.rules import pick


def diagnose(
    model: Any,
    data: Any,
    y: Any = None,
    *,
    loss: Any = None,
    optimizer: Any = None,
    validation_data: Any = None,
    epochs: int = 1,
    batch_size: int | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    script: str | None = None,
) -> Diagnosis:
    """Asks the rules about a model and the data that it would be trained on; trains nothing.

    Model, optimizer, random state and data are left as they were. Lines can be named only for what was made
    while `headstart doctor` ran a script; here findings name layers in their words.

    Args:
        model: A Keras model, or the path of a `.keras` file.
        data: What `fit` would take as x, or the path of a folder with a folder of pictures for each class.
        y: The targets, where `data` does not bring them.
        loss: The loss, for a model that is not compiled.
        optimizer: The optimizer, for a model that is not compiled; "adam" if None.
        validation_data: As for `fit`.
        epochs: Epochs that are planned, for what repeats cost.
        batch_size: As for `fit`.
        select, ignore: Rules or groups to ask, or to leave out.
        script: The file to name as the diagnosed; "model" if None.

    Raises:
        SettingsError: If the model is not compiled and no loss is given.
    """
    keras = ensure(gradients=True)
    started = time.perf_counter()
    loaded: str | None = None
    if isinstance(model, str | Path):
        loaded = str(model)
        model = keras.models.load_model(model)
    if isinstance(data, str | Path):
        data = _folder(keras, model, Path(data), batch_size)
    if loss is not None:
        model.compile(optimizer=optimizer or "adam", loss=loss)
    if not getattr(model, "compiled", False):
        raise SettingsError(
            "A model must be compiled to be diagnosed, or come with its loss",
            "a model without one",
            "pass loss= (on the command line --loss)",
        )
    name = script or loaded or "model"
    arguments = {
        "x": data,
        "y": y,
        "epochs": epochs,
        "batch_size": batch_size,
        "validation_data": validation_data,
        "shuffle": True,
    }
    return examine_live(model, arguments, name, pick(select, ignore), started, loaded)


def examine_live(
    model: Any,
    arguments: dict[str, Any],
    name: str,
    rules: Any,
    started: float,
    loaded: str | None = None,
) -> Diagnosis:
    """A diagnosis of a model with the arguments of a fit that is not, or not yet, running."""
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    units: tuple[Unit, ...] = (
        read(main) if main and Path(main).suffix == ".py" and Path(main).is_file() else ()
    )
    trace = Trace(UserFiles(main or name))
    event = Event("fit", type(model).__name__, 0, (), arguments, frozenset(arguments), model)
    sample, _ = peek(
        arguments.get("x"),
        arguments.get("y"),
        arguments.get("sample_weight"),
        batch_size=arguments.get("batch_size"),
    )
    case = Case(name, units, trace, "fit", event, model, sample, loaded_from=loaded)
    failures: dict[str, str] = {}
    findings = ask(case, rules, failures)
    seconds = {"total": time.perf_counter() - started}
    return Diagnosis(
        name, arrange(findings), "fit", seconds=seconds, versions=case.versions, fits=1, failed=failures
    )


def _folder(keras: Any, model: Any, folder: Path, batch_size: int | None) -> Any:
    """A folder of pictures as the arrays that the model takes: no TensorFlow is asked for."""
    import numpy as np

    shape = model.input_shape
    if not isinstance(shape, tuple) or len(shape) != 4:
        raise SettingsError(
            "A folder of pictures needs a model that takes one picture",
            f"a model with the input shape {shape}",
            "pass arrays to headstart.diagnose instead",
        )
    size = (shape[1] or 224, shape[2] or 224)
    classes = sorted(p for p in folder.iterdir() if p.is_dir())
    if not classes:
        raise SettingsError(
            "--data must be a folder with a folder of pictures for each class",
            f"{str(folder)!r}, which has none",
            "check the path",
        )
    mode = {1: "grayscale", 4: "rgba"}.get(shape[3], "rgb")
    pictures, ids = [], []
    for number, inner in enumerate(classes):
        files = sorted(
            p for p in inner.iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".bmp", ".gif")
        )
        for file in files[: max(1, 256 // len(classes))]:
            pictures.append(keras.utils.img_to_array(keras.utils.load_img(file, mode, target_size=size)))
            ids.append(number)
    x, y = np.stack(pictures), np.array(ids)
    units = model.output_shape[-1]
    from headstart.doctor.views.loss import loss_of

    known = loss_of(model)
    if known is not None and known.name == "categorical_crossentropy" and units == len(classes):
        y = keras.utils.to_categorical(y, len(classes))
    return _Paired(x, y, batch_size or 32, keras)


def _Paired(x: Any, y: Any, batch_size: int, keras: Any) -> Any:  # noqa: N802 - makes an object of a class
    class Pairs(keras.utils.PyDataset):  # type: ignore[misc]
        """Pictures and ids in batches, the classes mixed."""

        def __init__(self) -> None:
            super().__init__()
            import numpy as np

            self.order = np.random.default_rng(0).permutation(len(x))

        def __len__(self) -> int:
            return -(-len(x) // batch_size)

        def __getitem__(self, index: int) -> tuple[Any, Any]:
            rows = self.order[index * batch_size : (index + 1) * batch_size]
            return x[rows], y[rows]

    return Pairs()
