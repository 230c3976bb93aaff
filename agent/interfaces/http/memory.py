"""The memory over HTTP: remembered, recalled, forgotten, handed to the next session."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from agent.closer import Closer
from agent.errors import UsageError
from agent.interfaces.http import bodies
from agent.interfaces.http.problems import absent
from agent.interfaces.http.rooms import At, IdempotencyKey, Json, key_of

router = APIRouter(prefix="/v1", tags=["memory"])


@router.post("/remember")
async def remember(at: At, body: bodies.Statement, idempotency_key: IdempotencyKey = None) -> Json:
    """Keep one statement of the user's at once."""
    key = key_of(idempotency_key, "remember", body)
    return await at.once(
        key, lambda closer: closer.remember(body.text, session=body.session, scope=body.scope).as_json()
    )


@router.post("/recall")
async def recall(at: At, body: bodies.Question) -> Json:
    """The passages most likely to answer."""
    hits = await at.work(lambda closer: closer.recall(body.question, body.k, body.scope, keyword=body.keyword))
    return {"question": body.question, "notice": hits.notice, "hits": [hit.as_json() for hit in hits]}


@router.post("/forget")
async def forget(at: At, body: bodies.Forgetting, idempotency_key: IdempotencyKey = None) -> Json:
    """Forget a statement, by id or text. It is not learned again."""
    key = key_of(idempotency_key, "forget", body)
    try:
        return await at.once(key, lambda closer: closer.forget(body.what).as_json())
    except UsageError as error:
        raise absent(error) from error


@router.get("/brief")
async def brief(at: At, cwd: Annotated[bodies.Place, Query()]) -> Json:
    """What a session that began in this folder would be handed. Registers nothing."""
    return (await at.work(lambda closer: closer.brief(cwd))).as_json()


@router.post("/reconcile")
async def reconcile(at: At) -> Json:
    """Bring gateway and catalogue to the vault's last commit, and prove it."""
    return (await at.work(Closer.reconcile)).as_json()
