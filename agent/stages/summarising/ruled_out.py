"""Rules out what only sounds decided or left open: praise, an order for good, a part of a question, an account.

Knows the wording of one sentence. How likely it is otherwise to decide or defer is learned, see `outcomes`.
"""

from __future__ import annotations

import re
from typing import Final

from agent.stages.reading.cues import STANDING
from agent.stages.reading.wording import trimmed
from agent.stages.reading.words import content

_BEGINNING: Final = (
    r"^(?:(?:ok(?:ay)?|so|well|and|but|also|then|yes|yeah|yep|no|hm+|oh|wow|great|good|nice|cool|perfect|thanks"
    r"|thank you|right|sure|alright|that['’]s good|sounds good|actually|plus|like|just|still|anyway"
    r"|i guess)[,.!…]*\s+)*"
)


def _opening(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_BEGINNING}(?:{pattern})", re.IGNORECASE)


_SETTLES: Final = re.compile(
    r"\b(?:decided|chosen?|chose|settled|picked|opted|agreed|going with|go(?:es)? with|stick(?:ing)? (?:to|with)"
    r"|switch(?:ed|ing)? to|instead|no more|never|must(?:n['’]t)?|only ever|final|it is|stays?)\b",
    re.IGNORECASE,
)
"""Words that settle something whatever else the sentence says."""
_GOOD: Final = (
    r"(?:an? |really |very |so |pretty |quite |super |absolutely |all |more )*(?:interesting|fascinating|intriguing"
    r"|amazing|awesome|fantastic|wonderful|brilliant|lovely|helpful|useful|insightful|great|good|perfect|cool|fun"
    r"|delicious|nice|beautiful|impressive|reasonable|promising|natural|right up my alley)"
)
_PRAISE: Final = re.compile(
    rf"\b(?:sounds?|looks?|seems?|(?:could|would|might) be) (?:like |to be )?{_GOOD}\b|{_BEGINNING}(?:i (?:really "
    rf"|also )?(?:love|like) (?:that|this"
    rf"|it|your|the (?:idea|sound))\b|(?:that|this|it|they|these|those)(?:['’](?:s|re)|\s(?:is|are|was"
    rf"|were)) {_GOOD}\b)",
    re.IGNORECASE,
)
_ASSERTS: Final = re.compile(
    r"^\W*(?:yes|yeah|yep)[,.!]*\s+(?:there (?:is|are)|(?:it|that|this|he|she|they) (?!(?:must|should|has to|have to"
    r"|needs?"
    r"|can|will|stays?|goes?)\b)\w+|(?:we|you) (?:are|do|have|were)|i (?:am|do|did|have|was))\b",
    re.IGNORECASE,
)
"""Affirms a fact; accepts nothing."""
_WORK: Final = _opening(
    r"(?:let['’]?s|let us|now|please|can we) (?:all |both |just |now |first |also |go ahead and )*"
    r"(?:address|look (?:at|into)|fix|tackle|debug|investigate|explore|discuss|talk|review|go (?:over|through)"
    r"|walk|work (?:on|through)|focus|move on|continue|proceed|begin|start|see|check|find|figure|get|try|test|run"
    r"|finish"
    r"|break|dig|do (?:this|the next|another|some)|think|plan|write|create|make (?:a|an|the|some)\b"
    r"|add (?:a|an|the|some)\b|commit|push)\b"
)
"""An order for work, done once it is done."""
_TORN: Final = re.compile(
    r"\b(?:torn between|stuck between|(?:can['’]t|cannot|haven['’]t|not|hard to|need to) (?:yet )?decided?|undecided"
    r"|pros and cons|never (?:reach|arriv|show|work|finish|load|got|came)\w*|nothing at all)\b",
    re.IGNORECASE,
)
_WEIGHS: Final = re.compile(
    r"\b(?:wondering"
    r"|(?:not|i['’]m|am) (?:\w+ )?(?:sure|unsure|certain) (?:if|whether|which|what|how|about|where|why)"
    r"|don['’]t know (?:if|whether|which|what|how|about|where|why)|considering|thinking (?:about|of)|trouble"
    r"|struggling|stuck|confused|keep (?:getting|having|seeing|hitting|running into)"
    r"|estimated?)\b",
    re.IGNORECASE,
)
_AIMS: Final = _opening(
    r"i(?:['’]m| am|['’]ve been| have been|['’]d| would| was)?(?: also| just| really| still| currently| kinda"
    r"| particularly| always| actually| definitely)*"
    r" (?:trying|working|looking|hoping|interested|curious|excited|worried|concerned|planning on using"
    r"|want (?:to|it|my|the|this|these|them) (?:\w+ ){0,3}?(?:sure|know|understand|improve|learn|avoid|optimi[sz]e|be"
    r"|ensure|focus|use)|want to|need (?:help|some|to (?:know|understand|make sure|ensure|find|figure|implement"
    r"|create|build|set up|design|handle|improve|learn))|like to|love to"
    r"|aim(?:ing)? to|heard|read that|noticed|think i (?:have|get|understand))\b"
)
"""What somebody is up to, or knows, when they ask for help."""
_ABLE: Final = _opening(r"i (?:can|could) (?:also |then |definitely |even )?\w+|i (?:see|understand|get it|know)\b")
_RECALLS: Final = re.compile(
    r"\b(?:on|during|from) my last\b|\b(?:I|we) (?:only )?ended up\b|\blast (?:year|summer|winter|trip)\b",
    re.IGNORECASE,
)
_TRIES: Final = re.compile(
    r"\b(?:i|we) think (?:i|we)(?:['’]ll| will|['’]d| would| can| could| might| should| have)\b"
    r"|\bmaybe (?:i|we)(?:['’]ll| can| could)\b"
    r"|\b(?:i|we)(?:['’]ll| will|['’]m going to| am going to|['’]d| would| can| could| might| should)"
    r"(?: definitely| also| probably| maybe| just| then)* (?:try|consider|give (?:it|that|this|them) a"
    r"|keep (?:that|this|it|these|an eye|in mind)|make sure|be sure|aim|check (?:it|that|those|these|them) out"
    r"|look into (?:it|that|those|these|them)|go ahead|start (?:with|by|off)|start \w+ing|think about (?:it|that)"
    r"|follow (?:your|these|that)|have a good|feel|see how)\b",
    re.IGNORECASE,
)
"""Takes advice up; nobody will ask what became of it."""
_OVER: Final = _opening(r"(?:i|we) (?:had to|needed to|wanted to|used to|already)\b")
_WITHOUT_MARK: Final = _opening(
    r"(?:can|could|would|will) you\b|(?:what|how|why|where|which)\b|any (?:tips|ideas|advice)\b"
)
"""A question whose mark was left out."""
_TROUBLED: Final = re.compile(
    r"i(?:['’]m| am|['’]ve been)(?: kinda| really| a bit| still| also)* (?:stuck|worried|torn|struggling|confused"
    r"|curious"
    r"|trying|working|looking|concerned|thinking)\b[^.]*?,? (?:and|so|but) (?=(?:i|we)\b)",
    re.IGNORECASE,
)
_GOES_ON: Final = re.compile(
    r"\s*,\s*(?:(?:and|but|so|or)\s+)?(?:(?:can|could|would|will) (?:you|i|we)\b"
    r"|(?:how|what|why) (?:can|do|does|did|should|would|could|are|is|other|kind)\b|(?:which|where) (?:should|do|can"
    r"|would)\b"
    r"|(?:should|was|is|are|were|does|did|do|am) (?:i|we|it|that|there|this|you)\b|any (?:tips|ideas|advice"
    r"|suggestions)\b"
    r"|i(?:['’]m| am) (?:not sure|wondering|unsure|curious)\b|i was wondering\b|(?:just )?let me know\b).*$",
    re.IGNORECASE | re.DOTALL,
)
"""Where a sentence that told something begins to ask."""
_COURTESY: Final = re.compile(
    r"\b(?:let me know|feel free|thank(?:s| you)|looking forward|if you (?:need|have|want|like)|take care of it"
    r"|appreciate|can['’]t wait|good luck|see you)\b",
    re.IGNORECASE,
)


