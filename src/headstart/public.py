"""The functions behind the commands: train, predict, evaluate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headstart.core.progress import Voice
    from headstart.runs.folder import Run
    from headstart.runs.metrics import Metrics
    from headstart.use.predict import Prediction


def train(
    pictures: str | Path,
    *,
    backbone: str = "efficientnet-lite0",
    weights: str | Path = "imagenet",
    input_size: int | None = None,
    head: str = "linear",
    engine: str = "openvino",
    precision: str = "auto",
    validation: float = 0.2,
    class_weight: str | None = None,
    seed: int = 0,
    strict: bool = False,
    epochs: int | None = None,
    fine_tune: str | None = None,
    views: int | None = None,
    output: str | Path = "runs",
    name: str | None = None,
    time_limit: float | None = None,
    voice: Voice | None = None,
) -> Run:
    """Trains a classifier on a folder of pictures and writes its run folder.

    Args:
        pictures: Folder with a subfolder for each class, or with train/ and val/ (and test/) holding
            such, or a CSV or Parquet manifest with columns path, label[, split][, group].
        backbone: Name of the backbone; `headstart backbones` lists them.
        weights: 'imagenet', or a file of weights.
        input_size: Side of the square input in pixels; None is the backbone's own.
        head: 'linear' or 'mlp'.
        engine: 'openvino', 'onnx' or 'keras'.
        precision: 'auto', 'f32', 'bf16', or 'int8' (needs the extra int8).
        validation: Share of pictures to validate on, where the layout gives none.
        class_weight: 'balanced': every class counts the same. None: every picture does.
        seed: Seeds the split, the folds and the head.
        strict: Whether an unreadable picture is an error.
        epochs: Most epochs of `head='mlp'` (None: 50) or of fine-tuning (None: 12).
        fine_tune: From where on the backbone is trained further: 'auto' (its last one or two stages), the
            beginning of a layer's name, a count of layers, or a share of them; None leaves it as it is.
        views: Random views of each training picture, itself counted; None is 1, with fine-tuning 4.
        output: Folder that holds run folders.
        name: The run folder's name; None makes one of time and backbone.
        time_limit: Seconds after which the run should be whole, about, with the head trained on the pictures
            seen by then; None is no limit.
        voice: Told what happens; None says nothing.

    Returns:
        The run: its folder, classes and metrics.

    Raises:
        HeadstartError: With what was wrong and what to do.
    """
    from headstart.runs.settings import Settings
    from headstart.runs.train import train_run

    settings = Settings(
        pictures=str(pictures),
        backbone=backbone,
        weights=str(weights),
        input_size=input_size or 0,
        head=head,
        engine=engine,
        precision=precision,
        validation=validation,
        class_weight=class_weight or "none",
        seed=seed,
        strict=strict,
        epochs=epochs or 0,
        fine_tune=fine_tune or "",
        views=views or 0,
    )
    return train_run(settings, output=Path(output), name=name, time_limit=time_limit, voice=voice)


def predict(
    run: str | Path, pictures: Sequence[str | Path], *, voice: Voice | None = None
) -> tuple[Prediction, ...]:
    """Classifies pictures with a run; a file that cannot be read gets a prediction with its error.

    Args:
        run: A run folder, or 'runs/last'.
        pictures: Files and folders.
        voice: Told what happens; None says nothing.

    Raises:
        HeadstartError: If the run cannot be used, or a path does not exist.
    """
    from headstart.runs.folder import open_run
    from headstart.use.predict import predict_files

    return predict_files(open_run(Path(run)), [Path(p) for p in pictures], voice)


def evaluate(run: str | Path, pictures: str | Path, *, voice: Voice | None = None) -> Metrics:
    """Measures a run on other labelled pictures.

    Args:
        run: A run folder, or 'runs/last'.
        pictures: Labelled pictures, in any layout that training takes.
        voice: Told what happens; None says nothing.

    Raises:
        HeadstartError: If the run or the pictures cannot be used.
    """
    from headstart.runs.folder import open_run
    from headstart.use.evaluate import evaluate_run

    return evaluate_run(open_run(Path(run)), Path(pictures), voice)
