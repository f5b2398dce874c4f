"""Every setting of a run, and its form as config.toml."""

from __future__ import annotations

import dataclasses
import difflib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core.errors import SettingsError

CHOICES: dict[str, tuple[str, ...]] = {
    "head": ("linear", "mlp"),
    "precision": ("auto", "f32", "bf16", "int8"),
    "engine": ("openvino", "onnx", "keras"),
    "class_weight": ("none", "balanced"),
}


MOST_VIEWS = 64
"""More views than this are a slip of the finger."""


@dataclass(frozen=True)
class Settings:
    """What decides a run, apart from the pictures' content.

    Attributes:
        pictures: Folder of pictures, or manifest.
        backbone: Name of the backbone.
        weights: 'imagenet', or a file of weights.
        input_size: Side of the square input in pixels; 0 is the backbone's own.
        head: 'linear' or 'mlp'.
        engine: 'openvino', 'onnx' or 'keras'.
        precision: 'auto', 'f32', 'bf16' or 'int8'.
        validation: Share of pictures to validate on, where the layout gives none; in (0, 1).
        class_weight: 'none', or 'balanced': every class counts the same.
        seed: Seeds the split, the folds and the training of the head.
        strict: Whether an unreadable picture stops the run.
        epochs: Most epochs of `head = "mlp"` or of fine-tuning; 0 is the default of either.
        fine_tune: From where on the backbone is trained further: '' (nowhere), 'auto' (its last one or two
            stages), the beginning of a layer's name, a count of layers, or a share of them.
        views: Views of each training picture, the first of them the picture as it is; 0 is the default: 1,
            or more with fine-tuning.
    """

    pictures: str
    backbone: str = "efficientnet-lite0"
    weights: str = "imagenet"
    input_size: int = 0
    head: str = "linear"
    engine: str = "openvino"
    precision: str = "auto"
    validation: float = 0.2
    class_weight: str = "none"
    seed: int = 0
    strict: bool = False
    epochs: int = 0
    fine_tune: str = ""
    views: int = 0

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            if value not in allowed:
                raise SettingsError(
                    f"{option(name)} must be one of {', '.join(allowed)}",
                    repr(value),
                    _nearest(str(value), allowed),
                )
        if not 0 < self.validation < 1:
            raise SettingsError(
                f"{option('validation')} must be a share between 0 and 1",
                repr(self.validation),
                "give for example 0.2 to validate on a fifth of the pictures",
            )
        if self.seed < 0 or self.seed > 2**32 - 1:
            raise SettingsError(
                f"{option('seed')} must lie in 0..4294967295", str(self.seed), "give another number"
            )
        for name in ("epochs", "views"):
            if getattr(self, name) < 0:
                raise SettingsError(
                    f"{option(name)} must be at least 1", str(getattr(self, name)), "give a larger number"
                )
        if self.views > MOST_VIEWS:
            raise SettingsError(
                f"{option('views')} must be at most {MOST_VIEWS}", str(self.views), "give a smaller number"
            )
        if self.fine_tune and self.head != "linear":
            raise SettingsError(
                f"{option('fine_tune')} goes with the linear head, from which it starts",
                f"{option('head')} {self.head}",
                f"leave out one of {option('fine_tune')} and {option('head')}",
            )
        if self.precision == "int8" and (self.fine_tune or self.engine != "openvino"):
            other = "fine_tune" if self.fine_tune else "engine"
            raise SettingsError(
                f"{option('precision')} int8 goes with a frozen backbone on the OpenVINO engine",
                f"{option(other)} {getattr(self, other)}",
                f"leave out one of {option('precision')} and {option(other)}",
            )
        if self.input_size < 0:
            raise SettingsError(
                f"{option('input_size')} must be a number of pixels",
                str(self.input_size),
                "leave it out, or give one",
            )

    def as_toml(self) -> str:
        """The text of config.toml."""
        lines = ["# Every setting of the run as used. Again: headstart train --config config.toml"]
        # JSON's strings, numbers and booleans are TOML's as well.
        lines += [f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in dataclasses.asdict(self).items()]
        return "\n".join(lines) + "\n"


def option(name: str) -> str:
    """A setting's name on the command line."""
    return "--" + name.replace("_", "-")


def read_config(path: Path) -> dict[str, Any]:
    """Settings from a config.toml, by name; those that it leaves out keep their defaults.

    Raises:
        SettingsError: If the file is missing, is no TOML, or holds unknown names or wrong types.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            "--config must be a config.toml as a run writes it",
            f"{path} ({error.strerror})",
            "check the path",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError("--config must be valid TOML", f"{path} ({error})", "mend that line") from error
    fields = {field.name: field for field in dataclasses.fields(Settings)}
    for name, value in values.items():
        if name not in fields:
            raise SettingsError(
                f"A configuration may hold {', '.join(fields)}",
                f"{name!r} in {path}",
                _nearest(name, tuple(fields)),
            )
        wanted = {"str": str, "int": int, "float": float, "bool": bool}[str(fields[name].type)]
        if wanted is float and type(value) is int:
            values[name] = float(value)
        elif type(value) is not wanted:
            raise SettingsError(
                f"{name} must be of type {wanted.__name__}", f"{name} = {value!r} in {path}", "mend that line"
            )
    return values


def _nearest(name: str, allowed: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, allowed, 1)
    return f"did you mean {near[0]!r}" if near else "choose one of them"
