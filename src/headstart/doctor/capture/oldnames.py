"""Where names of Keras 1 and 2 live in Keras 3, and serving them to the user's own lines.

A line of the script that imports an old path would end it there. While a trace listens, the old name is
answered with what took its place, and an event "old-name" is left, so that the rest can be looked at too.
A line that is prepared to fail (`try: ... except ImportError`) is left to fail, as without the doctor.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import linecache
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from types import FrameType, ModuleType
from typing import Any

from headstart.doctor.capture.trace import Trace, serving

ROOTS = ("keras", "tensorflow.keras", "keras._tf_keras.keras")
"""What Keras 3 is called when imported by itself and through TensorFlow."""

LAYERS = (
    "core",
    "convolutional",
    "normalization",
    "embeddings",
    "recurrent",
    "merge",
    "merging",
    "advanced_activations",
    "pooling",
    "wrappers",
    "noise",
    "local",
    "convolutional_recurrent",
    "cudnn_recurrent",
    "preprocessing",
    "experimental",
    "experimental.preprocessing",
    "normalization.batch_normalization",
)
UTILS = (
    "np_utils",
    "vis_utils",
    "visualize_util",
    "generic_utils",
    "data_utils",
    "layer_utils",
    "io_utils",
    "training_utils",
)

PATHS: dict[str, tuple[str, ...]] = {
    **{f"layers.{name}": ("layers",) for name in LAYERS},
    **{f"utils.{name}": ("utils",) for name in UTILS},
    "utils.generic_utils": ("utils", "saving"),
    "utils.multi_gpu_utils": ("utils",),
    "engine": ("layers", "models", ""),
    "engine.topology": ("layers", "models", ""),
    "engine.training": ("models",),
    "engine.base_layer": ("layers",),
    "engine.input_layer": ("layers",),
    "engine.sequential": ("models",),
    "engine.network": ("models",),
    "engine.functional": ("models",),
    "objectives": ("losses",),
    "initializations": ("initializers",),
    "callbacks.callbacks": ("callbacks",),
    "preprocessing.text": ("_text",),
    "preprocessing.image": ("_image", "utils"),
    "preprocessing.sequence": ("_sequence", "utils"),
    "preprocessing": ("utils",),
    "optimizer_v2": ("optimizers",),
    "optimizers.experimental": ("optimizers",),
    "experimental": ("optimizers.schedules",),
    "mixed_precision.experimental": ("mixed_precision",),
    "metrics.metrics": ("metrics",),
    "saving.save": ("saving", "models"),
}
"""Old modules below Keras, and the public ones where their names are now; "" is Keras itself."""

LEGACY = {
    "_text": "keras.src.legacy.preprocessing.text",
    "_image": "keras.src.legacy.preprocessing.image",
    "_sequence": "keras.src.legacy.preprocessing.sequence",
}

RENAMED = {
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "Deconvolution2D": "Conv2DTranspose",
    "AtrousConvolution2D": "Conv2D",
    "TimeDistributedDense": "Dense",
    "CategoryEncoding": "CategoryEncoding",
    "adam": "Adam",
    "sgd": "SGD",
    "rmsprop": "RMSprop",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "adamax": "Adamax",
    "nadam": "Nadam",
    "normal": "RandomNormal",
    "uniform": "RandomUniform",
    "plot": "plot_model",
    "Container": "Model",
    "Network": "Model",
    "linear_decay": "PolynomialDecay",
}

HOOKED = (
    "",
    "layers",
    "utils",
    "optimizers",
    "initializers",
    "preprocessing",
    "preprocessing.image",
    "preprocessing.sequence",
    "models",
    "callbacks",
    "backend",
    "losses",
    "metrics",
    "regularizers",
)
"""Modules whose missing names are answered."""

MISSING = object()

_served: list[tuple[str, ModuleType]] = []


def tail_of(full: str) -> str | None:
    """The path below Keras: "layers.core" for "tensorflow.keras.layers.core"; None outside Keras."""
    for root in sorted(ROOTS, key=len, reverse=True):
        if full.startswith(root + "."):
            return full[len(root) + 1 :]
    return None


def public_of(full: str) -> str | None:
    """The public module that took an old one's place, under the same root; None where there is none."""
    tail = tail_of(full)
    if tail is None or tail not in PATHS:
        return None
    root = full[: -len(tail) - 1]
    first = PATHS[tail][0]
    if first.startswith("_"):
        return f"tensorflow.keras.{tail}" if "tensorflow" in sys.modules else None
    return f"{root}.{first}" if first else root


