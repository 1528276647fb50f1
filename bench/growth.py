"""How the cost of reading and judging grows with what is sent: python -m bench.growth.

A body made to have a fault everywhere must cost no more than its size: four times the members, about four
times the time. Medians of several runs, as ratios; a ratio near sixteen would be a walk over all for each.
"""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from datetime import date

from schemas.judging import judge
from schemas.lifecycle import Fact, fold
from schemas.penalty import Penalty
from schemas.reading import read_json

TODAY = date(2026, 11, 22)
RUNS = 7


def unknown_names(count: int) -> Callable[[], object]:
    """Judge a record of nothing but names the standard does not have."""
    payload = {f"a{n}": 1 for n in range(count)}
    return lambda: judge("penalty", payload, TODAY)


def repeated_name(count: int) -> Callable[[], object]:
    """Read an object of many names, one of them twice."""
    raw = ("{" + ",".join(f'"a{n}": 1' for n in range(count)) + ', "a0": 1}').encode()
    return lambda: read_json(raw)


def fractions(count: int) -> Callable[[], object]:
    """Read an array of nothing but fractions."""
    raw = ("[" + ",".join(["1.5"] * count) + "]").encode()
    return lambda: read_json(raw)


def waiting_facts(count: int) -> Callable[[], object]:
    """Fold payments without a decision and one outcome they contradict."""
    facts = [Fact("paid", date(2026, 1, 1 + n % 28)) for n in range(count // 50)]
    facts.append(Fact("not_punished", date(2026, 3, 1)))
    return lambda: fold(Penalty.steps, facts)


def seconds(work: Callable[[], object]) -> float:
    """The median time of one piece of work."""
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print, for each case, how much longer four times as much takes."""
    print(f"Python {platform.python_version()}, median of {RUNS}; ratio of the time for 8,000 to that for 2,000")
    for case in (unknown_names, repeated_name, fractions, waiting_facts):
        print(f"  {case.__name__:<16}{seconds(case(8000)) / seconds(case(2000)):6.1f}")


if __name__ == "__main__":
    main()
