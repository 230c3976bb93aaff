"""Wording of what passes: tries, moods, states of the moment, replies, suppositions. Counts against a sentence."""

from __future__ import annotations

from agent.stages.reading.cues import phrases
from agent.stages.reading.sieve import Sieved

TENTATIVE = phrases(
    r"I(?: |'ll |’ll )(?:think|guess|suppose|might|may|could)|maybe|perhaps|possibly|if I|if we|suppose|"
    r"hypothetically|what if|"
    r"I(?:'m|’m| am) (?:\w+ )?(?:thinking (?:of|about)|considering|planning|leaning|tempted|not sure)|imagine|"
    r"say I|let's say|"
    r"I(?:'ll|’ll| will) (?:\w+ )?(?:try|check|look into|consider|keep (?:that|it|this)|make sure|start|give|"
    r"go ahead|see)|would be|"
    r"(?:sounds?|seems?|looks?) (?:like|good|great|perfect)|for example|e\.g\.|as a joke|just kidding|lol|jk",
)
TRANSIENT = phrases(
    r"I(?:'m|’m| am) (?:\w+ )?(?:tired|hungry|bored|stuck|confused|excited|happy|glad|sorry|back|done|ready|"
    r"busy today|feeling|sleepy|"
    r"here|off to|grateful|going to bed|pleased|sure)",
    r"(?:having|have|had|run into|running into|some) (?:trouble|issues?|problems?|errors?|difficult\w+)|"
    r"keep getting|getting (?:an?|this|the|some) (?:\w+ )?error|"
    r"I want to (?:make sure|ensure|be sure)|struggling",
    r"(?:tests?|build|ci|it|this|that|the (?:app|server|page|build|script|code)) (?:is|are|'s)? ?(?:now |still |"
    r"currently )?(?:failing|"
    r"passing|broken|down|stuck|crashing|hanging|working|not working|fails?|crash(?:es|ed)|broke|failed|errors?)",
    r"the (?:problem|issue|trouble|bug) (?:is|was)|right now|at the moment|currently (?:getting|seeing|running|"
    r"looking|debugging)|thanks|thank you|"
    r"sounds great|that's (?:great|really|a|very|"
    r"awesome|helpful|good)|great (?:tips|ideas|advice|suggestions)|good (?:morning|evening|night|point)|"
    r"you(?:'ve| have)? (?:mentioned|"
    r"suggested|recommended|provided|said|listed)|your (?:tips|advice|suggestions|recommendations|response|help|"
    r"words)",
)
MOMENT = phrases(
    r"(?:don['’]t|do not|not) (?:\S+ ){1,8}?yet|before (?:noon|lunch|dinner|bed|the (?:call|meeting)|I (?:go|leave))|"
    r"in (?:an?|ten|five|\d+) (?:minutes?|seconds?)|(?:minutes?|seconds?|an hour) ago|for (?:now|next time)|this time|"
    r"while we['’]re at it|(?:down|up|away|out) until|later today|tonight|this (?:evening|afternoon|weekend)",
)
"""What is over in a few days."""
HERE = phrases(
    r"(?:at |on )?lines? \d+|(?:this|that|these|those) (?:\w+ )?(?:file|function|method|test|line|class|change|"
    r"pr|bug|error|"
    r"one|code|snippet|commit|comment|issue|warning|fix|approach|schema|option)s?|(?:the )?(?:following|above|"
    r"below)|here(?:['’]s)?|"
    r"(?:the|a) (?:pr|review|issue) (?:\w+ )?(?:mentions|says|comment)|review comment|see @|(?:use|do|keep|need|"
    r"want|like|for) "
    r"(?:this|that|it|these|those)|you (?:just|are|were|found|added|made)|already (?:added|done|tested)",
)
"""Points at what lies before the speaker just now."""
TROUBLE = phrases(
    r"(?:can|does|do|did|is|are|was|were|has|have|could|wo|ca)(?: ?n['’]t|not| not) (?!want|eat|like|use|drink|"
    r"stand)\w+ ?(?:to )?\w*|"
    r"never (?:reached|got|arrived|used|called|gets|runs)|(?:log|it|server|console|output) says|\w*(?:Error|Exception)|"
    r"errors?|warnings?|fail(?:s|ed|ing|ure)?|broken|refused|timed out|missing|crash\w*|too broad|unused|duplicat\w+",
)
"""The state of a fault that somebody is about to mend."""
UNDERWAY = phrases(
    r"I(?:['’]m| am) (?:\w+ )?(?:trying|working|looking|getting|hoping|going|having|planning|building|debugging|"
    r"implementing)|"
    r"I(?:['’]ve| have) (?:\w+ )?(?:got|tried|tested|managed|added|implemented|set up|completed|noticed|defined|"
    r"reduced|heard|"
    r"been (?:working|trying|told|getting|looking))|I (?:\w+ )?(?:noticed|tested|tried|added|ran|want(?:ed)?|"
    r"need(?:ed)?|think)|"
    r"(?:I|we)(?:['’]d| would) (?:\w+ )?(?:like|love|prefer to)|we (?:need|want|have) to|presumably",
)
"""What somebody is at, has just done or would like done."""
REACTION = Sieved(
    r"^(?:wow|that(?:'s|’s| is| sounds| must)|sounds|great|awesome|cool|nice|congrat\w*|glad|so glad|good|"
    r"what a|can't wait|thanks|thank you|have fun|"
    r"absolutely|totally|hope|looking forward|keep|wishing|take care|talk (?:to|soon)|enjoy|you(?:'ve|’ve|'re|"
    r"’re|'ll|’ll)?\b|your|haha|yay|"
    r"exactly|for sure|no (?:problem|worries)|you're welcome|here(?:'s|’s| is| are)|love (?:that|the|it|your))\b",
)
SUPPOSED = Sieved(
    r"^(?:if (?:I|we|you|it|the|there|someone) (?!.*\b(?:always|never)\b)|imagine|suppose|let's say|say (?:I|"
    r"we)\b|hypothetically|what if|in theory|"
    r"once upon|pretend)|\bjust kidding\b|\bjk\b|\blol\b|^[\"“'][^\"”]{3,}[,.!?]?[\"”'],? (?:he|she|they|I|"
    r"\w+) (?:said|says|asked|replied|wrote)|"
    r"\b(?:he|she|they|someone|[A-Z]\w+) (?:said|says|wrote|claims?|asked)[,:]? [\"“]",
)
