"""Close old transcripts, the oldest first. May be killed anywhere and run again: what is done is passed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from agent.bootstrap import House
from agent.closer import Closer
from agent.domain.scan import ScanReport
from agent.domain.transcript import Transcript
from agent.errors import CloserError, ConfigError, Unavailable
from agent.interfaces.backfill.histories import Source
from agent.interfaces.backfill.ledger import Ledger

LIVE = timedelta(minutes=5)
"""What was written to so lately may be going on."""
OPEN = 1_000
"""Sessions of the registry that are asked whether they are open."""

Outcome = Literal["closed", "unchanged", "nothing", "left alone", "failed"]
OUTCOMES: tuple[Outcome, ...] = ("closed", "unchanged", "nothing", "left alone", "failed")
_OUTCOME: dict[str, Outcome] = {"close": "closed", "done": "unchanged", "nothing": "nothing"}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one conversation, or of a source none of whose conversations were looked at."""

    source: Path
    outcome: Outcome
    session: str = ""
    why: str = ""

    def facts(self) -> dict[str, str]:
        return {"source": str(self.source), "session": self.session, "outcome": self.outcome, "why": self.why}


@dataclass(slots=True)
class Tally:
    """What became of all of them."""

    results: list[Result]

    @property
    def counts(self) -> dict[Outcome, int]:
        return {outcome: sum(result.outcome == outcome for result in self.results) for outcome in OUTCOMES}

    @property
    def failures(self) -> list[Result]:
        return [result for result in self.results if result.outcome == "failed"]

    def as_json(self) -> dict[str, Any]:
        return {"counts": self.counts, "failed": [failure.facts() for failure in self.failures]}


class _Past:
    """Stands for the scanner: what an old conversation changed has been changed since. Satisfies `ChangeScanner`."""

    def scan(self, repository: Path, start_commit: str | None, start_tree: str | None) -> ScanReport:
        return ScanReport("skipped", "backfill")


def closer_of_the_past(home: str | Path | None) -> Closer:
    """The memory at a home, for conversations that ended long ago: it scans no code."""
    with Closer.at(home) as made:
        house = House(made.settings)
    house.scanner = _Past()
    return Closer(house)


def due(
    found: Sequence[Source], ledger: Ledger, since: date | None, now: datetime
) -> tuple[list[Source], list[Result]]:
    """What is to be closed, the oldest first, and what isn't: unchanged, or perhaps still going on. What ended before
    `since` is neither."""
    wanted: list[tuple[datetime, Source]] = []
    passed: list[Result] = []
    for source in found:
        try:
            if ledger.finished(source):
                passed.append(Result(source.path, "unchanged"))
            elif not source.path.is_dir() and _recent(source, now):
                passed.append(Result(source.path, "left alone", why="it was written to just now"))
            elif since is None or source.path.is_dir() or source.ended().date() >= since:
                wanted.append((source.ended(), source))
        except OSError as error:
            passed.append(Result(source.path, "failed", why=error.strerror or str(error)))
    return [source for _, source in sorted(wanted, key=lambda one: (one[0], one[1].path))], passed


def _recent(source: Source, now: datetime) -> bool:
    return now - datetime.fromtimestamp(source.changed / 1e9, UTC) < LIVE


class Backfill:
    """One run."""

    def __init__(self, closer: Closer, ledger: Ledger, since: date | None, now: datetime) -> None:
        self._closer, self._ledger, self._since, self._now = closer, ledger, since, now
        # Not those that are closing: one of them may be what a killed run was at, and to close twice is harmless.
        rows = [row for row in closer.sessions.listed(OPEN) if row.status == "open"]
        self._open = {str(row.key) for row in rows}
        self._read_by_hooks = {str(row.extra.get("transcript", "")) for row in rows}

    def close(self, source: Source) -> list[Result]:
        """Close the conversations of a source. Raises what concerns them all: ConfigError, Unavailable."""
        results: list[Result] = []
        try:
            results.extend(self._results(source))
        except (ConfigError, Unavailable):
            raise
        except CloserError as error:
            results.append(Result(source.path, "failed", why=error.message))
        except Exception as error:  # noqa: BLE001 - one transcript must not stop the others; it is named at the end
            results.append(Result(source.path, "failed", why=f"{type(error).__name__}: {error}"))
        if not {result.outcome for result in results} & {"left alone", "failed"}:
            with suppress(FileNotFoundError):  # deleted meanwhile: hosts tidy up
                self._ledger.finish(source)
        return results

    def _results(self, source: Source) -> Iterator[Result]:
        if str(source.path) in self._read_by_hooks:
            yield Result(source.path, "left alone", why="its session is open")
            return
        none = True
        for talk in self._closer.conversations(source.path) if source.size else ():
            none = False
            yield self._result(source, talk)
        if none:
            yield Result(source.path, "nothing", why="nobody spoke in it")

    def _result(self, source: Source, talk: Transcript) -> Result:
        session = str(talk.session)
        if why := self._going_on(source, talk):
            return Result(source.path, "left alone", session, why)
        if self._ledger.closed(talk):
            return Result(source.path, "unchanged", session)
        ended = min(talk.ended or datetime.fromtimestamp(source.changed / 1e9, UTC), self._now)
        if self._since is not None and ended.date() < self._since:
            return Result(source.path, "left alone", session, "it ended before")
        receipt = self._closer.close(talk, when=ended)
        self._ledger.close(talk)
        return Result(source.path, _OUTCOME[receipt.outcome], session, receipt.reason)

    def _going_on(self, source: Source, talk: Transcript) -> str:
        if str(talk.session) in self._open:
            return "its session is open"
        row = self._closer.sessions.get(talk.session)
        if row is not None and row.status == "abandoned":
            return "it was rolled back"
        ended = talk.ended if source.path.is_dir() else None
        return "it was written to just now" if ended is not None and self._now - ended < LIVE else ""
