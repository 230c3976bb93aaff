"""Summaries at a word budget: ROUGE (Lin 2004, stemmed) against written ones, recall of listed points."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from rouge_score.rouge_scorer import RougeScorer

from bench.writeside.figures import Figures, Result, interval, mean
from bench.writeside.protocol import Said, System, said
from bench.writeside.sources import Data, Row, sample
from bench.writeside.text import sentences, token_recall

USUAL = 150
MEETING, DIALOGUE, TOPIC, CHAT = 65, 22, 120, 200
"""Budgets in words."""
ENOUGH = 0.5
"""A point counts as told from this share of its content words on."""
_DECIDED = re.compile(r"\b(decid|decision|conclu|agree|final)", re.IGNORECASE)


def measure(system: System, data: Data, most: int) -> Result:
    count = most or USUAL
    meetings = data.rows("meetings")
    asked = [(m, q) for m in meetings for q in m["specific_query_list"] if q["relevant_text_span"]]
    return {
        "meetings": _rouge(
            (summary(system, q["answer"], _span(m, q["relevant_text_span"]), q["query"], MEETING), [q["answer"]])
            for m, q in sample(asked, count)
        ),
        "dialogues": _rouge(_dialogues(system, sample(data.rows("dialogues"), count))),
        "decided": _recall(_decided(system, asked)),
        "chats": _recall(_points(system, data)),
    }


def summary(system: System, reference: str, turns: list[Said], topic: str | None, words: int) -> str:
    """What the system writes. Only the extractive ceiling is shown the reference."""
    if hasattr(system, "reference"):
        system.reference = reference
    return system.summarise(turns, topic, words)


def _rouge(pairs: Iterable[tuple[str, Sequence[str]]]) -> Figures:
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL", "rougeLsum"], use_stemmer=True)
    scores: dict[str, list[float]] = defaultdict(list)
    for text, references in pairs:
        each = [scorer.score(_lines(reference), _lines(text)) for reference in references]
        for name in each[0]:
            scores[name].append(mean(s[name].fmeasure for s in each))
        scores["words"].append(len(text.split()))
    return {
        "R1": 100 * mean(scores["rouge1"]), "R1_ci": 100 * interval(scores["rouge1"]),
        "R2": 100 * mean(scores["rouge2"]), "RL": 100 * mean(scores["rougeL"]),
        "RLsum": 100 * mean(scores["rougeLsum"]), "words": mean(scores["words"]), "n": len(scores["words"]),
    }  # fmt: skip


def _lines(text: str) -> str:
    return "\n".join(sentences(text)) or text


def _recall(recalls: Iterable[float]) -> Figures:
    found = list(recalls)
    return {"recall": mean(found), "ci": interval(found), "told": mean(r >= ENOUGH for r in found), "n": len(found)}


def _span(meeting: Row, spans: Sequence[Sequence[str]]) -> list[Said]:
    lines = meeting["meeting_transcripts"]
    places = [i for first, last in spans for i in range(int(first), min(int(last) + 1, len(lines)))]
    return [said("user", lines[i]["content"], lines[i]["speaker"]) for i in places]


def spoken(row: Row) -> list[Said]:
    """The turns of a DialogSum dialogue."""
    lines = (line.split(":", 1) for line in row["dialogue"].split("\n") if ":" in line)
    return [said("user", text.strip(), name) for name, text in lines]


def _dialogues(system: System, rows: Iterable[Row]) -> Iterable[tuple[str, Sequence[str]]]:
    for row in rows:
        references = [row[key] for key in ("summary", "summary1", "summary2", "summary3") if row.get(key)]
        yield summary(system, references[0], spoken(row), None, DIALOGUE), references


def _decided(system: System, asked: Iterable[tuple[Row, Row]]) -> Iterable[float]:
    """Answers to questions about a decision, looked for in a summary of the whole topic around them."""
    for meeting, question in asked:
        if not _DECIDED.search(question["query"]):
            continue
        start = int(question["relevant_text_span"][0][0])
        around = [
            topic
            for topic in meeting["topic_list"]
            if any(int(first) <= start <= int(last) for first, last in topic["relevant_text_span"])
        ]
        spans, name = (
            (around[0]["relevant_text_span"], around[0]["topic"]) if around else (question["relevant_text_span"], None)
        )
        answer = question["answer"]
        yield token_recall(answer, summary(system, answer, _span(meeting, spans), name, TOPIC))


def _points(system: System, data: Data) -> Iterable[float]:
    for messages, questions in data.chats():
        for question in questions["summarization"]:
            turns = [
                said(messages[i]["role"], re.sub(r"->->.*", "", messages[i]["content"]))
                for i in _ids(question["source_chat_ids"])
                if i in messages
            ]
            if turns:
                text = summary(system, " ".join(question["rubric"]), turns, None, CHAT)
                yield from (token_recall(point.split("contain:")[-1], text) for point in question["rubric"])


def _ids(sources: Row) -> list[int]:
    groups = sources.values() if isinstance(sources, dict) else sources
    return [i for group in groups for i in (group if isinstance(group, list) else [group])]
