"""`headstart train`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from headstart.cli import FELL_SHORT, OK


def command(
    pictures: Annotated[str | None, Parameter(show_default=False)] = None,
    /,
    *,
    backbone: str | None = None,
    weights: str | None = None,
    input_size: int | None = None,
    head: Literal["linear", "mlp"] | None = None,
    engine: Literal["openvino", "onnx", "keras"] | None = None,
    precision: Literal["auto", "f32", "bf16", "int8"] | None = None,
    validation: float | None = None,
    class_weight: Literal["none", "balanced"] | None = None,
    seed: int | None = None,
    epochs: int | None = None,
    fine_tune: str | None = None,
    views: int | None = None,
    strict: bool | None = None,
    config: Path | None = None,
    output: Path = Path("runs"),
    name: str | None = None,
    time_limit: str | None = None,
    assert_accuracy: float | None = None,
) -> int:
    """Train a classifier on a folder of pictures and write a run folder with its report.

    Parameters
    ----------
    pictures
        Folder with a subfolder for each class; or with train/ and val/ (and test/) holding such; or a CSV or
        Parquet manifest with columns path, label[, split][, group].
    backbone
        Frozen network that makes the features (default: efficientnet-lite0, which is in the box). The command
        `headstart backbones` lists them.
    weights
        'imagenet' (default), or a file of the backbone's weights without top.
    input_size
        Side of the square input in pixels (default: the backbone's own).
    head
        What is trained on the features: linear (default; logistic regression, cross-validated and
        calibrated), or mlp (Dense 256, Dropout, Dense 64; needs TensorFlow, JAX or PyTorch).
    engine
        What runs the backbone: openvino (default), onnx (needs the extra [onnx]) or keras.
    precision
        auto (default) takes bf16 where the processor has it and its features agree with f32. int8 quantises
        the backbone, calibrated on your pictures, and is refused where that gains nothing; it needs the extra
        headstart[int8].
    validation
        Share of pictures to validate on where the layout gives none (default: 0.2).
    class_weight
        balanced: every class counts the same, however many pictures it has.
    seed
        Seeds the split, the folds and the head (default: 0).
    epochs
        Most epochs of --head mlp (default: 50) or of --fine-tune (default: 12).
    fine_tune
        Train the backbone's last part further, with the head: auto (its last stage or two), the beginning
        of a layer's name (block5), a count of layers, or a share of them (0.25). The better of before and
        after is saved. Needs TensorFlow, JAX or PyTorch.
    views
        Random views of each training picture (a part of it, mirrored, in other light), the picture itself
        counted (default: 1; with --fine-tune 4). They are computed once and kept.
    strict
        Stop at a picture that cannot be read instead of leaving it out.
    config
        A config.toml of an earlier run; options given beside it win.
    output
        Folder that holds run folders.
    name
        Name of the run folder (default: time and backbone).
    time_limit
        Time after which the run should be whole, such as 30s or 5min: the head is then trained on the
        pictures seen so far. Ctrl-C once does the same at any time.
    assert_accuracy
        Exit with status 1 if the accuracy is below this share.
    """
    from headstart.cli.voice import TerminalVoice
    from headstart.core.errors import SettingsError
    from headstart.core.quantities import seconds_of
    from headstart.runs.settings import Settings, read_config
    from headstart.runs.train import train_run

    given = {
        "pictures": pictures,
        "backbone": backbone,
        "weights": weights,
        "input_size": input_size,
        "head": head,
        "engine": engine,
        "precision": precision,
        "validation": validation,
        "class_weight": class_weight,
        "seed": seed,
        "epochs": epochs,
        "fine_tune": fine_tune,
        "views": views,
        "strict": strict,
    }
    values = read_config(config) if config else {}
    values |= {key: value for key, value in given.items() if value is not None}
    if "pictures" not in values:
        raise SettingsError(
            "train takes PICTURES, a folder or a manifest", "none", "give one, or a --config that names one"
        )
    if assert_accuracy is not None and not 0 <= assert_accuracy <= 1:
        raise SettingsError(
            "--assert-accuracy must be a share from 0 to 1", str(assert_accuracy), "give such as 0.95"
        )
    limit = None if time_limit is None else seconds_of(time_limit, "--time-limit")
    run = train_run(Settings(**values), output=output, name=name, time_limit=limit, voice=TerminalVoice())
    accuracy = run.metrics["accuracy"]
    if assert_accuracy is not None and accuracy["value"] < assert_accuracy:
        print(
            f"headstart train: accuracy {accuracy['value']:.4f} is below the asserted {assert_accuracy}",
            file=sys.stderr,
        )
        return FELL_SHORT
    return OK
