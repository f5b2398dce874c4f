"""Objects of two different copies of Keras meet in one model.

What it is
    `tf_keras`, `tensorflow.python.keras` and Keras 3 are different packages: a layer of one is a stranger to
    a model of another.

Why it hurts
    Adding or calling it raises an error that says little of the cause.

Wrong
    from tensorflow.python.keras.layers import Dense
    from keras.models import Sequential

Right
    from keras.layers import Dense
    from keras.models import Sequential

How it was measured
    The exception came from a place where objects of one copy met those of the other, by the modules of the
    classes that took part.

When it is wrong
    `keras` and `tf.keras` are the same package since TensorFlow 2.16, and may be mixed.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding

NAME = "mixed-keras"
GROUP = "versions"
WHEN = "always"

COPIES = {"tensorflow/python/keras/": "tensorflow.python.keras", "/tf_keras/": "tf_keras"}


def check(case: Case) -> Iterable[Finding]:
    """Looks at which copies took part in the exception that ended the script."""
    error, crash = case.error, case.crash
    if error is None or crash is None or crash.place is None:
        return
    files: list[str] = []
    step = error.__traceback__
    while step is not None:
        files.append(step.tb_frame.f_code.co_filename.replace("\\", "/"))
        step = step.tb_next
    text = str(error)
    other = {
        name for part, name in COPIES.items() if any(part in file for file in files) or f"{name}." in text
    }
    own = any("/keras/src/" in file for file in files) or "<class 'keras." in text or "KerasTensor" in text
    made = any(e.kind in ("layer", "call") for e in case.trace.events)
    if not other or not (own or made) or isinstance(error, ImportError):
        return
    yield Finding(
        NAME,
        "error",
        crash.place,
        f"objects of {' and '.join(sorted(other))} meet objects of Keras 3, which do not know each other",
        {"raised": f"{type(error).__name__}: {text}"[:160]},
        cost=1.0,
    )
