"""What an assistant made without a tool's record: texts written into the talk, and work it only tells of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from agent.domain.markdown import one_line
from agent.domain.subject import Line
from agent.domain.transcript import Turn
from agent.stages.reading.sentences import split
from agent.stages.reading.shortening import shortened
from agent.stages.reading.words import content, tokens
from agent.stages.summarising.candidates import own_words

BODY: Final = 20
"""Words a text needs to count as handed over."""
TABLE: Final = 8
"""Words a table needs for that."""
POINTS: Final = 3
"""Lines an answer needs to count as the text that was asked for, when nothing announces it."""

INTENT = re.compile(
    r"\b(?:I['’]ll|I will|let me|let['’]s|going to|now I|next|should I|shall I|want me|could|would|if you|need to)\b"
    r"|[?:]\s*$",
    re.IGNORECASE,
)
"""Means to do, asks or supposes: reports nothing that is done."""
_HANDS_OVER = re.compile(
    r"^(?:(?:sure|okay|ok|great|certainly|of course|good)\b[^:.]{0,30}[:.!,] )?(?:here(?:['’]s| is| are| it is| you go)"
    r"|draft|below|(?:the|your|first|new|short\w*) (?:draft|plan|list|table|text|version|outline|summary|letter|mail)"
    r"|version)\b",
    re.IGNORECASE,
)
_ASKED_TO_WRITE = re.compile(
    r"\b(?:write|draft|compose|outline|plan|schedule|table|list|letter|e-?mail|summar\w+|text|ad|invitation|rubric"
    r"|checklist|agenda|itinerary|report|message|translat\w+|cards?|worksheet)\b",
    re.IGNORECASE,
)
_ORDERED = re.compile(r"\b(?:write|draft|compose|make|create|prepare|put together|turn)\b", re.IGNORECASE)
_OURS = re.compile(
    r"^(?:(?:done|okay|ok|all set|perfect|great)[.:!,]? ?)?(?:(?:I|we)(?:['’]ve| have)? (?:now |also |just |already )?"
    r"(?=added|created|fixed|updated|implemented|wrote|written|moved|renamed|removed|replaced|changed|refactored|set up"
    r"|configured|deployed|merged|published|restored)|(?:the|all|both) .{3,60} (?:is|are|has been|have been) "
    r"(?=now|done|in place|added|created|fixed|updated|implemented|written|moved|renamed|removed|replaced|changed))",
    re.IGNORECASE,
)


def handed_over(turns: Sequence[Turn]) -> Iterator[Line]:
    """Texts, tables and plans the assistant wrote into the conversation because it was asked to."""
    spoken = [turn for turn in turns if turn.role in ("user", "assistant")]
    for before, turn in pairwise(spoken):
        if turn.role != "assistant" or before.role != "user" or "```" in turn.text:
            continue
        asked = next((s.text for s in split(before.text) if _ASKED_TO_WRITE.search(s.text)), "")
        lead, _, rest = turn.text.strip().partition("\n")
        table = lead.startswith("|")
        announced = bool(_HANDS_OVER.match(lead)) and lead.rstrip().endswith(":")
        ordered = (
            bool(_ORDERED.search(asked)) and len([line for line in turn.text.splitlines() if line.strip()]) >= POINTS
        )
        body = rest if announced or table else turn.text
        if not (announced or table or ordered) or len(tokens(body)) < (TABLE if table else BODY):
            continue
        named = announced and len(content(lead)) > 1
        title = shortened(lead).rstrip(":. ") if named else shortened(asked)
        begins = one_line(re.sub(r"[|*#_-]+|\s+", " ", body), 80)
        text = " — ".join(part for part in (title, begins) if part)
        yield Line(f"Text: {text}", (before.index, turn.index) if asked else (turn.index,))


def said_done(turns: Sequence[Turn]) -> Iterator[Line]:
    """What the assistant says it has done, where no tool's record tells."""
    for turn in turns:
        if turn.role == "assistant":
            for sentence in own_words(turn):
                text = sentence.text
                done = _OURS.match(text) and not INTENT.search(text)
                if done and 5 <= len(text.split()) <= 40:
                    yield Line(one_line(shortened(text), 220), (turn.index,))
                    break
