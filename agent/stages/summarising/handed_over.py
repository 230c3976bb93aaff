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
_ORDERED = re.compile(
    r"(?:^|\b(?:please|you|me|to|and|then|now|let['’]s|just) )(?=(?:write|draft|compose|make|create|prepare"
    r"|put together"
    r"|turn)\b(?! (?:sure|sense)))",
    re.IGNORECASE,
)
"""Where an order to write something begins."""
_COURTEOUS = re.compile(
    r"^(?:certainly|of course|absolutely|sure|great|okay|ok|good|you['’]re welcome|thank\w*|i['’]d be|i can|let['’]s"
    r"|sounds"
    r"|congratulations|it['’]s (?:great|understandable|normal|good)|that['’]s|to (?:create|help|make|ensure|keep))\b",
    re.IGNORECASE,
)
"""How an answer opens that isn't yet what was asked for."""
_OURS = re.compile(
    r"^(?:(?:done|okay|ok|all set|perfect|great)[.:!,]? ?)?(?:(?:I|we)(?:['’]ve| have)? (?:now |also |just |already )?"
    r"(?=added|created|fixed|updated|implemented|wrote|written|moved|renamed|removed|replaced|changed|refactored|set up"
    r"|configured|deployed|merged|published|restored)|(?:the|all|both) .{3,60} (?:(?:is|are) (?=now|done"
    r"|in place)|(?:has|have) been (?=added|created|fixed|updated|implemented|written|moved|renamed|removed|replaced"
    r"|changed)))",
    re.IGNORECASE,
)


def handed_over(turns: Sequence[Turn]) -> Iterator[Line]:
    """Texts, tables and plans the assistant wrote into the conversation because it was asked to."""
    spoken = [turn for turn in turns if turn.role in ("user", "assistant")]
    for before, turn in pairwise(spoken):
        if turn.role != "assistant" or before.role != "user" or "```" in turn.text:
            continue
        asked = _asked(before.text)
        lead, _, rest = turn.text.strip().partition("\n")
        table = lead.startswith("|")
        announced = (
            bool(_HANDS_OVER.match(lead))
            and lead.rstrip().endswith(":")
            and bool(asked or _ASKED_TO_WRITE.search(lead))
        )
        lines = [line for line in turn.text.splitlines() if line.strip()]
        ordered = bool(_ORDERED.match(asked)) and len(lines) >= POINTS
        body = rest if announced or table else turn.text
        if not (announced or table or ordered) or len(tokens(body)) < (TABLE if table else BODY):
            continue
        named = announced and len(content(lead)) > 1
        title = shortened(lead).rstrip(":. ") if named else shortened(asked).rstrip("?")
        text = " — ".join(part for part in (title, _begins(body.splitlines())) if part)
        yield Line(f"Text: {text}", (before.index, turn.index) if asked else (turn.index,))


def _asked(text: str) -> str:
    """What a turn orders to be written, from the verb on; a sentence that only speaks of a text, when none orders."""
    speaks = [s.text for s in split(text) if _ASKED_TO_WRITE.search(s.text)]
    orders = [
        s[found.end() :] for s in speaks if (found := _ORDERED.search(s)) and _ASKED_TO_WRITE.search(s, found.end())
    ]
    return next(iter([*orders, *speaks]), "")


def _begins(lines: Sequence[str]) -> str:
    """The first words of a text itself, after the courtesies it is handed over with."""
    told = [line for line in lines if line.strip()]
    while len(told) > 1 and (_COURTEOUS.match(told[0].strip()) or told[0].rstrip().endswith(":")):
        told.pop(0)
    return one_line(re.sub(r"[|*#_-]+|\s+", " ", "\n".join(told)), 80)


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
