"""Redaction for the write-side benchmark."""

from __future__ import annotations

from agent.adapters.redactor import SpanRedactor


class RedactionPart:
    """Runs the redactor a close runs at its intake, with the kinds of personal numbers it takes out by default."""

    def redact(self, text: str) -> str:
        return SpanRedactor().redact(text).text
