"""Short trainings on the live model, put back after each: what the planned run comes to, and what helps.

The probe itself only gets things ready (rows, a held-out part, the loss of a constant answer); a rule asks
for runs, and those that are asked for twice are made once. Every run starts from the user's own weights.
"""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import rows_of, take_rows, to_numpy
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.guessing import accuracy_of, loss_of_guessing
from headstart.doctor.probes.meanwhile import one_thread
from headstart.doctor.probes.planned import own_training, planned_updates
from headstart.doctor.probes.runs import Run
from headstart.doctor.probes.stepping import Stepper, stepper
from headstart.doctor.probes.steps import optimizer_like
from headstart.doctor.probes.trial_rows import brought_to_scale, order_of, trial_rows, trial_weights
from headstart.doctor.probes.untouched import untouched, value_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case

SECONDS = 1.2
"""About how long the steps of one run may take. All times are the processor's: a busy machine must not change
what is found."""
IN_ALL = {"tensorflow": 4.5}
"""Seconds after which no further run is begun, by backend."""
ELSE = 6.5
"""The same where each step is a call of its own: more time buys the same runs."""
SLOW = 2.0
"""Seconds that a step may take, as judged from the flow, for one to be tried."""
LAYERS = 80
"""Layers of a net beyond which compiling a step takes seconds by itself."""
SIZES = (20, 50, 100, 200, 500)
"""Steps of a run: the most of these that fit into the time."""
ENOUGH = 200
"""Steps after which a net that learns at all shows it. Many more than the user's fit makes would tell of rows
learned by heart, and of no fault in the script."""
FEWEST = SIZES[0]
"""Steps that must fit into the time, or nothing is measured."""
CHUNK = 20
"""Steps that are taken before the time is looked at."""
TRIAL = ((0, 1), (1, 2), (2, 5), (5, 15))
"""Steps that are taken to see how long one is; the first compiles."""
TRIED = TRIAL[-1][-1]


def _now() -> float:
    """The processor's time; under PyTorch, whose helper threads wait in a loop, this thread's."""
    return time.thread_time() if _backend() == "torch" else time.process_time()


def _backend() -> str:
    import keras

    return str(keras.config.backend())


Change = Callable[[], AbstractContextManager[Any]]