_OFFERS_WORDS: Final = re.compile(
    r"\b(?:would you like|do you want|want me to|shall i|should i|can i|may i|are you interested|is there)\b.*"
    r"\b(?:recommend\w*|tips|help|explain\w*|share|suggest\w*|examples?|details|information|guide|walk|assist\w*"
    r"|ideas|advice|discuss|learn|explore|elaborate|specific|more)\b",
    re.IGNORECASE,
)
"""An offer to say more: to accept it settles nothing."""
_OFFERS: Final = re.compile(
    r"\b(?:would you like me|do you want me|want me to|shall i|should i|can i|may i|ready for me)\b", re.IGNORECASE
)
"""An offer to do the very thing that was talked about: a bare yes is the order to go on."""
_HANDED_OVER: Final = re.compile(
    r"^(?:an?|another|one more|the|this|next) (?:\w+ ){0,2}?(?:comment|remark|finding|issue|error|warning|ticket|report"
    r"|message|log|review)\b[^:.?]{0,20}:",
    re.IGNORECASE,
)
_ACCEPTS: Final = re.compile(
    r"^\W*(?:yes|yeah|yep|sure|ok(?:ay)?|please|hm+|great|sounds|that|absolutely)\b", re.IGNORECASE
)
_THIN: Final = 4
"""Fewer telling words than these don't stand without what was said before."""


