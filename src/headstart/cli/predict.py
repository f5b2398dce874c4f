"""`headstart predict`."""

from __future__ import annotations

import sys
from pathlib import Path

from headstart.cli import OK


def command(run: Path, pictures: tuple[Path, ...], /, *, output: Path | None = None) -> int:
    """Classify pictures with a finished run: file beside class and probabilities, as CSV.

    Parameters
    ----------
    run
        A run folder, or runs/last.
    pictures
        Picture files, and folders that are searched for them. A file that cannot be read becomes a row with
        its error.
    output
        A .csv or .json file to write instead of standard output.
    """
    from headstart.cli.voice import TerminalVoice
    from headstart.runs.folder import open_run
    from headstart.use.predict import check_output, predict_files, write_csv, write_predictions

    if output is not None:
        check_output(output)
    opened = open_run(run)
    voice = TerminalVoice(aside=True)
    predictions = predict_files(opened, list(pictures), voice)
    bad = sum(bool(one.error) for one in predictions)
    if output is None:
        write_csv(predictions, opened.class_names, sys.stdout)
    else:
        write_predictions(predictions, opened.class_names, output)
        voice.say(f"{len(predictions):,} files, {bad:,} of them unreadable: {output}")
    return OK
