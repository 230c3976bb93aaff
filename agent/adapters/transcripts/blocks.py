"""The text of a message's content: a string, or the list of blocks that most hosts write."""

from __future__ import annotations

from agent.adapters.transcripts.reading import Skipped, first, label, mapping, sequence, string

_TEXT = frozenset(("text", "input_text", "output_text", "summary_text", "audio_transcription", ""))
_IMAGE = frozenset(("image", "input_image", "image_url", "image_asset_pointer", "localImage", "local_image"))
_FILE = frozenset(("file", "input_file", "document", "resource_link"))
_THINKING = frozenset(("thinking", "redacted_thinking", "reasoning", "thought", "thoughts"))

IMAGE = "[image]"


def text_of(content: object, skipped: Skipped) -> str:
    """The words of `content`, with marks for images and files; anything else is counted by its type."""
    if isinstance(content, str):
        return content
    blocks = [content] if isinstance(content, dict) else sequence(content)
    if content is not None and not isinstance(content, dict | list):
        skipped.note(type(content).__name__)
    return "\n".join(text for block in blocks if (text := _block(block, skipped)))


def file_mark(name: object) -> str:
    return f"[file: {label(name, 200) or 'unnamed'}]"


def _block(block: object, skipped: Skipped) -> str:
    if isinstance(block, str):
        return block
    fields = mapping(block)
    kind = first(fields, "type", "content_type")
    if fields.get("thought") is True or kind in _THINKING:
        skipped.note("thinking")
    elif kind in _TEXT and string(fields.get("text")):
        return str(fields["text"])
    elif kind in _IMAGE or str(mapping(fields.get("inlineData")).get("mimeType")).startswith("image/"):
        return IMAGE
    elif kind in _FILE or "fileData" in fields or "inlineData" in fields:
        return file_mark(first(fields, "filename", "name", "title", "file_name", "path"))
    elif kind == "refusal":
        return string(fields.get("refusal"))
    elif kind not in _TEXT or not fields:
        skipped.note(kind or type(block).__name__)
    return ""