def find(tail: str, name: str) -> Any:
    """What an old name stands for now, or `MISSING`."""
    for home in PATHS.get(tail, (tail,)):
        for module in _modules(home):
            for spelled in (name, RENAMED.get(name, name)):
                found = vars(module).get(spelled, MISSING)
                if found is not MISSING:
                    return found
    if tail == "backend":
        return _backend(name)
    return MISSING


def _modules(home: str) -> list[ModuleType]:
    full = LEGACY.get(home) or ("keras." + home if home else "keras")
    try:
        return [importlib.import_module(full)]
    except ImportError:
        return []


def _backend(name: str) -> Any:
    """A function of the old `keras.backend`, by Keras 3's own form of it, else by its legacy form."""
    import keras

    if name == "learning_phase":
        return lambda: 0
    if name == "set_learning_phase":
        return lambda _value: None
    if name == "image_dim_ordering":
        return lambda: "tf" if keras.config.image_data_format() == "channels_last" else "th"
    if name == "set_image_dim_ordering":
        return lambda order: keras.config.set_image_data_format(
            "channels_first" if order == "th" else "channels_last"
        )
    if name == "int_shape":
        return lambda x: tuple(x.shape)
    if keras.config.backend() == "tensorflow":
        legacy = importlib.import_module("keras.src.legacy.backend")
        found = vars(legacy).get(name, MISSING)
        ops = vars(keras.ops).get(name, MISSING)
        if found is not MISSING and getattr(found, "__module__", "").startswith("keras"):
            return _either(ops, found) if ops is not MISSING else found
    return vars(keras.ops).get(name, MISSING)


def _either(new: Any, old: Any) -> Any:
    """The new function for symbolic tensors, which the old one cannot take."""

    def function(*args: Any, **kwargs: Any) -> Any:
        import keras

        if any(keras.utils.is_keras_tensor(value) for value in args):
            return new(*args, **kwargs)
        return old(*args, **kwargs)

    return function


class _Old(ModuleType):
    """A module that Keras 3 has no longer; its names are looked up where they live now."""

    def __getattr__(self, name: str) -> Any:
        tail = tail_of(self.__name__) or ""
        if name.startswith("__"):
            raise AttributeError(name)
        found = find(tail, name)
        if found is MISSING:
            inner = f"{self.__name__}.{name}"
            if tail_of(inner) in PATHS:
                return importlib.import_module(inner)
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return found

    def __call__(self, inputs: Any, mode: str = "sum", concat_axis: int = -1, **_others: Any) -> Any:
        """The function `merge` of Keras 1, by the name of the later module."""
        import keras

        if not self.__name__.endswith("layers.merge"):
            raise TypeError("'module' object is not callable")
        if mode == "concat":
            return keras.layers.Concatenate(axis=concat_axis)(inputs)
        kinds = {"sum": "Add", "mul": "Multiply", "ave": "Average", "max": "Maximum", "dot": "Dot"}
        return getattr(keras.layers, kinds[mode])()(inputs)


