"""The one facade. Every door and every benchmark goes through it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from agent import bootstrap
from agent.closing import follow
from agent.domain.decision import Plan
from agent.domain.hit import Hits
from agent.domain.progress import Listener, Progress
from agent.domain.receipt import Receipt
from agent.domain.session import Scope, SessionKey
from agent.domain.transcript import Transcript, Turn
from agent.errors import Busy, ConfigError, TranscriptError, UsageError
from agent.home import home_folder
from agent.settings import Settings, settings

if TYPE_CHECKING:
    from agent.closing.audit import AuditLog
    from agent.closing.watch import Sessions
    from agent.opening.brief import Brief
    from agent.opening.checks import Check
    from agent.ports import Jobs

Named = SessionKey | str
Source = Transcript | Sequence[Turn] | str | Path
RECALL_WAIT = 2.0
"""Seconds a recall waits for another process to be done with the home before it answers by words alone."""


class Closer:
    """A home and its memory. Cheap to make: each store is opened at its first use. Not to be shared by threads that
    call it at the same time; several processes may use one home, each waiting its turn."""

    def __init__(self, house: bootstrap.House, listener: Listener | None = None) -> None:
        self._house = house
        self._listener = listener

    @classmethod
    def at(
        cls,
        home: str | Path | None = None,
        config: Mapping[str, Any] | None = None,
        *,
        listener: Listener | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> Self:
        """The memory at `home` (default: `CLOSER_HOME`, else the platform's data folder). A home that isn't there yet
        is made, with an empty vault. `config` overrides settings, nested as in `config.yaml`.

        Raises ConfigError when settings or vault can't be used.
        """
        chosen = settings(home_folder(home), config or {})
        made = cls(bootstrap.House(chosen), listener)
        if clock is not None:
            made._now = clock  # type: ignore[method-assign]
        if not chosen.home.is_dir() or not (chosen.vault_path / ".git").exists():
            made.init()
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.shut()

    def shut(self) -> None:
        """Let go of files, models and connections. The object may be used again."""
        self._house.close()

    @property
    def settings(self) -> Settings:
        return self._house.settings

    def _now(self) -> datetime:
        return datetime.now(UTC)

    def init(self) -> list[str]:
        """Make the home, and make or adopt its vault. Touches nothing in an adopted repository but the skeleton files
        it lacks. Returns the paths that were added to the vault. May repeat."""
        from agent.opening import skeleton

        root = self.settings.vault_path
        try:
            self.settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._house.make_vault()
        except OSError as error:
            raise ConfigError(
                f"no home can be made at {self.settings.home}: {error}", hint="name another folder in CLOSER_HOME"
            ) from error
        with self._house.lock.hold(self.settings.lock.wait):
            added = skeleton.init(self._house, root)
            follow.catch_up(self._house)
        return added

    def open(self, session: Named, host: str | None = None, cwd: str | Path | None = None) -> Brief:
        """Register a session that begins, and hand it what it needs to know."""
        from agent.opening import brief as opening

        return opening.open_session(self._house, _key(session, host), str(cwd) if cwd else None, self._now())

    def checkpoint(
        self, session: Named, turns: Sequence[Turn], when: datetime | None = None, *, cwd: str | Path | None = None
    ) -> Receipt:
        """Take in new turns of a running session, and write at once what can't wait. `cwd`: the folder it works in,
        where `open` wasn't told."""
        from agent.closing import commit

        folder = str(cwd) if cwd else None
        return commit.checkpoint(self._house, _key(session), turns, folder, when or self._now(), self._progress())

    def follow(self, session: Named, path: str | Path, *, cwd: str | Path | None = None) -> Receipt:
        """Checkpoint a session whose transcript is a growing file: take in the turns that came since."""
        key = _key(session)
        said = [turn for one in self._transcripts(path, None) for turn in one.turns]
        row = self._house.registry.get(key)
        return self.checkpoint(key, said[row.change_cursor if row else 0 :], cwd=cwd)

    def brief(self, cwd: str | Path) -> Brief:
        """What a session that began in this folder would be handed. Registers nothing."""
        from agent.opening import brief as opening

        return opening.ahead(self._house, str(cwd))

    def track(
        self,
        session: Named,
        *,
        process: int | None = None,
        file: str | Path | None = None,
        lock: str | None = None,
        holder: int | None = None,
    ) -> None:
        """Note what a session holds, to be let go of at its close: a background process by its number (stopped), a
        temporary file (removed), a lock by its name (released; at any close, once its holder is dead). `holder`: the
        lock's, this process without it.

        Raises UsageError for a process that isn't there or a file that is no temporary one.
        """
        from agent.closing import cleanup

        cleanup.track(self._house, _key(session), process, file, lock, holder, self._now())

    def remember(
        self, text: str, session: Named | None = None, when: datetime | None = None, scope: str | None = None
    ) -> Receipt:
        """Store one statement of the user's in both stores, in a commit of its own."""
        from agent.closing import commit

        key = _key(session) if session else SessionKey("cli", "remember")
        where = Scope(scope) if scope else None
        return commit.remember(self._house, text, key, where, when or self._now(), self._progress())

    def recall(
        self,
        question: str,
        k: int = 10,
        scope: str | None = None,
        when: datetime | None = None,
        *,
        keyword: bool = False,
    ) -> Hits:
        """The k passages most likely to answer. `keyword`: by words alone, without model or gateway."""
        from agent.recalling import recall as recalling

        if not question.strip():
            raise UsageError("an empty question finds nothing", hint="say what you are looking for")
        if keyword:
            return recalling.keywords(self._house.catalogue, question, k, scope)
        try:
            with self._house.lock.hold(RECALL_WAIT):
                follow.catch_up(self._house)
                return recalling.recall(self._house, question, k, scope)
        except Busy as error:
            hits = recalling.keywords(self._house.catalogue, question, k, scope)
            hits.notice = f"{error.message}: answered from the text index alone"
            return hits

    def plan(self, source: Source, when: datetime | None = None) -> Plan:
        """What a close of this conversation would do. Writes nothing."""
        plans = self.plans(source, when=when)
        if len(plans) != 1:
            raise UsageError(f"{source} holds {len(plans)} conversations", hint="`plans` plans them all")
        return plans[0]

    def plans(self, source: Source, session: Named | None = None, when: datetime | None = None) -> list[Plan]:
        """One plan a conversation, each as if it alone were closed now."""
        from agent.closing import close as closing

        house = self._house.planning()
        return [
            closing.decide(house, transcript, when or self._now(), self._progress())[0]
            for transcript in self._transcripts(source, session)
        ]

    def conversations(self, source: Source, session: Named | None = None) -> Iterator[Transcript]:
        """The conversations in a file, as closer reads them, one at a time."""
        return self._transcripts(source, session)

    def close(
        self,
        source: Source | None = None,
        session: Named | None = None,
        when: datetime | None = None,
    ) -> Receipt:
        """Close a conversation: a transcript, the turns of `session`, a file that holds one or several conversations,
        or, without any, the turns that `session`'s checkpoints have gathered. Of several, the receipt is the last
        one's and `before` holds the rest.

        Raises TranscriptError for input that can't be read; then nothing is written.
        """
        from agent.closing import close as closing

        receipts = [
            closing.close(self._house, transcript, when or self._now(), self._progress())
            for transcript in self._transcripts(source, session)
        ]
        if not receipts:
            raise TranscriptError(
                f"no conversation{f' {session}' if session else ''} in {source or 'the registry'}",
                path=str(source or ""),
            )
        return receipts[-1].with_before(tuple(receipts[:-1]))

    def _transcripts(self, source: Source | None, session: Named | None) -> Iterator[Transcript]:
        from agent.closing.close import running

        if source is None:
            if session is None:
                raise UsageError("close what?", hint="name a transcript's file, or a session that has checkpoints")
            whole = running(self._house, _key(session))
            if whole.turns:
                yield whole
        elif isinstance(source, Transcript):
            yield source
        elif not isinstance(source, str | Path):
            if session is None:
                raise UsageError("turns alone don't say whose they are", hint="pass `session=` with them")
            yield Transcript.of(_key(session), source)
        else:
            from agent.adapters import transcripts

            wanted = _key(session) if session else None
            for transcript in transcripts.read(Path(source)):
                if wanted is None or transcript.session in (
                    wanted,
                    SessionKey(transcript.session.host, wanted.id),
                ):
                    yield transcript

    def reconcile(self) -> Receipt:
        """Bring gateway and catalogue to the vault's HEAD, and prove it."""
        from agent.closing import reconcile

        return reconcile.reconcile(self._house, self._now(), self._progress())

    def rebuild(self) -> Receipt:
        """Make gateway and catalogue anew from the vault alone."""
        from agent.closing import reconcile

        return reconcile.rebuild(self._house, self._now(), self._progress())

    def forget(self, what: str) -> Receipt:
        """Forget a statement, by id or text. It is not learned again."""
        from agent.closing import undo

        return undo.forget(self._house, what, self._now(), self._progress())

    def rollback(self, session: Named) -> Receipt:
        """Take back all that a session wrote."""
        from agent.closing import undo

        return undo.rollback(self._house, _key(session), self._now(), self._progress())

    @property
    def sessions(self) -> Sessions:
        """The sessions under watch."""
        from agent.closing.watch import Sessions

        return Sessions(self._house)

    @property
    def jobs(self) -> Jobs:
        """What hooks and other doors asked for: done, waiting, or failed and waiting to be revived."""
        return self._house.jobs

    @property
    def audit(self) -> AuditLog:
        """What happened in this home, and whether the record of it is whole."""
        from agent.closing.audit import AuditLog

        return AuditLog(self._house)

    def status(self) -> dict[str, Any]:
        """What there is, what waits, and what failed."""
        from agent.opening import checks

        return checks.status(self._house)

    def doctor(self) -> list[Check]:
        """Every part looked at for real; each check can fail, and says what to do."""
        from agent.opening import checks

        return checks.doctor(self._house)

    def receipt(self, session: Named) -> dict[str, Any] | None:
        """The receipt of a session's last close, as JSON; None when it was never closed here."""
        row = self._house.registry.get(_key(session))
        return json.loads(json.dumps(row.receipt)) if row and row.receipt else None

    def _progress(self) -> Progress:
        return Progress(self._listener)


def _key(session: Named, host: str | None = None) -> SessionKey:
    if isinstance(session, SessionKey):
        return session
    return SessionKey(host, session) if host else SessionKey.parse(session)
