"""A receipt, for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.domain.markdown import iso, one_line, turns_text

if TYPE_CHECKING:
    from agent.domain.decision import Plan
    from agent.domain.receipt import Receipt

Json = dict[str, Any]
SHOWN = 40
UNITS = {"vault": "file", "gateway": "passage"}
"""What each store counts."""
MARKS = {"add": "+", "update": "→", "merge": "≈", "touch": "·", "quarantine": "?", "skip": "-"}


def planned(plan: Plan) -> Receipt:
    """A plan in a receipt's form, for `--dry-run`: nothing has been written."""
    from agent.domain.receipt import Receipt, StoreState

    return Receipt(
        operation="close",
        session=plan.session,
        scope=plan.scope,
        outcome=plan.outcome,
        reason=plan.reason or "dry run: nothing was written",
        when=iso(None),
        digest=plan.digest,
        turns=plan.turns,
        subjects=plan.subjects,
        decisions=plan.decisions,
        files=tuple(p for p, c in plan.files.items() if c is not None),
        removed=tuple(p for p, c in plan.files.items() if c is None),
        stores={"vault": StoreState("unchanged"), "gateway": StoreState(plan.gateway)},
        redactions=plan.redactions,
        skipped=plan.skipped,
        scan=plan.scan,
        notices=plan.notices,
    )


def with_before(receipt: Json) -> str:
    return "\n\n".join(shown(r) for r in (*receipt["before"], receipt))


def shown(receipt: Json) -> str:
    """The receipt on one screen, from its JSON: what was kept and why, and where it is."""
    head = receipt["operation"].capitalize() + (f" {receipt['session']}" if receipt["session"] else "")
    told = {"close": "committed", "nothing": "nothing to keep", "done": "nothing left to do"}[receipt["outcome"]]
    if receipt["operation"] in ("reconcile", "rebuild") and receipt["outcome"] == "nothing":
        told = "not done"
    lines = [f"{head}: {told if receipt['commit'] or receipt['outcome'] != 'close' else 'planned'}"]
    if receipt["reason"]:
        lines.append(f"  {receipt['reason']}")
    if receipt["commit"]:
        lines.append(f"  commit    {receipt['commit'][:12]}  scope {receipt['scope']}")
    for name, store in receipt["stores"].items():
        lines.append(f"  {name:<10}{_store(name, store)}")
    if receipt["subjects"]:
        lines.append("  subjects")
        lines += [
            f"    {s['title']}  [{s['slug']}{', met before' if s['filed'] else ''}]  {turns_text(s['turns'])[:60]}"
            for s in receipt["subjects"]
        ]
    if receipt["decisions"]:
        lines.append("  fragments")
        lines += [_decision(d) for d in receipt["decisions"][:SHOWN]]
    if receipt["redactions"]:
        kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(receipt["redactions"].items()))
        lines.append(f"  redacted  {kinds}")
    if receipt["scan"]:
        lines += _scan(receipt["scan"])
    if receipt["skipped"]:
        lines.append("  skipped   " + ", ".join(f"{n} {kind}" for kind, n in sorted(receipt["skipped"].items())))
    lines += [f"  note      {notice}" for notice in receipt["notices"]]
    lines += [f"  kept      {path}: changed by hand, left alone" for path in receipt["kept_by_hand"]]
    return "\n".join(lines)


def _store(name: str, store: Json) -> str:
    """What became of one store: `29 files written`, `written`, `pending, 3 passages pending`."""
    unit = UNITS.get(name, "record")
    written, pending = _counted(store["written"], unit), _counted(store["pending"], unit)
    told = f"{written} {store['state']}" if written and store["state"] == "written" else store["state"]
    told += f", {written} written" if written and store["state"] != "written" else ""
    told += f", {pending} pending" if pending else ""
    return told + (f" ({store['reason']})" if store["reason"] else "")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}" if number else ""


def _scan(scan: Json) -> list[str]:
    lines = [f"  bandit    {scan['verdict']}" + (f": {scan['reason']}" if scan["reason"] else "")]
    lines += [
        f"    {f['path']}:{f['line']} {f['rule']} {f['severity']}: {f['text']}  (changed line)"
        for f in scan["new"][:SHOWN]
    ]
    if scan["old"]:
        lines.append(f"    {len(scan['old'])} more on lines that were there before")
    return lines + [f"    {u['path']}: {u['reason']}" for u in scan["unscanned"][:SHOWN]]


def _decision(decision: Json) -> str:
    kind = decision["kind"]
    head = f"    {MARKS[kind]} {kind:<10} {decision['class']:<11} {one_line(decision['statement'], 90)}"
    doubt = "  (doubtful: please look)" if decision["doubtful"] else ""
    return f"{head}\n        {decision['reason']}{doubt}"
