"""A function of TensorFlow is called on a symbolic tensor of Keras.

What it is
    What `keras.Input` and layers give while a functional model is put together is a description of a tensor
    and holds no numbers. `keras.ops` knows it; `tf.*` does not.

Why it hurts
    The call raises a ValueError and the model is never built.

Wrong
    x = tf.reduce_mean(x, axis=1)

Right
    x = keras.ops.mean(x, axis=1)

How it was measured
    The call was made and raised.

When it is wrong
    Inside the `call` of a layer of one's own, or in a `Lambda`, such functions are fine on TensorFlow.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits

NAME = "tf-op-on-keras-tensor"
GROUP = "versions"
WHEN = "always"
FIXES = True

NOW = {
    "reduce_mean": "mean",
    "reduce_sum": "sum",
    "reduce_max": "max",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "concat": "concatenate",
    "expand_dims": "expand_dims",
    "squeeze": "squeeze",
    "reshape": "reshape",
    "transpose": "transpose",
    "cast": "cast",
    "square": "square",
    "sqrt": "sqrt",
    "abs": "abs",
    "exp": "exp",
    "log": "log",
    "sin": "sin",
    "cos": "cos",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "relu": "relu",
    "softmax": "softmax",
    "matmul": "matmul",
    "stack": "stack",
    "multiply": "multiply",
    "add": "add",
    "subtract": "subtract",
    "maximum": "maximum",
    "minimum": "minimum",
    "tile": "tile",
    "argmax": "argmax",
    "pow": "power",
    "divide": "divide",
    "l2_normalize": "normalize",
    "shape": "shape",
    "zeros_like": "zeros_like",
    "ones_like": "ones_like",
    "one_hot": "one_hot",
    "norm": "norm",
    "einsum": "einsum",
    "where": "where",
}
"""Functions of TensorFlow with one in `keras.ops` that takes the same arguments in the same order."""


def check(case: Case) -> Iterable[Finding]:
    """Knows the exception that Keras raises for it."""
    crash = case.crash
    if crash is None or crash.place is None or not isinstance(case.error, ValueError | TypeError):
        return
    if "A KerasTensor cannot be used as input to a TensorFlow function" not in str(case.error):
        return
    called, edit = _edit(case, crash.place)
    yield Finding(
        NAME,
        "error",
        crash.place,
        f"{called or 'TensorFlow'} does not take symbolic tensors of Keras; use keras.ops or a layer",
        {"raised": type(case.error).__name__},
        edit=edit,
        cost=1.0,
    )


def _edit(case: Case, place: Place) -> tuple[str, Edit | None]:
    try:
        call = ast.parse(case.code(place), mode="eval").body
    except SyntaxError:
        return "", None
    if not isinstance(call, ast.Call):
        return "", None
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    if last not in NOW or any(k.arg not in ("axis",) for k in call.keywords):
        return name, None
    steps = (edits.set_callee(place, f"keras.ops.{NOW[last]}"), edits.add_import(place, "keras"))
    return name, Edit(f"Use keras.ops.{NOW[last]}", steps)
