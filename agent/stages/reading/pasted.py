"""Finds what a turn hands over without a fence: a reviewer's remarks, an error report, a letter, a page, a spec.

Knows the form of a hand-over only: who announces it, how such a text opens, and where the person speaks again.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from agent.stages.reading.forms import speaks
from agent.stages.reading.sieve import Sieved

_TEXT = (
    r"(?:comments?|reviews?|feedback|e-?mails?|mails?|letters?|messages?|texts?|minutes|scribbles|error reports?|"
    r"error messages?|bug reports?|reports?|tickets?|findings?|suggestions?|remarks?|logs?|output|specs?|"
    r"specifications?|"
    r"requirements|acceptance criteria|style ?guides?|guidelines|instructions?|readme|docs|documentation|prompts?|"
    r"recipes?|articles?|abstracts?|paragraphs?|excerpts?|snippets?|sections?|polic(?:y|ies)|briefs?|postings?|"
    r"job ads?|leaflets?|transcripts?|threads?|posts?|answers?|repl(?:y|ies)|warnings?|notices?|statements?|"
    r"changelogs?|chats?|notes from)"
)
_SOMEBODY = (
    r"(?:bot|reviewer|colleague|co-?worker|teammate|linter|coderabbit\w*|copilot|sonar\w*|dependabot|vendor|support|"
    r"customer|client|boss|manager|teacher|prof(?:essor)?|landlord|user|tester|qa|scanner|pipeline|compiler|someone|"
    r"somebody|he|she|they)"
)
_GIVES = (
    r"(?:says?|said|writes?|wrote|commented|complain(?:s|ed)|left|flagged|suggest(?:s|ed)|replie[sd]|answered|sent|"
    r"reports?|reported|raised|printed|texted|mailed|emailed|messaged|posted|filed)"
)
_ANNOUNCES = Sieved(
    rf"\b(?:got|received|getting|there(?:['’]s| is| are| were)|have|had|found|this is|these are|another|one more|"
    rf"next|here(?:['’]s| is| are)|address(?:ing)?|fix|see|read|review|apply|about) (?:\S+ ){{0,4}}?{_TEXT}\b|"
    rf"\b{_TEXT} (?:from|by|of|left by) (?:(?:a|an|the|my|our) )?\w+|"
    rf"\b(?:{_SOMEBODY}|[A-Z]\w+)['’]s (?:\w+ )?(?:{_TEXT}|notes)\b",
)
"""Speaks of somebody's text, which then comes next when a new line follows."""
_POINTS = Sieved(
    rf"^(?:\w+ )?{_TEXT} (?:\S+ ){{0,4}}?(?:from|by)\b|"
    rf"\b(?:{_TEXT}|{_SOMEBODY}|this|these|{_GIVES})\b[^?.!]*:$|\b{_SOMEBODY} (?:just |also )?{_GIVES}\b|"
    rf"\b{_GIVES} (?:me |us )?(?:this|these|the following)\b|\b(?:past(?:e|ed|ing)|copied|quoting|verbatim)\b|"
    rf"\b(?:got|received|have|found|saw|read|see|address|fix) (?:this|these|the following)(?: (?:\S+ )?{_TEXT})?"
    rf"(?: (?:from|in|on|at|when|as)\b|[,.:?!]|$)|\b{_TEXT} (?:is |are )?below\b|\bbelow (?:is|are)\b",
)
"""Points at it, so that it may even speak of itself as I."""
_COLON = Sieved(
    rf"\b(?:(?:from|per) (?:the|my|our|their|his|her|this|these|an?) (?:[\w'’-]+ ){{0,3}}?{_TEXT}|"
    rf"{_TEXT} (?:says?|said|reads?|from [^:]{{1,30}})|{_SOMEBODY} {_GIVES})\b[^:?.]{{0,15}}:(?=\s+\S)",
)
"""The same within a line: `Minutes please, from my scribbles: budget ok'd`."""
_OF_ONESELF = Sieved(
    r"\b(?:I want|I['’]d like|from now on|note|remember|my (?:\w+ )?(?:rules|preferences|habits|way)|we (?:agreed|"
    r"decided))\b",
)
"""Announces words of one's own."""
_TOLD_AFTER = Sieved(
    rf"(?:←|<-+|\^+) ?\w|(?:that|this|those|these|it)(?:['’]?s| is| was| are| were) (?:all )?(?:from|printed|written|"
    rf"copied|taken|quoted|what) (?:on |in |by )?(?:(?:a|an|the|my|our|their|his|"
    rf"her)(?:['’]s)? )?(?:[\w'’-]+ ){{0,3}}?(?:{_TEXT}|"
    r"project|repo(?:sitory)?|site|website|wiki|page|guide|producer|header|board|box|package|manual|label|app|"
    rf"contract|form|poster|screen|sheet|(?:it|{_SOMEBODY}) {_GIVES})\b",
)
_OPENS = Sieved(
    r"(?:dear (?:[A-Z]\w+|all|parents|customers?|tenants?|colleagues|sir|madam|team|neighbou?rs?)\b|"
    r"(?:from|subject|abstract|steps to reproduce|expected(?: \w+)?|actual(?: \w+)?|severity|priority|warning|"
    r"caution|danger|dosage|patient information|acceptance criteria|user story|(?:\w+ )?(?:error|exception)(?: \w+)?|"
    r"fatal|reported by|reporter|assignee|impact|recommendation|suggestion|nit(?:pick)?|finding|potential issue|"
    r"refactor suggestion|affected versions?|stack ?trace|terms(?: and conditions)?)(?: \([^)]*\))?:\s*\S|"
    r"(?:in|at) `?[@\w./-]+\.\w{1,4}`? (?:around |at |on )?lines? \d|@?[\w-]+(?:\[bot\])? (?:commented|requested "
    r"changes|reviewed)\b|as an? [\w -]{2,30}, I (?:want|need|can)\b|"
    r"(?:the )?(?:system|application|service|users?|clients?|contributors|maintainers|students|participants|"
    r"employees|staff|visitors|members|variables|functions|methods|classes) (?:shall|must|should|may not)\b)",
)
"""How a letter, a report, a bot's remark or a spec begins."""
_MARKED = re.compile(
    r"^(?:⚠|🛠|💡|🧹|🔴|🟠|🟡|🐛|❌|✅|🤖|📝|♻)|\[(?:P\d|nit|minor|major|critical|blocker)\]", re.IGNORECASE
)
"""The marks with which bots label their findings."""
_MESSAGE = Sieved(
    r"\b(?:has been blocked by|is not assignable to|cannot find module|is not defined|unexpected token|"
    r"failed with exit code|no such file or directory|permission denied|is not a function|cannot be resolved|"
    r"segmentation fault|out of memory|command not found|cannot read propert)",
)
_TURNS_BACK = Sieved(
    r".*\?[\"')]*$|(?:(?:so|and|but|ok(?:ay)?|also|then|now|please|pls|anyway|hey)[, ]+)*(?:can|could|would|"
    r"will) you\b|"
    r".*\b(?:please|pls|help(?: me)?)\b|(?:(?:so|and|but|ok(?:ay)?|also|then|now|anyway)[, ]+)*(?:what|how|why|fix|"
    r"address|summari[sz]e|rewrite|translate|scale|turn|make|explain|apply|implement|sort|shorten|answer|reply|check|"
    r"go through|take care|I(?:['’](?:d|ll|m|ve))?\b|my\b|we\b|our\b|let['’]s)\b|"
    r"(?:(?:half|all|some|most|none|both) of )?(?:that|these|those|this|it)(?:['’]s|['’]re| is| are| was| were)\b",
    re.DOTALL,
)
"""Speaks to the assistant, or of oneself, again."""
_ASKED = Sieved(r".*\?[\"')]*$|.*\b(?:you|please|pls)\b", re.DOTALL)
_LONG = 400
"""Characters of a paragraph beside others in which nobody speaks, from which it is a document."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence, and where it stands in its turn."""

    text: str
    paragraph: int
    line: bool
    """It begins a line."""
    gap: bool
    """A blank line or a heading stands before it."""
    headed: bool
    """It stands right below a heading, or in the list or paragraph that does."""
    apart: bool = False
    """Code, a quotation or a log stands between it and the piece before."""


