"""The hand-off: where a session stopped, for whoever goes on; and the marker the next start consumes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.domain import layout
from agent.domain.markdown import iso, one_line, prose, turns_text
from agent.domain.note import Note
from agent.domain.scan import ScanReport
from agent.domain.session import Scope
from agent.domain.subject import Summary
from agent.domain.transcript import Transcript
from agent.ports import CodeState
from agent.stages.summarising.last_asked import last_asked

STOPPED, OPEN, DONE, CODE = "Where it stopped", "Left open", "Done", "Code"
OURS = (STOPPED, OPEN, DONE, CODE)


def note(
    transcript: Transcript,
    scope: Scope,
    summaries: Sequence[Summary],
    code: CodeState | None,
    scan: ScanReport | None,
    when: datetime,
) -> Note:
    """The closedown document of a session."""
    path = layout.handoff(transcript.session, transcript.started or when)
    meta = {
        "id": f"handoff-{path.removesuffix('.md')[-8:]}",
        "type": "handoff",
        "title": f"Hand-off: {summaries[0].subject.title}",
        "session": str(transcript.session),
        "scope": scope.name,
        "created": iso(when),
    }
    parts = [f"# {prose(meta['title'])}"]
    if stopped := _stopped(transcript):
        parts.append(f"## {STOPPED}\n\n{stopped}")
    for title, lines in (
        (OPEN, [line for s in summaries for line in s.left_open]),
        (DONE, [line for s in summaries for line in (*s.decided, *s.produced)]),
    ):
        if lines:
            parts.append(f"## {title}\n\n" + "\n".join(f"- {prose(line.text)}" for line in lines[:20]))
    state = _code(code, scan)
    if state:
        parts.append(f"## {CODE}\n\n" + "\n".join(f"- {line}" for line in state))
    return Note(path, meta, "\n\n".join(parts))


def _stopped(transcript: Transcript) -> str:
    asked = last_asked(transcript.turns)
    if asked is not None:
        return f"The last thing asked ({turns_text(asked.turns)}): {prose(one_line(asked.text, 300))}"
    last = next((t for t in reversed(transcript.turns) if t.role == "user"), None)
    return f"The last thing said (t{last.index}): {prose(one_line(last.text, 300))}" if last else ""


def _code(code: CodeState | None, scan: ScanReport | None) -> list[str]:
    lines = []
    if code is not None and code.commit:
        lines.append(f"`{code.commit[:12]}` on `{one_line(code.branch or 'no branch')}`")
    if scan is not None and scan.new:
        lines.append(f"{len(scan.new)} security finding(s) on lines this session changed; see the episode")
    return lines