@dataclass
class Lab:
    """Makes runs.

    Attributes:
        plan: Updates that the user's `fit` would make, or None where that is not known.
        guess: The loss of the best constant answer on the held-out rows.
        fit_rows: Rows that are trained on.
        held_rows: Rows that are measured on; the trained ones themselves where there are too few.
        batch_size: Rows of a step.
        split: Whether the rows that are measured on were kept apart.
        facts: What rules work out together.
    """

    case: Case
    plan: int | None
    guess: float
    batch_size: int
    fit: tuple[Any, Any, Any]
    held: tuple[Any, Any, Any]
    split: bool
    spent: float = 0.0
    kept: dict[Any, Run] = field(default_factory=dict)
    steppers: dict[Any, Stepper] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def room(self) -> int:
        """Steps that fit into the time of a run: a few are taken to see.

        Raises:
            ProbeError: If too few do.
        """
        started = _now()
        with self._apart():
            rate = self._own_rate()
            one = self._stepper(None, rate, 1.0, None)
            one.begin(rate)
            order = order_of(self.fit_rows, self.batch_size, TRIED, 0)
            seconds = []
            for part in TRIAL:
                before = _now()
                one.steps(self.fit, order, *part)
                seconds.append((_now() - before) / (part[1] - part[0]))
                if len(seconds) > 1 and seconds[-1] * FEWEST > 2 * SECONDS:
                    # However long it is looked at, a step will not be short enough.
                    break
        self.spent += _now() - started
        room = int(SECONDS / max(min(seconds[1:]), 1e-6))
        if room < FEWEST:
            raise ProbeError("a step takes too long")
        # In a few sizes only, so that the same script gets the same runs.
        return max(size for size in SIZES if size <= room)

    @property
    def usual_steps(self) -> int:
        """Steps of a run where a rule asks for no number: those of the user's fit, ENOUGH at least."""
        return self.room if self.plan is None else min(self.room, max(self.plan, ENOUGH))

    @contextlib.contextmanager
    def _apart(self) -> Iterator[None]:
        """Whatever is done to the model inside is undone; what it raises silences the rule that asked."""
        try:
            with (
                untouched(self.case.model),
                warnings.catch_warnings(),
                np.errstate(all="ignore"),
                one_thread(),
            ):
                warnings.simplefilter("ignore")
                yield
        except ProbeError:
            raise
        except Exception as error:
            raise ProbeError(f"{type(error).__name__}: {error}") from error

    @property
    def fit_rows(self) -> int:
        """Rows that are trained on."""
        return rows_of(self.fit[0])

    @property
    def held_rows(self) -> int:
        """Rows that are measured on."""
        return rows_of(self.held[0])

    @property
    def whole_plan(self) -> bool:
        """Whether the user's whole run can be made step by step."""
        return self.plan is not None and self.plan <= self.room

    def planned(self, factor: float = 1.0, seed: int = 0) -> Run:
        """The user's run at `factor` times the rate: all of its updates where they fit.

        A longer run is made shorter: a hundredth of the steps at a hundred times the rate goes as far, while
        steps are small. It is for rates that may be too low; one that is too high, ask for by `run`.
        """
        if self.plan is None:
            raise ProbeError("the number of updates is not known")
        squeezed = max(1.0, self.plan / self.room)
        rate = self.case.rate
        if rate is None:
            raise ProbeError("the optimizer has no rate")
        return self.run(rate=rate * factor * squeezed, steps=min(self.plan, self.room), seed=seed)

    def of(self, model: Any) -> Lab:
        """The same rows for another compiled model, such as a wider one."""
        other = SimpleNamespace(model=model, optimizer=model.optimizer, rate=None)
        return replace(self, case=other, kept={}, steppers={}, facts={})  # type: ignore[arg-type]

    def run(
        self,
        optimizer: Any = None,
        *,
        rate: float | None = None,
        steps: int | None = None,
        batch_size: int | None = None,
        penalty: float = 1.0,
        standardised: bool = False,
        change: Change | None = None,
        key: Any = None,
        retrace: bool = False,
        seed: int = 0,
        every: int | None = None,
    ) -> Run:
        """Trains from the user's weights, measures, and puts everything back.

        Args:
            optimizer: In place of the user's, at a constant rate; the user's if None. Two of one class must
                differ in their rates only.
            rate: A constant rate in place of the optimizer's own.
            steps: How many; `usual_steps` if None, and never more than there is room for.
            batch_size: Rows of a step, if not the user's.
            penalty: A factor on the penalties of weight regularisers.
            standardised: Whether to train on inputs brought to mean 0 and spread 1, column by column.
            change: Something to enter meanwhile: an activation swapped, weights made smaller.
            key: A name for the change and the optimizer, under which the run is kept.
            retrace: Whether the change touches what is computed, not only values.
            seed: For the order of the rows.
            every: Measures the held-out rows after every so many steps too.

        Raises:
            ProbeError: If there is no time left, or the model cannot be trained.
        """
        steps = min(self.room, steps or self.usual_steps)
        if rate is None:
            # One compiled step serves all rates of an optimizer.
            rate = self._own_rate() if optimizer is None else float(value_of(optimizer.learning_rate))
        name = (key, type(optimizer).__name__, rate, steps, batch_size, penalty, standardised, seed, every)
        if name not in self.kept:
            if self.spent > IN_ALL.get(_backend(), ELSE):
                raise ProbeError("there is no time left for another run")
            started = _now()
            structure = key if retrace else None
            try:
                with self._apart(), (change or contextlib.nullcontext)():
                    self.kept[name] = self._run(
                        optimizer, rate, steps, batch_size, penalty, standardised, structure, seed, every
                    )
            finally:
                self.spent += _now() - started
        return self.kept[name]

    def _run(
        self,
        optimizer: Any,
        rate: float | None,
        steps: int,
        batch_size: int | None,
        penalty: float,
        standardised: bool,
        structure: Any,
        seed: int,
        every: int | None,
    ) -> Run:
        model = self.case.model
        fit, held = self.fit, self.held
        if standardised:
            fit, held = brought_to_scale(fit, held)
        one = self._stepper(optimizer, rate, penalty, structure)
        one.begin(rate)
        start = one.loss(held)
        losses: list[float] = []
        course: list[float] = []
        order = order_of(rows_of(fit[0]), batch_size or self.batch_size, steps, seed)
        started = _now()
        while len(losses) < steps:
            begin = len(losses)
            losses += one.steps(fit, order, begin, min(steps, begin + (every or CHUNK)))
            if not np.isfinite(losses[-1]):
                break
            if every and len(losses) % every == 0:
                one.end()
                course.append(one.loss(held))
            # The first steps compile; their time says nothing.
            if begin == 0:
                started = _now()
            if _now() - started > 3 * SECONDS:
                break
        one.end()
        end = one.loss(held) if np.isfinite(losses[-1]) else float("inf")
        accuracy = None
        if np.isfinite(end):
            accuracy = accuracy_of(held[1], to_numpy(model(held[0], training=False)))
        if not np.isfinite(end):
            end = float("inf")
        return Run(len(losses), tuple(losses), start, end, self.guess, accuracy, tuple(course))

    def _own_rate(self) -> float | None:
        """The user's rate where it is constant: None keeps a schedule."""
        kept = getattr(_inner(self.case.optimizer), "_learning_rate", None)
        return None if kept is None or callable(kept) else self.case.rate

    def _stepper(self, optimizer: Any, rate: float | None, penalty: float, structure: Any) -> Stepper:
        name = (type(optimizer).__name__, rate is None, penalty, structure)
        if name not in self.steppers:
            made = optimizer
            if made is None:
                made = optimizer_like(_inner(self.case.optimizer), rate)
            self.steppers[name] = stepper(self.case.model, made, penalty)
        return self.steppers[name]


