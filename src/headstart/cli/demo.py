"""`headstart demo`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from headstart.cli import OK


def command(*, pictures: int = 400, seed: int = 0, output: Path = Path("runs"), show: bool = False) -> int:
    """See the whole path on pictures that are drawn here: no network, no data, well under a minute.

    Parameters
    ----------
    pictures
        How many pictures to draw, in two classes.
    seed
        Seeds the drawing and the training.
    output
        Folder that holds run folders.
    show
        Open the report in the browser.
    """
    from headstart.cli.voice import TerminalVoice
    from headstart.core.errors import SettingsError
    from headstart.core.progress import duration
    from headstart.runs.settings import Settings
    from headstart.runs.train import train_run
    from headstart.use.demo import draw

    if not 20 <= pictures <= 100_000:
        raise SettingsError("--pictures must lie in 20..100000", str(pictures), "give another number")
    voice = TerminalVoice()
    with tempfile.TemporaryDirectory(prefix="headstart-demo-") as folder:
        import time

        began = time.perf_counter()
        draw(Path(folder) / "demo", pictures=pictures, seed=seed)
        voice.say(f"{pictures} pictures drawn in {duration(time.perf_counter() - began)}")
        run = train_run(Settings(pictures=str(Path(folder) / "demo"), seed=seed), output=output, voice=voice)
    if show:
        import webbrowser

        webbrowser.open(run.report_path.resolve().as_uri())
    return OK
