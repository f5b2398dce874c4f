"""`headstart.Doctor()`: the doctor as a callback of `fit`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

from headstart.doctor.records import Diagnosis


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
        data: What `fit` trains on, for the rules that need data; a callback is not told.
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

            if data is None:
                return
            epochs = int((self.params or {}).get("epochs", 1))
            arguments = {"x": data, "y": y, "epochs": epochs, "shuffle": True}
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