class _Loader(importlib.abc.Loader):
    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Old(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        _served.append((module.__name__, module))


class _Finder(importlib.abc.MetaPathFinder):
    """Stands last: it is asked only for what is nowhere else."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        trace = serving()
        if trace is None or tail_of(fullname) not in PATHS:
            return None
        frame = _importing(sys._getframe(1))
        if not _asks(trace, frame):
            return None
        _note(trace, "module", fullname)
        return importlib.machinery.ModuleSpec(fullname, _Loader(), is_package=True)


def _importing(frame: FrameType | None) -> FrameType | None:
    """The frame of the import statement, past the import system's own and past our old modules."""
    while frame is not None and (
        frame.f_code.co_filename.startswith("<frozen importlib")
        or frame.f_code.co_filename in (__file__, importlib.__file__)
    ):
        frame = frame.f_back
    return frame


def _asks(trace: Trace, frame: FrameType | None) -> bool:
    """Whether a line of the user's asks, and is not prepared to be refused."""
    if frame is None or trace.files.named(frame.f_code.co_filename) is None:
        return False
    while frame is not None:
        name = frame.f_code.co_filename
        if trace.files.named(name) is not None and _guarded(name, frame.f_lineno):
            return False
        frame = frame.f_back
    return True


def _note(trace: Trace, what: str, full: str) -> None:
    places = trace.files.stack(2)
    trace.add("old-name", full, arguments={"what": what, "new": public_of(full)}, places=places)


def _guarded(filename: str, line: int) -> bool:
    text = "".join(linecache.getlines(filename))
    return any(first <= line <= last for first, last in _tries(text))


CATCHES = {"ImportError", "ModuleNotFoundError", "AttributeError", "Exception", "BaseException"}


@lru_cache(maxsize=32)
def _tries(text: str) -> tuple[tuple[int, int], ...]:
    """Lines of the bodies of `try` statements that catch a failed import."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return ()
    return tuple(
        (node.body[0].lineno, node.body[-1].end_lineno or node.body[-1].lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Try) and any(_catches(handler) for handler in node.handlers)
    )


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(name, ast.Name) and name.id in CATCHES for name in names)


def hook(module: ModuleType) -> None:
    """Answers names that a module of Keras no longer has."""
    if "__getattr__" in vars(module):
        return
    full = module.__name__
    tail = tail_of(full) or ""

    def missing(name: str) -> Any:
        failed = AttributeError(f"module {full!r} has no attribute {name!r}")
        trace = serving()
        if trace is None or name.startswith("__"):
            raise failed
        frame = _importing(sys._getframe(1))
        if not _asks(trace, frame) or not _spelled(trace, frame, name):
            raise failed
        inner = f"{tail}.{name}" if tail else name
        with trace.paused():
            found = MISSING if inner in PATHS else find(tail, name)
        if inner in PATHS:
            # `from keras.utils import np_utils` asks for the attribute first, then imports the module.
            return importlib.import_module(f"{full}.{name}")
        if found is MISSING:
            raise failed
        _note(trace, "name", f"{full}.{name}")
        return found

    module.__dict__["__getattr__"] = missing


def _spelled(trace: Trace, frame: FrameType | None, name: str) -> bool:
    """Whether the line itself writes the name: `hasattr` and `getattr` ask because they do not know."""
    place = trace.files.place(frame) if frame is not None else None
    if place is None or frame is None:
        return False
    lines = linecache.getlines(frame.f_code.co_filename)[place.line - 1 : place.end_line]
    if not lines:
        return False
    text = "".join(lines)
    last = lines[-1][: place.end_column - 1]
    return text.lstrip().startswith(("from", "import")) or last.rstrip().endswith(name)


def install(when_imported: Callable[[str, Callable[[ModuleType], None]], None]) -> None:
    """Sets the finder and the hooks, once."""
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    sys.meta_path.append(_Finder())
    for root in ROOTS:
        for tail in HOOKED:
            when_imported(f"{root}.{tail}" if tail else root, hook)


def forget() -> None:
    """Takes the served modules away again, so that the next script in this process asks anew."""
    while _served:
        name, module = _served.pop()
        if sys.modules.get(name) is module:
            del sys.modules[name]
        above, _, last = name.rpartition(".")
        parent = sys.modules.get(above)
        if parent is not None and vars(parent).get(last) is module:
            delattr(parent, last)