def handed_over(pieces: Sequence[Piece]) -> set[int]:
    """The places of the pieces that are somebody else's words. Linear in their number."""
    found: set[int] = set()
    lines = _next_lines(pieces)
    last = max((at for at, piece in enumerate(pieces) if piece.gap), default=0)
    for at, piece in enumerate(pieces):
        if at in found:
            continue
        if _announced(pieces, at, lines[at]):
            found.update(range(lines[at], _returns(pieces, lines[at], last)))
        elif (_COLON.search(piece.text) and not piece.text.rstrip().endswith(":")) or _opens(pieces, at):
            found.update(range(at, _until_asked(pieces, at)))
        elif at and not piece.apart and _TOLD_AFTER.match(piece.text):
            found.update(_before(pieces, at, found))
        elif _MESSAGE.search(piece.text):
            found.add(at)
    return found | _documents(pieces)


def _next_lines(pieces: Sequence[Piece]) -> list[int]:
    """For each piece, the place of the first one after it that begins a line; 0 when none does."""
    found, after = [], 0
    for at in range(len(pieces) - 1, -1, -1):
        found.append(after)
        after = at if pieces[at].line else after
    return found[::-1]


def _announced(pieces: Sequence[Piece], at: int, start: int) -> bool:
    """Whether a piece announces somebody's text, which begins at `start`."""
    if not start or pieces[start].apart or _OF_ONESELF.search(pieces[at].text):
        return False
    if _POINTS.search(pieces[at].text):
        return not _asks(pieces[start])
    return bool(_ANNOUNCES.search(pieces[at].text)) and not _TURNS_BACK.match(pieces[start].text)


