"""What became of the lines of a batch, as text in a private file until it is read out in the order of the lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Literal, NamedTuple

from app.exchange.spool import Place, Places, piece
from app.exchange.submissions import Outcome
from app.refusals import Refusal

Fate = Literal["accepted", "repeated", "rejected"]
_FATES: tuple[Fate, ...] = ("accepted", "repeated", "rejected")
_BLOCK = 64 * 1024


class Result(NamedTuple):
    """What became of one line. `code`: of its refusal. `text`: the JSON that its sender is told."""

    number: int
    fate: Fate
    code: str | None
    text: bytes


def fate_of(outcome: Outcome) -> Fate:
    """What an outcome counts as."""
    if isinstance(outcome, Refusal):
        return "rejected"
    return "accepted" if outcome.is_new else "repeated"


class Results:
    """One result for each line, put in in any order."""

    def __init__(self, file: IO[bytes], lines: int) -> None:
        self._file = file
        self._places = Places(lines)
        self._fates = bytearray(lines)
        self._instead: Callable[[int], bytes] | None = None
        self.was_told = False
        """Whether this is the answer that was given before."""
        self.codes: Counter[str] = Counter()
        self.counts: dict[Fate, int] = dict.fromkeys(_FATES, 0)

    def __len__(self) -> int:
        return len(self._places)

    def put(self, results: Iterable[Result]) -> None:
        """Keep some results."""
        at = self._file.seek(0, 2)
        for result in results:
            self._places[result.number] = Place(at, self._file.write(result.text))
            self._fates[result.number] = 1 + _FATES.index(result.fate)
            self.counts[result.fate] += 1
            if result.code is not None:
                self.codes[result.code] += 1
            at += len(result.text)

    def of(self, numbers: Iterable[int]) -> list[Result]:
        """What is told of some lines, none of which was refused."""
        return [Result(number, _FATES[self._fates[number] - 1], None, self._text(number)) for number in numbers]

    @property
    def is_anything_stored(self) -> bool:
        """Whether any line was taken in, now or before."""
        return self.counts["accepted"] + self.counts["repeated"] > 0

    def reject_the_good(self, code: str, text: Callable[[int], bytes]) -> None:
        """Let the lines that were good by themselves answer with `text` (by line number): nothing was stored."""
        self._instead = text
        self.codes[code] += len(self) - self.counts["rejected"]
        self.counts = {"accepted": 0, "repeated": 0, "rejected": len(self)}

    def pieces(self) -> Iterator[bytes]:
        """The answer, counts first, in pieces of some size."""
        held = bytearray(b'{"accepted":%d,"repeated":%d,"rejected":%d,"results":[' % tuple(self.counts.values()))
        for number in range(len(self)):
            held += b"," if number else b""
            held += self._text(number)
            if len(held) >= _BLOCK:
                yield bytes(held)
                held.clear()
        held += b"]}"
        yield bytes(held)

    def _text(self, number: int) -> bytes:
        fate = _FATES[self._fates[number] - 1]
        if self._instead is not None and fate != "rejected":
            return self._instead(number)
        return piece(self._file, self._places[number])

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
