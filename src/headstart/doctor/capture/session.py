"""One examination in this process: run the script, look at each fit, ask the rules."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.core.errors import HeadstartError
from headstart.doctor.asking import arrange, ask
from headstart.doctor.capture.ahead import trains_again
from headstart.doctor.capture.patches import install_all
from headstart.doctor.capture.peek import peek
from headstart.doctor.capture.places import UserFiles
from headstart.doctor.capture.run import Outcome, StopHere, crash_of, run
from headstart.doctor.capture.samples import Sample
from headstart.doctor.capture.source import read
from headstart.doctor.capture.trace import Event, Trace
from headstart.doctor.case import Case
from headstart.doctor.records import Crash, Diagnosis, Finding
from headstart.doctor.rules import pick


@dataclass(frozen=True)
class Options:
    """How to examine.

    Attributes:
        through: Whether to let the script train and watch on to its end.
        select: Rules or groups to ask; empty for all.
        ignore: Rules or groups to leave out.
    """

    through: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class Session:
    """Holds what an examination gathers.

    Args:
        on_first_fit: Called once with the diagnosis as it stands at the first fit, before the script is
            ended: a child process writes it down there, whatever the user's code does next.
    """

    def __init__(
        self,
        script: str,
        args: Sequence[str] = (),
        options: Options | None = None,
        on_first_fit: Callable[[Diagnosis], None] | None = None,
    ) -> None:
        self.script = script
        self.args = tuple(args)
        self.options = options or Options()
        self.on_first_fit = on_first_fit
        self.findings: list[Finding] = []
        self.failures: dict[str, str] = {}
        self.cases: list[Case] = []
        self.seconds: dict[str, float] = {"script": 0.0, "look": 0.0, "total": 0.0}
        self._started = time.perf_counter()

    def examine(self) -> Diagnosis:
        """Runs the script and gives the diagnosis."""
        rules = pick(self.options.select, self.options.ignore)
        try:
            self.units = read(self.script)
        except HeadstartError as error:
            return Diagnosis(self.script, (), "unreadable", str(error))
        cells = {unit.filename: unit.cell for unit in self.units if unit.cell is not None}
        files = UserFiles(self.script, cells)
        for unit in self.units:
            try:
                unit.code()
            except (SyntaxError, ValueError) as error:
                return Diagnosis(
                    self.script,
                    (),
                    "unreadable",
                    f"the script is not valid Python: {error}",
                    crash_of(error, files),
                )
        self.rules = rules
        trace = Trace(files, self._on_fit, self.options.through)
        self.trace = trace
        install_all()
        outcome = run(self.units, self.script, self.args, trace)
        return self._close(outcome, trace)

    def _close(self, outcome: Outcome, trace: Trace) -> Diagnosis:
        if outcome.ending != "fit":
            started = time.perf_counter()
            last = self.cases[-1] if self.cases else None
            case = Case(
                self.script,
                self.units,
                trace,
                "end",
                last.fit if last else None,
                last.model if last else None,
                last.train if last else None,
                outcome.error,
                outcome.crash,
            )
            self.findings.extend(ask(case, self.rules, self.failures))
            self.seconds["look"] += time.perf_counter() - started
            self.cases.append(case)
        return self._diagnosis(outcome.ending, outcome.note, outcome.crash)

    def _diagnosis(self, ending: Any, note: str = "", crash: Crash | None = None) -> Diagnosis:
        total = time.perf_counter() - self._started
        seconds = {**self.seconds, "total": total, "script": total - self.seconds["look"]}
        fits = sum(1 for case in self.cases if case.stage == "fit")
        if not note and not fits and ending in ("end", "exit"):
            note = "the script ended without training a Keras model"
        for case in self.cases[:1]:
            stand_ins = case.trace.facts.get("stand-ins")
            if stand_ins and not note:
                note = (
                    "the pretrained weights could not be fetched; random weights stood in for them, "
                    "so what depends on their values was not judged"
                )
        if ending == "fit" and not note and self.cases and self._trains_again():
            note = "the script trains again after this fit; --through watches that too"
        versions = self.cases[0].versions if self.cases else {}
        return Diagnosis(
            self.script,
            arrange(self.findings),
            ending,
            note,
            crash,
            seconds,
            versions,
            fits,
            dict(self.failures),
        )

    def _trains_again(self) -> bool:
        fit = self.cases[-1].fit
        place = fit.place if fit is not None else None
        return place is not None and place.file == self.script and trains_again(self.units, place)

    def _on_fit(self, trace: Trace, event: Event) -> Mapping[str, Any] | None:
        if trace.facts.get("stopped"):
            # The user's code caught the end of the run and went on: end it again.
            raise StopHere
        if event.kind == "train-on-batch" and any(
            case.fit and case.fit.kind == event.kind for case in self.cases
        ):
            return None
        started = time.perf_counter()
        with trace.paused():
            sample, instead = self._look(event, trace)
            case = Case(self.script, self.units, trace, "fit", event, event.subject, sample)
            case.build()
            self.cases.append(case)
            self.findings.extend(ask(case, self.rules, self.failures))
        self.seconds["look"] += time.perf_counter() - started
        if not trace.through:
            trace.facts["stopped"] = True
            if self.on_first_fit is not None:
                self.on_first_fit(self._diagnosis("fit"))
            raise StopHere
        return instead

    def _look(self, event: Event, trace: Trace) -> tuple[Sample | None, dict[str, Any] | None]:
        import types

        given = event.arguments
        try:
            sample, x = peek(
                given.get("x"),
                given.get("y"),
                given.get("sample_weight"),
                batch_size=given.get("batch_size"),
                steps=given.get("steps_per_epoch"),
            )
        except Exception as error:
            # The user's own loader fails: fit would meet the same, so it is for the rules to explain.
            trace.facts["data-error"] = error
            return None, None
        changed: dict[str, Any] = {}
        if x is not given.get("x"):
            changed["x"] = x
        validation = given.get("validation_data")
        if isinstance(validation, types.GeneratorType):
            trace.facts["validation-sample"], changed["validation_data"] = peek(validation)
        return sample, changed or None