_PUTS_OFF: Final = re.compile(
    r"\bleave (?:[\w'’-]+ ){1,6}(?:for|until|till|to) (?:next|later|another|tomorrow|the next)\b"
    r"|\bleave (?:it|that|this) open\b|\bfor (?:later|next time|another (?:day|time))\b"
    r"|(?:^|[,;.] |\b(?:and|but|so|please|now) )(?:don['’]t|do not) (?:[\w'’-]+ ){1,6}yet\b"
    r"|\b(?:\w+)(?<!\bi) still (?:has|have|needs?) to\b|\bstill needs\b",
    re.IGNORECASE,
)
_LEADS_IN: Final = re.compile(
    r"\b(?:one|another|a) (?:more |last |quick )?(?:thing|question)\b|\bbugs me\b|\bback to\b", re.IGNORECASE
)
_EXCLAIMS: Final = re.compile(
    r"^\W*(?:(?:much |very |so |that['’]s |thats |oh |all )*(?:ouch|lovely|good|great|nice|perfect|ha|hm+|u+gh|a+rgh"
    r"|grr+|oh|ah"
    r"|anyway|true|cool|wow|better|awesome|yay|phew|well|so|dear)\W*)+$",
    re.IGNORECASE,
)


def not_decided(sentence: str, answers: str = "") -> bool:
    """Whether a sentence decides nothing, however it is worded otherwise. `answers`: what it replies to."""
    if sentence.rstrip().endswith(":") or any(cue.search(sentence) for cue in (_ASSERTS, _TORN, _HANDED_OVER)):
        return True
    if puts_off(sentence):
        return True
    if _PRAISE.search(sentence) and (not _thin(sentence) or not answers):
        return True
    if _ACCEPTS.match(sentence) and (_OFFERS_WORDS.search(answers) or (_OFFERS.search(answers) and _thin(sentence))):
        return True
    if _SETTLES.search(sentence):
        return False
    return any(cue.search(sentence) for cue in (_WORK, _WEIGHS, _AIMS, _ABLE, _RECALLS, _COURTESY))


def _thin(sentence: str) -> bool:
    return len(content(sentence)) < _THIN


def puts_off(sentence: str) -> bool:
    """Whether a sentence says in so many words that something waits: that leaves it open, whatever else it does."""
    return bool(_PUTS_OFF.search(sentence))


def not_open(sentence: str) -> bool:
    """Whether a sentence leaves nothing to do: an order for good, a question, advice taken up, a courtesy."""
    if _WITHOUT_MARK.match(sentence) or STANDING.match(trimmed(sentence)) or sentence.rstrip().endswith(":"):
        return True
    return any(cue.search(sentence) for cue in (_PRAISE, _TRIES, _COURTESY, _OVER))


def praises(sentence: str) -> bool:
    """Whether a sentence only says that something is good."""
    return bool(_PRAISE.search(sentence))


def seeks(sentence: str) -> bool:
    """Whether a sentence says what somebody wants help with or has trouble with: the ground of a question."""
    return bool(_AIMS.match(sentence) or _WEIGHS.search(sentence))


def settled_part(sentence: str) -> str:
    """What a sentence tells, without what it goes on to ask, and without the trouble that made the person decide."""
    told = _GOES_ON.sub("", sentence)
    told = told if len(content(told)) >= _THIN else sentence
    lead = _TROUBLED.match(told)
    return told[lead.end() :] if lead and _SETTLES.search(told[lead.end() :]) else told


def leads_in(sentence: str) -> bool:
    """Whether a sentence only announces the question that follows it."""
    return bool(_LEADS_IN.search(sentence))


def says_something(sentence: str) -> bool:
    """Whether a sentence is more than an exclamation or a courtesy."""
    return not (_EXCLAIMS.match(sentence) or (_COURTESY.search(sentence) and _thin(_COURTESY.sub("", sentence))))
