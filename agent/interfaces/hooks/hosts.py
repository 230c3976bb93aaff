"""What each host calls its events and fields. Data and nothing else: it is read at every turn of every session."""

from __future__ import annotations

START, CHECKPOINT, END = "start", "checkpoint", "end"

EVENTS: dict[str, dict[str, str]] = {
    "claude-code": {
        "SessionStart": START, "Stop": CHECKPOINT, "PreCompact": CHECKPOINT, "PostCompact": CHECKPOINT,
        "SessionEnd": END,
    },
    "codex": {
        "SessionStart": START, "Stop": CHECKPOINT, "PreCompact": CHECKPOINT, "PostCompact": CHECKPOINT,
        "SessionEnd": END,
    },
    "gemini-cli": {
        "SessionStart": START, "AfterAgent": CHECKPOINT, "PreCompress": CHECKPOINT, "SessionEnd": END,
    },
    "cursor": {
        "sessionStart": START, "stop": CHECKPOINT, "preCompact": CHECKPOINT, "sessionEnd": END,
    },
    "copilot-cli": {
        "sessionStart": START, "agentStop": CHECKPOINT, "preCompact": CHECKPOINT, "sessionEnd": END,
        "SessionStart": START, "AgentStop": CHECKPOINT, "PreCompact": CHECKPOINT, "SessionEnd": END,
    },
    "opencode": {
        "session.created": START, "session.idle": CHECKPOINT, "session.compacted": CHECKPOINT, "session.deleted": END,
    },
}  # fmt: skip
"""Host to event to what it asks of us. Events that aren't here ask nothing."""

FIELDS: dict[str, tuple[str, ...]] = {
    "session": ("session_id", "sessionId", "conversation_id", "conversationId", "sessionID"),
    "transcript": ("transcript_path", "transcriptPath"),
    "cwd": ("cwd", "workspace", "directory", "workspace_roots"),
    "reason": ("reason", "trigger", "source"),
}
"""What we take of a payload, by the names hosts have for it. Nothing else is kept: it may hold secrets."""

SUBAGENT = ("agent_id", "agentId", "parent_session_id")
"""A payload with one of these speaks of a helper of the assistant's, not of the conversation."""


def context(host: str, event: str, brief: str) -> dict[str, object] | None:
    """How a host wants to be handed text at a session's start; None where it takes none from a hook."""
    if host in ("claude-code", "codex", "gemini-cli"):
        return {"hookSpecificOutput": {"hookEventName": event, "additionalContext": brief}}
    if host == "cursor":
        return {"additional_context": brief}
    if host == "copilot-cli":
        return {"additionalContext": brief}
    return None