def _returns(pieces: Sequence[Piece], start: int, last: int) -> int:
    """Where, after a hand-over, the person speaks again: to the assistant, or last and of themselves."""
    for at in range(start + 1, len(pieces)):
        if pieces[at].gap and (_asks(pieces[at]) or (at == last and _TURNS_BACK.match(pieces[at].text))):
            return at
    end = len(pieces) - 1
    return end if end > start and pieces[end].line and _ASKED.match(pieces[end].text) else len(pieces)


def _opens(pieces: Sequence[Piece], at: int) -> bool:
    text = pieces[at].text
    return bool(_OPENS.match(text) or _MARKED.search(text))


def _until_asked(pieces: Sequence[Piece], start: int) -> int:
    """The end of a text that began within a paragraph: at a gap, or where the assistant is asked or told something."""
    for at in range(start + 1, len(pieces)):
        if pieces[at].gap or _asks(pieces[at]) or _TOLD_AFTER.match(pieces[at].text):
            return at
    return len(pieces)


def _before(pieces: Sequence[Piece], end: int, found: Container[int]) -> range:
    """What stands before `This is from their wiki`, back to where the person last spoke to the assistant."""
    start = end
    while start and start - 1 not in found and not _asks(pieces[start - 1]) and not pieces[start].apart:
        start -= 1
    return range(start, end)


def _asks(piece: Piece) -> bool:
    return bool(_ASKED.match(piece.text) and _TURNS_BACK.match(piece.text))


def _documents(pieces: Sequence[Piece]) -> set[int]:
    """Paragraphs under a heading, or long ones beside others, in which nobody speaks."""
    blocks: dict[int, list[int]] = {}
    for at, piece in enumerate(pieces):
        blocks.setdefault(piece.paragraph, []).append(at)
    found: set[int] = set()
    for places in blocks.values():
        texts = [pieces[at].text for at in places]
        long = len(blocks) > 1 and sum(map(len, texts)) > _LONG
        if (long or pieces[places[0]].headed) and not any(map(speaks, texts)):
            found.update(places)
    return found
