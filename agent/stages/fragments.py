"""Extracts the few durable statements of a conversation: typed, worth keeping in half a year, surest first.

Only the user's own words, or what the user plainly agreed to, become statements; words of tools and assistants that
try to give standing orders are handed over as quarantined. Knows nothing of what is already stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agent.domain.fragment import Fragment, FragmentClass, Source, Trust
from agent.domain.identity import fragment_id, normalised
from agent.domain.session import GLOBAL, Scope, SessionKey
from agent.domain.transcript import Turn
from agent.stages.extracting import agreement
from agent.stages.extracting.kinds import kind_of
from agent.stages.extracting.signs import Signs, signs
from agent.stages.extracting.telling import DOUBT, LONGEST_TURN, Embed, Told, heard, reread, together
from agent.stages.extracting.worth import Worth, weighed
from agent.stages.reading.cues import Reading, read
from agent.stages.reading.forms import at_work
from agent.stages.reading.orders import orders_an_assistant
from agent.stages.reading.resent import said_once
from agent.stages.reading.sentences import Sentence, split, typed
from agent.stages.reading.settled import understood
from agent.stages.reading.sieve import Sieved
from agent.stages.reading.slots import Slot, slot_of
from agent.stages.reading.wording import standing_alone, trimmed, without_reply

RANKED = 0.1
"""Worth by its words from which a sentence is judged by its meaning too, where all are to be ranked."""
KEEP = 0.605
"""Probability of being worth keeping from which a statement is kept."""
SURE = 0.8
"""From which it is kept however much else was."""
KEEP_ANNOUNCED = 0.4
"""For what its words announce as a preference, decision or custom: a miss costs more than junk."""
KEEP_STANDING = 0.25
"""For an order that says it holds for good."""
QUARANTINED_AT_MOST = 3
_STATED_SCORE = 0.95
_AGREED_SCORE = 0.8
_FOREIGN_SCORE = 0.1
_CONTEXT = 4
"""Turns read again before the first new one: a `yes` needs the proposal it answers."""
_FROM_ONE_TURN = 3
_KEPT_PER_TURN = 1 / 3
_KEPT_OF_ANY = 8
"""Statements that even a short conversation may leave behind."""

_PROJECT = Sieved(
    r"\b(?:we|our|us|team|repo|project|codebase|api|server|database|db|deploy\w*|branch|commit\w*|tests?|ci|"
    r"pipeline|build|release|"
    r"staging|production|prod|module|function|class|endpoint|schema|migration|package|lint\w*|config\w*|client|"
    r"customer|sprint|"
    r"backend|frontend|docker\w*|kubernetes|script|`[^`]+`)\b",
)
_OF_PERSON = Sieved(
    r"\b(?:I|my|me|mine)\b|\b(?:answer|reply|respond|explain|write|speak|address|call)\b.*\b(?:in|me|to me|"
    r"briefly|concise\w*)\b",
)


def extract(
    turns: Sequence[Turn],
    scope: Scope,
    session: SessionKey,
    *,
    new_from: int = 0,
    people: Collection[str] | None = None,
    limit: int | None = None,
    worth: Worth = weighed,
    embed: Embed | None = None,
) -> list[Fragment]:
    """The durable statements of the turns from index `new_from` on, surest first.

    `people`: names of the speakers when the turns are a talk between persons; each statement then names its speaker.
    `limit`: rank and hand over this many, however little they are worth; without it only what is worth keeping.
    `embed`: judges by its meaning what the words alone leave in doubt.
    """
    numbered = said_once([turn if turn.index >= 0 else replace(turn, index=i) for i, turn in enumerate(turns)])
    start = next((i for i, turn in enumerate(numbered) if turn.index >= new_from), len(numbered))
    run = _Extraction(scope, session, frozenset(people or ()), worth, embed, work=not people and at_work(numbered))
    seen = numbered[max(0, start - _CONTEXT) :]
    found = [*run.agreed(seen), *run.told(seen, everything=limit is not None)]
    found = [f for f in found if max(f.sources[0].turns) >= new_from]
    ranked = _distinct(sorted(found, key=lambda f: -f.score))
    ranked = ranked[:limit] if limit else _fewest(ranked, sum(turn.role == "user" for turn in numbered))
    return ranked + list(run.foreign(numbered[start:]))[:QUARANTINED_AT_MOST]


def stated(text: str, when: datetime | None, scope: Scope, session: SessionKey) -> Fragment:
    """A fragment of one explicit statement (`remember …`): kept as said, its class and slot recognised."""
    told = trimmed(text)
    reading = replace(understood(told), remember=True)
    statement = standing_alone(without_reply(told), when) or text.strip()
    seen = signs(text, statement, reading, slot_of(statement))
    kind, _ = kind_of(seen, announced=_announced(reading, seen))
    run = _Extraction(scope, session)
    return run.fragment(statement, kind, text.strip(), (), when, _STATED_SCORE, _STATED_SCORE, cue=reading.cue)


@dataclass(frozen=True, slots=True)
class _Extraction:
    """One run over one conversation."""

    scope: Scope
    session: SessionKey
    people: frozenset[str] = frozenset()
    worth: Worth = weighed
    embed: Embed | None = None
    work: bool = False
    """The conversation is work with tools or on code."""

    def told(self, turns: Sequence[Turn], *, everything: bool = False) -> Iterator[Fragment]:
        """What users say of their own and is worth keeping, or `everything`."""
        said = heard(turns, self.worth, self.people, work=self.work)
        least = RANKED if everything else DOUBT
        for at in reread(said, self.worth, self.embed, least) if self.embed else said:
            speaker = at.turn.name if at.turn.name in self.people else None
            worthy = [item for item in at.items if everything or item.worth >= _bar(item)]
            for item in self._chosen(worthy, speaker):
                statement = f"{speaker}: {item.statement}" if speaker else item.statement
                kind, likely = kind_of(item.signs, item.vector, _announced(item.reading, item.signs))
                sure, turns_of_it = item.worth * likely, (at.turn.index,)
                yield self.fragment(
                    statement, kind, item.quote, turns_of_it, at.turn.when, item.worth, sure, cue=item.reading.cue
                )

    def agreed(self, turns: Sequence[Turn]) -> Iterator[Fragment]:
        """What users accept of what an assistant proposed just before."""
        offered: list[agreement.Proposal] = []
        for turn in turns:
            if turn.role == "assistant":
                offered = agreement.proposals(split(turn.text[:LONGEST_TURN]), turn.index)
            elif turn.role == "user":
                answer = next(iter(split(turn.text[:LONGEST_TURN])), None) if offered else None
                if answer and agreement.accepts(answer.text):
                    yield self._agreed(offered[-1], answer, turn)
                offered = []

    def foreign(self, turns: Sequence[Turn]) -> Iterator[Fragment]:
        """Standing orders in words that are not the user's: shown to a reviewer, never believed."""
        for turn in turns:
            text = turn.text[:LONGEST_TURN]
            for sentence in typed(text) if turn.role == "user" else split(text):
                if not _foreign(turn, sentence) or not orders_an_assistant(sentence.text):
                    continue
                statement = standing_alone(sentence.text, turn.when)
                trust: Trust = "assistant" if turn.role == "assistant" else "tool"
                found = self.fragment(
                    statement,
                    read(statement).kind,
                    sentence.text,
                    (turn.index,),
                    turn.when,
                    _FOREIGN_SCORE,
                    _FOREIGN_SCORE,
                    trust,
                )
                yield replace(found, status="quarantined")

    def fragment(
        self,
        statement: str,
        kind: FragmentClass,
        quote: str,
        turns: tuple[int, ...],
        when: datetime | None,
        score: float,
        confidence: float,
        trust: Trust = "user",
        *,
        cue: bool = False,
    ) -> Fragment:
        slot = slot_of(statement)
        scope = _scope(statement, kind, slot, self.scope)
        return Fragment(
            id=fragment_id(scope, kind, statement, self.session),
            statement=statement,
            kind=kind,
            scope=scope,
            entity=slot.entity if slot else "",
            attribute=slot.attribute if slot else "",
            trust=trust,
            score=round(score, 3),
            confidence=round(confidence, 3),
            cue=cue,
            created=when,
            updated=when,
            valid_from=when,
            sources=(Source(self.session, turns, quote),),
        )

    def _chosen(self, items: list[Told], speaker: str | None) -> list[Told]:
        if speaker:
            return together(items)
        return sorted(items, key=lambda item: -item.worth)[:_FROM_ONE_TURN]

    def _agreed(self, proposal: agreement.Proposal, answer: Sentence, turn: Turn) -> Fragment:
        statement = standing_alone(agreement.as_decision(proposal), turn.when)
        turns, quote = (proposal.turn, turn.index), f"{proposal.quote}\n{answer.text}"
        return self.fragment(
            statement,
            "decision",
            quote,
            turns,
            turn.when,
            _AGREED_SCORE,
            _AGREED_SCORE,
            "agreed",
            cue=read(statement).cue,
        )


