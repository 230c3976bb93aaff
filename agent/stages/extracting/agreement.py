"""Finds what the assistant proposed and the user plainly accepted: the only assistant words that become memory."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.stages.reading.sentences import Sentence
from agent.stages.reading.sieve import Sieved

_PROPOSAL = Sieved(
    r"\b(?:(?P<to>(?:I|I'd|I would|we) (?:\w+ )?(?:suggest|recommend|propose)(?: that)? (?:we|you|to)|"
    r"(?:should|shall) we(?: just)?|(?:do|would) you (?:want|like)(?: me| us)? to|(?:how about|why don't) we|let's|"
    r"we could|we should|my (?:recommendation|suggestion|proposal) is (?:that we|to))|"
    r"(?:I|I'd|I would|we) (?:\w+ )?(?:suggest|recommend|propose)(?: that)?|(?:how|what) about|"
    r"my (?:recommendation|suggestion|proposal) is)\s+(?P<what>[^?]{4,240}?)\s*[?.!:]*$",
)
_YES = re.compile(
    r"^(?:(?:yes|yeah|yep|yup|sure|ok|okay|agreed|exactly|absolutely|definitely|perfect|great|good|right|fine|"
    r"sold|deal|correct|please do|"
    r"sounds (?:good|great|like a plan|perfect)|(?:that )?works for me|makes sense|good idea|great idea|i agree|"
    r"do (?:it|that)|"
    r"go (?:ahead|for it|with (?:that|it))|let's (?:do (?:that|it|so)|go with (?:that|it)|go)|please|thanks|"
    r"thank you|"
    r"we'll (?:do|go with) that|i like (?:that|it)|love it)\b[,.! —–-]*)+",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"\b(?:let's|agreed|go with|do (?:that|it)|decided|sounds good|we'll|i agree|works for me|deal|sold|"
    r"go for it|good idea|makes sense|"
    r"yes|yep|yeah|please do)\b",
    re.IGNORECASE,
)
_RESERVE = re.compile(
    r"\b(?:but|however|not|no|n't|n’t|maybe|except|instead|rather|although|unless|later|first|hold on|wait|why|"
    r"what if)\b",
    re.IGNORECASE,
)
_DURABLE = re.compile(
    r"\b(?:use|using|adopt|go with|switch|migrat\w+|standardi[sz]e|keep|store|deploy|host|schedule|split|name|"
    r"drop|move|replace|"
    r"set|stick|run|meet|start|stop|always|never|default|target|pin|version|book|plan)\b",
    re.IGNORECASE,
)
_ACTS_NOW = re.compile(
    r"^(?:look|check|show|see|explain|walk|go through|continue|dive|explore|take a look|know|hear|start (?:by|"
    r"with)|discuss|proceed|go over|review|talk|share|provide|elaborate|help|assist|create|write|draft|add|fix|see)\b",
    re.IGNORECASE,
)
_ADDRESSES = re.compile(r"\b(?:I|you|your|yours|me|my)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[^,:;]*\b(?:is|are|was|were|be|should|will|would|can|could|must|has|have|does|do|to|we|they|it|uses?|gets?|stays?|goes)\b",
    re.IGNORECASE,
)
"""A thing with its verb (`the queue stays in Redis`), which `we decided on` can't take."""
_CODE_WORDS = 30


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an assistant put to the user, as something that could be decided."""

    what: str
    """`use Postgres for the queue`, or `exponential back-off`."""
    verb: bool
    """`what` opens with what to do, not with a thing."""
    quote: str
    turn: int


def proposals(sentences: list[Sentence], turn: int) -> list[Proposal]:
    """The proposals of one assistant turn, in order."""
    found = []
    for sentence in sentences:
        match = _PROPOSAL.search(sentence.text) if sentence.kind == "prose" else None
        what = match["what"].strip(" .,") if match else ""
        if (
            match
            and what
            and not _asks_leave(sentence.text, what)
            and len(what.split()) <= _CODE_WORDS
            and _DURABLE.search(what)
            and not _ACTS_NOW.match(what)
        ):
            found.append(Proposal(what, bool(match["to"]), sentence.text, turn))
    return found


def _asks_leave(sentence: str, what: str) -> bool:
    """Whether it offers a service (`Shall I use your card?`) and so can't be quoted as what was decided."""
    return sentence.endswith("?") and bool(_ADDRESSES.search(what))


def accepts(first_sentence: str) -> bool:
    """Whether a reply opens by plainly accepting, without a reserve."""
    yes = _YES.match(first_sentence)
    return bool(yes and _PLAIN.search(yes.group()) and not _RESERVE.search(first_sentence))


def as_decision(proposal: Proposal) -> str:
    """The proposal as the decision it became; in the assistant's own words where those can't simply be turned."""
    if _ADDRESSES.search(proposal.what) or (not proposal.verb and _CLAUSE.match(proposal.what)):
        return proposal.quote
    return f"We decided {'to' if proposal.verb else 'on'} {proposal.what}."
