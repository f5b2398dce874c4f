"""Ten looks at one script say the same: findings, lines, severities, order, and what is no time of the clock."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.gradients, pytest.mark.slow]

FAULTS = Path(__file__).resolve().parents[2] / "examples" / "faults"
RUNS = 10


def said(diagnosis) -> list[tuple[object, ...]]:
    return [
        (
            f.rule,
            f.severity,
            f.place and (f.place.line, f.place.column),
            {k: v for k, v in f.evidence.items() if "second" not in k and "times" not in k},
            f.explains,
        )
        for f in diagnosis.all_findings
    ]


@pytest.mark.parametrize("name", ["so_48934338", "so_55328966", "so_31880720"])
def test_ten_looks_say_the_same(name: str, tmp_path: Path) -> None:
    from headstart.doctor.examination import examine

    looks = []
    for _ in range(RUNS):
        with (tmp_path / "output.txt").open("wb") as output:
            looks.append(said(examine(FAULTS / name / "faulty.py", output=output, timeout=300)))
    assert looks[0]
    assert looks == [looks[0]] * RUNS