def _announced(reading: Reading, seen: Signs) -> FragmentClass | None:
    """The class a sentence names itself; what opens like a correction is often a plain fact."""
    if "we_do" in seen and not reading.said:
        return "fact"
    return reading.kind if reading.said and reading.kind != "correction" else None


def _bar(item: Told) -> float:
    """The least worth at which it is kept."""
    if item.reading.standing:
        return KEEP_STANDING
    lasting = item.reading.said and item.reading.kind in ("preference", "decision") and not item.reading.request
    return KEEP_ANNOUNCED if lasting or "we_do" in item.signs else KEEP


def _scope(statement: str, kind: FragmentClass, slot: Slot | None, project: Scope) -> Scope:
    """What a person is and likes holds everywhere; what the project is and decided holds in the project."""
    if kind in ("decision", "commitment") or _PROJECT.search(statement):
        return project
    return GLOBAL if (slot and slot.entity == "user") or _OF_PERSON.search(statement) else project


def _foreign(turn: Turn, sentence: Sentence) -> bool:
    """Prose that isn't the user's: what an assistant says, anything in a tool's output, what a user pasted."""
    if turn.role == "user":
        return not sentence.own
    return turn.role == "tool" or (turn.role == "assistant" and sentence.kind in ("prose", "item", "quote"))


def _fewest(ranked: Sequence[Fragment], user_turns: int) -> list[Fragment]:
    """What is surely worth keeping; of the rest as many as a conversation this long leaves room for."""
    lasting = [f for f in ranked if f.score >= SURE or f.slot or understood(f.statement).said]
    room = max(_KEPT_OF_ANY, round(_KEPT_PER_TURN * user_turns)) - len(lasting)
    rest = [f for f in ranked if f not in lasting][: max(room, 0)]
    return [f for f in ranked if f in lasting or f in rest]


def _distinct(ranked: Sequence[Fragment]) -> list[Fragment]:
    """The first of each wording."""
    seen: set[str] = set()
    kept = []
    for fragment in ranked:
        key = normalised(fragment.statement)
        if key not in seen:
            seen.add(key)
            kept.append(fragment)
    return kept
