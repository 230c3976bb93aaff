"""Pronouns get a name where only one can be meant; what still hangs on something said before is known to."""

from __future__ import annotations

import pytest

from agent.stages.reading.references import adrift, resolved


@pytest.mark.parametrize(
    ("before", "said", "alone"),
    [
        (["Could you write to my aunt?"], "She's 81 and reads no mail.", "My aunt is 81 and reads no mail."),
        (["My brother Jan called."], "He's moved to Oslo.", "My brother Jan has moved to Oslo."),
        (["What about my daughter's name?"], "She's called Ida.", "My daughter is called Ida."),
        (["Our parents are both retired."], "They live in Rhodes.", "Our parents live in Rhodes."),
        (["The backup server is in the cellar."], "It runs Debian 12.", "The backup server runs Debian 12."),
        (["I bought a 2014 Skoda."], "It's got a tow bar.", "My 2014 Skoda has got a tow bar."),
        (["The migrations are slow."], "They take nine minutes.", "The migrations take nine minutes."),
        (["We're looking at tents."], "I own two old ones.", "I own two old tents."),
        (["I moved to Ghent."], "I teach there since May.", "I teach in Ghent since May."),
        ([], "The old one broke, I use a Canon R8 now.", "I use a Canon R8 now."),
    ],
)
def test_what_alone_can_be_meant_takes_the_pronouns_place(before: list[str], said: str, alone: str) -> None:
    assert resolved(said, before) == alone
    assert not adrift(alone)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (["My mother and my aunt are here."], "She never eats fish."),
        (["We use Redis and a queue."], "It drops messages."),
        (["I like cats, dogs and birds."], "I've had three different ones."),
        ([], "They close at six."),
        ([], "I'll send it to the board before Monday."),
        ([], "I always keep them in there"),
    ],
)
def test_what_could_mean_several_things_is_left_and_known_to_hang_in_the_air(before: list[str], said: str) -> None:
    assert resolved(said, before) == said
    assert adrift(said)


@pytest.mark.parametrize(
    "said",
    [
        "I prefer paper notebooks over digital ones.",
        "There's a spare key at my neighbour's.",
        "It's my sister's birthday on 4 May.",
        "It's a Vaillant from 2011.",
        "This repository uses tabs.",
        "I don't want secrets in the code, put them in the environment.",
        "We fly to Porto and stay there until June.",
    ],
)
def test_what_names_its_own_matter_stands_alone(said: str) -> None:
    assert not adrift(said)