def measure(case: Case) -> Lab:
    """Looks whether runs can be made, and gets the rows ready."""
    model = case.model
    if model is None or case.train is None or case.train.y is None or case.optimizer is None:
        raise ProbeError("there is no compiled model with targets")
    if not own_training(model):
        raise ProbeError("the model trains in a way of its own")
    if not model.trainable_variables:
        raise ProbeError("there is nothing to train")
    flow = case.probes.flow
    if not isinstance(flow.output, np.ndarray) or case.loss is None:
        raise ProbeError("the model has several outputs")
    x, y, weight = trial_rows(case)
    n = rows_of(x)
    if n < 2:
        raise ProbeError("there are too few rows")
    order = np.random.default_rng(1).permutation(n)
    split = n >= 40
    held = order[: max(8, min(n // 4, 300))] if split else order
    fit = order[len(held) :] if split else order
    size = max(1, min(case.train.batch_size or 32, len(fit)))
    parts = (x, y, trial_weights(case, y, weight))
    held_part = tuple(take_rows(part, held) for part in (x, y, None))
    guess = loss_of_guessing(case, held_part[1], flow.output)
    if guess is None or not np.isfinite(guess) or guess < 1e-6:
        raise ProbeError("the loss of guessing is not known")
    if len(case.layers) > LAYERS or flow.seconds_per_row * min(size, 32) * 3 > SLOW:
        raise ProbeError("a step takes too long")
    fit_part = tuple(take_rows(part, fit) for part in parts)
    return Lab(case, planned_updates(case), guess, size, fit_part, held_part, split)


def _inner(optimizer: Any) -> Any:
    return getattr(optimizer, "inner_optimizer", optimizer)
