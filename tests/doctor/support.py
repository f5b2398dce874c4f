"""How the doctor's tests run many small programs quickly: in this process, with Keras imported once.

`run_doctor(..., child=True)` uses a process of its own, as the command does; it is for robustness tests.
"""

from __future__ import annotations

import contextlib
import io
import os
import textwrap
import warnings
from pathlib import Path

from headstart.core import backend
from headstart.doctor.capture.session import Options, Session
from headstart.doctor.probes.untouched import untouched
from headstart.doctor.records import Diagnosis, Finding
from headstart.doctor.repair.patch import patches


def run_doctor(
    source: str,
    tmp_path: Path,
    *args: str,
    name: str = "script.py",
    through: bool = False,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    child: bool = False,
    timeout: float | None = 120,
) -> Diagnosis:
    """Writes a program into `tmp_path` and examines it there.

    Args:
        source: The program; common indentation is taken off.
        args: What the program finds in `sys.argv[1:]`.
        select: Rules to ask, to keep a test to the point and quick; empty for all.
    """
    script = tmp_path / name
    script.write_text(textwrap.dedent(source), encoding="utf-8")
    if child:
        from headstart.doctor.examination import examine

        with (tmp_path / "output.txt").open("wb") as output:
            return examine(
                script,
                args,
                through=through,
                timeout=timeout,
                select=select,
                ignore=ignore,
                folder=tmp_path,
                output=output,
            )
    keras = backend.ensure(gradients=True)
    keras.utils.clear_session()
    keras.config.set_floatx("float32")
    keras.mixed_precision.set_global_policy("float32")
    folder = Path.cwd()
    session = Session(str(script), args, Options(through, select, ignore))
    try:
        os.chdir(tmp_path)
        with untouched(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            # The programs are users' programs: their warnings are no failures of ours.
            warnings.simplefilter("ignore")
            diagnosis = session.examine()
    finally:
        os.chdir(folder)
    assert not session.failures, f"rules raised: {session.failures}"
    return diagnosis


def only(diagnosis: Diagnosis, rule: str) -> Finding:
    """The one finding of a rule; fails the test, saying why, where there is not exactly one."""
    assert diagnosis.crash is None or diagnosis.fits, diagnosis.crash.traceback  # type: ignore[union-attr]
    found = diagnosis.of(rule)
    assert len(found) == 1, f"{rule}: {len(found)} findings; all: {names(diagnosis)}; {diagnosis.note}"
    return found[0]


def names(diagnosis: Diagnosis) -> list[str]:
    """The rules that spoke at warning or above."""
    return [f.rule for f in diagnosis.all_findings if f.severity != "info"]


def silent(diagnosis: Diagnosis, *rules: str) -> None:
    """Fails the test if one of the rules spoke, or if no fit was reached."""
    assert diagnosis.fits, f"no fit was reached: {diagnosis.ending} {diagnosis.note} {diagnosis.crash}"
    spoke = [f for f in diagnosis.all_findings if f.rule in rules]
    assert not spoke, spoke


def line_of(finding: Finding, tmp_path: Path, name: str = "script.py") -> str:
    """The text of the line that a finding points at."""
    assert finding.place is not None, f"{finding.rule} has no place"
    assert Path(finding.place.file).name == name
    return (tmp_path / name).read_text(encoding="utf-8").splitlines()[finding.place.line - 1].strip()


def repaired(diagnosis: Diagnosis, *rules: str, safe_only: bool = False) -> str:
    """The program with the edits of the rules made; of all rules if none is named."""
    wanted = [f for f in diagnosis.all_findings if not rules or f.rule in rules]
    made = patches(wanted, safe_only=safe_only)
    assert len(made) == 1, f"edits for {len(made)} files"
    assert not made[0].refused, made[0].refused
    return made[0].after
