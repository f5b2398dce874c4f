"""`headstart.Doctor()`: the doctor as a callback of `fit`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

from headstart.doctor.records import Diagnosis

TAKEN = ("x", "y", "sample_weight", "batch_size", "validation_data", "class_weight", "shuffle")
"""Arguments of `fit` that are read from its frame."""


def Doctor(  # noqa: N802 - a class to its users; Keras must not be imported to define it
    data: Any = None,
    y: Any = None,
    *,
    stop: bool = False,
    quiet: bool = False,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Any:
    """A callback that examines the model before training and watches the loss while it runs.

    After training, its attribute `diagnosis` holds what was found.

    Args:
        data: What the model is to be examined on; what its `fit` trains on, if None.
        y: The targets, where `data` does not bring them.
        stop: Whether to end training when it cannot come to anything: an error was found, or the loss is
            no number.
        quiet: Whether to print nothing.
        select, ignore: Rules or groups to ask, or to leave out.
    """
    import keras

    class DoctorCallback(keras.callbacks.Callback):  # type: ignore[misc]
        """See `headstart.Doctor`."""

        def __init__(self) -> None:
            super().__init__()
            self.diagnosis: Diagnosis | None = None

        def on_train_begin(self, logs: Any = None) -> None:  # noqa: ARG002
            from headstart.doctor.live import examine_live
            from headstart.doctor.reporters import text
            from headstart.doctor.rules import pick

            arguments = _of_fit(self.model) if data is None else {"x": data, "y": y}
            if arguments is None:
                return
            epochs = int((self.params or {}).get("epochs", 1))
            arguments |= {"epochs": epochs, "shuffle": arguments.get("shuffle", True)}
            rules = pick(select, ignore)
            self.diagnosis = examine_live(self.model, arguments, "model", rules, time.perf_counter())
            if not quiet and self.diagnosis.findings:
                sys.stderr.write(text.render(self.diagnosis))
            if stop and any(f.severity == "error" for f in self.diagnosis.all_findings):
                self._halt()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
            loss = (logs or {}).get("loss")
            if stop and loss is not None and loss != loss:
                if not quiet:
                    sys.stderr.write("headstart: the loss is no number any more; training is ended\n")
                self._halt()

        def _halt(self) -> None:
            self.model.stop_training = True

    return DoctorCallback()


def _of_fit(model: Any) -> dict[str, Any] | None:
    """The data of the `fit` that is running, or None where its frame is not to be found.

    Keras tells a callback nothing of the data, so it is read from the frame of `fit` itself.
    """
    frame = sys._getframe(1)
    while frame is not None:
        here = frame.f_locals
        if frame.f_code.co_name == "fit" and here.get("self") is model and "x" in here:
            return {name: here.get(name) for name in TAKEN if name in here}
        frame = frame.f_back  # type: ignore[assignment]
    return None
