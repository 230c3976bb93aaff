"""What sessions leave behind, read as their owner reads it: nothing twice, nothing stale, nothing beside the point."""

from __future__ import annotations

from datetime import timedelta

from agent import Closer
from tests.scenarios.talks import BEGAN, talk
from tests.scenarios.test_close import git, statements


def standing(closer: Closer) -> list[str]:
    """The titles of all fragments that hold."""
    paths = (closer.settings.vault_path / "fragments").rglob("*.md")
    notes = [path.read_text("utf-8") for path in paths]
    return [note.split("\ntitle: ")[1].split("\n")[0] for note in notes if "\nstatus: active\n" in note]


def test_a_correction_retires_every_wording_of_what_it_corrects(closer: Closer) -> None:
    closer.remember("The staging port is 6432", session="test:one", when=BEGAN)
    closer.remember("The port of staging is 6432, behind the firewall", session="test:two", when=BEGAN)
    closer.remember("The production port is 6432", session="test:three", when=BEGAN)

    closer.remember("The staging port is 6433, not 6432", session="test:four")

    assert sorted(standing(closer)) == ["The production port is 6432", "The staging port is 6433, not 6432"]


def test_rolling_back_a_correction_revives_every_wording(closer: Closer) -> None:
    before = ["The port of staging is 6432, behind the firewall", "The staging port is 6432"]
    for number, told in enumerate(before):
        closer.remember(told, session=f"test:{number}", when=BEGAN)
    closer.remember("The staging port is 6433, not 6432", session="test:last")

    closer.rollback("test:last")

    assert sorted(standing(closer)) == before


def test_two_matters_of_one_friend_stand_beside_each_other(closer: Closer) -> None:
    closer.remember("My friend Paula lives in Lund.", session="test:one", when=BEGAN)

    closer.remember("My friend Paula has just started a job at a bakery in Lund.", session="test:two")

    assert len(standing(closer)) == 2


def test_a_message_sent_again_is_one_sighting(closer: Closer) -> None:
    told = "From now on we cut releases on Tuesdays, never on Fridays."
    closer.close(talk("test:resent", [("user", told), ("assistant", "Connection lost.")]))

    again = [("user", told), ("assistant", "Connection lost."), ("user", told), ("assistant", "Noted.")]
    closer.close(talk("test:resent", again))

    assert statements(closer).count("\nseen: 1\n") == 1


def test_recall_lists_nothing_that_has_nothing_to_do_with_the_question(closer: Closer) -> None:
    closer.remember("We deploy on Tuesdays", session="test:one", when=BEGAN)
    closer.remember("My aunt breeds alpacas in Wales", session="test:two", when=BEGAN)

    hits = closer.recall("when are we deploying?")

    assert [hit.text for hit in hits if hit.kind == "fragment"] == ["We deploy on Tuesdays"]
    assert all(hit.confidence > 0 for hit in hits)


def test_a_colleagues_pasted_remarks_are_not_the_users_preferences(closer: Closer) -> None:
    pasted = (
        "Review comments from Jonas, can you go through them?\n\nI always put the guard clause first. "
        "We never return null in this codebase.\n\nThe method is too long, I prefer short ones."
    )
    said = [("user", pasted), ("assistant", "Done."), ("user", "Thanks. I prefer tabs over spaces, by the way.")]

    closer.close(talk("test:review", said))

    assert standing(closer) == ["I prefer tabs over spaces, by the way."]
    assert "guard clause" in git(closer, "show", "HEAD")


def test_memory_lists_what_holds_newest_first_facts_among_it(closer: Closer) -> None:
    told = ["The staging port is 6432", "I prefer tabs over spaces", "My sister Ana lives in Lund"]
    for number, statement in enumerate(told):
        closer.remember(statement, session=f"test:{number}", when=BEGAN + timedelta(days=number))

    closer.remember("I was born in May", session="test:old", when=BEGAN - timedelta(days=400))

    memory = git(closer, "show", "HEAD:MEMORY.md")
    listed = [line.removeprefix("- ").partition(" [[")[0] for line in memory.split("\n") if line.startswith("- ")]
    assert listed == [*reversed(told), "I was born in May"]
    assert f"updated: {BEGAN.year}" in memory
