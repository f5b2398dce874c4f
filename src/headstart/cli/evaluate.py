"""`headstart evaluate`."""

from __future__ import annotations

import json
from pathlib import Path

from headstart.cli import FELL_SHORT, OK


def command(
    run: Path, pictures: Path, /, *, output: Path | None = None, assert_accuracy: float | None = None
) -> int:
    """Measure a finished run on other labelled pictures.

    Parameters
    ----------
    run
        A run folder, or runs/last.
    pictures
        Labelled pictures, in any layout that training takes.
    output
        A .json file for the metrics, in the form of a run's metrics.json.
    assert_accuracy
        Exit with status 1 if the accuracy is below this share.
    """
    from headstart.cli.voice import TerminalVoice
    from headstart.core import atomic
    from headstart.core.errors import SettingsError
    from headstart.runs.folder import open_run
    from headstart.use.evaluate import evaluate_run

    if output is not None and not output.resolve().parent.is_dir():
        raise SettingsError(
            "--output must lie in a folder that exists", str(output), "make that folder first"
        )
    voice = TerminalVoice(aside=True)
    metrics = evaluate_run(open_run(run), pictures, voice)
    accuracy = metrics.accuracy
    print(
        f"accuracy {accuracy.value:.4f}, 95 % interval {accuracy.low:.4f} to {accuracy.high:.4f},"
        f" on {accuracy.n:,} pictures; always answering {metrics.majority_class!r}"
        f" gives {metrics.majority_share.value:.4f}"
    )
    for title, found in (
        ("balanced accuracy", metrics.balanced_accuracy),
        ("log loss", metrics.log_loss),
        ("calibration error", metrics.calibration_error),
    ):
        print(f"{title} {found:.4f}")
    for one in metrics.classes:
        print(f"{one.name}: precision {one.precision}, recall {one.recall}")
    if output is not None:
        text = json.dumps(metrics.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)
        try:
            atomic.write_text(output, text + "\n")
        except OSError as error:
            raise SettingsError(
                "--output must be a file that can be written",
                f"{output} ({error.strerror})",
                "choose another place",
            ) from error
    return FELL_SHORT if assert_accuracy is not None and accuracy.value < assert_accuracy else OK
