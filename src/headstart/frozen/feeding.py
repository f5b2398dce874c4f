"""Lets a model take features in place of its inputs, for as long as it trains on them.

The user's model stays the one that trains: its own `fit` runs, with its optimizer, its metrics, its
callbacks and its order of variables. Only its forward pass knows one more kind of input: a dict whose names
are those of the cut tensors goes through the tail. Whatever else it is given (a callback that predicts
pictures, say) goes the whole way as ever.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from headstart.frozen.records import Boundary

if TYPE_CHECKING:
    import keras


@contextlib.contextmanager
def takes_features(model: keras.Model, boundary: Boundary) -> Iterator[None]:
    """Makes `model` answer to features as well while the block runs.

    Args:
        model: The user's model.
        boundary: Its boundary, which splits it.
    """
    tail = boundary.tail
    assert tail is not None
    names = {cut.name for cut in boundary.cuts}
    whole_call, whole_check = model.call, model._assert_input_compatibility

    def call(inputs: Any, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        if _are_features(inputs, names):
            return tail.call(inputs, training=training)
        return whole_call(inputs, *args, training=training, **kwargs)

    def check(*args: Any) -> None:
        if not _are_features(args[0], names):
            whole_check(*args)

    # In the instance's own dict, past Keras's and PyTorch's __setattr__, so that nothing is tracked or saved.
    own = model.__dict__
    own["call"], own["_assert_input_compatibility"] = call, check
    try:
        yield
    finally:
        del own["call"], own["_assert_input_compatibility"]


def _are_features(inputs: Any, names: set[str]) -> bool:
    return isinstance(inputs, dict) and names == set(inputs)
