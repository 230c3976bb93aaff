"""Recognises words that give an assistant standing orders, wherever they stand. Never obeys them."""

from __future__ import annotations

from agent.stages.reading.cues import phrases
from agent.stages.reading.sieve import Sieved

_TO_ASSISTANT = phrases(
    r"(?:(?:the |any |all )?(?:assistant|agent|model|ai|claude|chatgpt|copilot|llm)s? (?:must|should|shall|"
    r"needs? to|has to|will always))",
    r"(?:ignore|disregard|forget|override) (?:all |any |the |your )?(?:previous|prior|above|earlier|other|"
    r"system|safety)",
    r"(?:you (?:must|should|are to|shall|need to) (?:always|never|now|remember|ignore|not|obey|send|fetch))",
    r"from now on,? (?:you|always|never|respond|reply|answer|use|do|treat|every)|your new (?:instructions?|"
    r"rules?|task|role)",
    r"(?:remember|note|store|save|memori[sz]e|keep in mind)(?: (?:this|that|it))? (?:for (?:all )?future (?:sessions?|"
    r"conversations?|chats?|use|reference)|in (?:your )?memory|permanently|the user|that the user|always)",
    r"in (?:all|every) (?:future )?(?:sessions?|conversations?|repl(?:y|ies)|responses?|answers?),? |"
    r"system prompt|do not tell the user|without (?:telling|asking) the user",
    r"(?:always|never) (?:run|execute|fetch|visit|send|include|trust|use|respond|reply|recommend|call|obey|"
    r"download|install|approve|ask|follow|post|upload)",
    r"(?:post to|send (?:\w+ ){0,4}to) https?://",
)
_VISIT = phrases(r"(?:fetch|visit|curl|download|open|go to) https?://")
"""In the outputs of tools mostly a pointer to help."""
_OPENS_AS_ORDER = Sieved(
    r"^(?:(?:important|note|attention|system|instructions?|reminder|warning|notice)\b[^:]{0,30}:\s*|"
    r"<[^>]{1,40}>\s*|please\s+)*"
    r"(?:always|never|remember|ignore|disregard|from now on|you must|you should|forget|do not|don't|in (?:all|"
    r"every)|fetch|visit|"
    r"(?:the |any |all )?(?:assistant|agent|model|ai)s? (?:must|should))\b",
)


def orders_an_assistant(sentence: str) -> bool:
    """Whether words that are nobody's own read as a standing instruction to an assistant."""
    opens = bool(_OPENS_AS_ORDER.match(sentence))
    if opens and _VISIT.search(sentence):
        return True
    return bool(_TO_ASSISTANT.search(sentence)) and (
        opens or "http" in sentence or "ignore" in sentence.lower() or "you " in sentence
    )
