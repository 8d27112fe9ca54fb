"""Everybody, everything they might ask for, and whether they may: as `docs/permissions.md` says.

`python -m tests.integration.permissions` writes that table anew from what the platform does. Read
the difference before you commit it: the table is the decision, not the behaviour.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from amends.contract import EXAMPLES
from tests.crossings.cases import Case, file, hire, introduce_merchant
from tests.support.system import Client, System

TABLE: Final = Path(__file__).parents[2] / "docs" / "permissions.md"
ACTORS: Final = (
    "nobody",
    "consumer",
    "other consumer",
    "merchant",
    "other merchant",
    "specialist",
    "other specialist",
    "supervisor",
    "other supervisor",
    "ops",
    "reader",
    "filer",
)
"""Columns of the table; who they are stands above it."""

DENIED: Final = frozenset({401, 403, 404})
ANSWERED: Final = frozenset({200, 201, 204, 409, 412, 428})
"""Answers of a request that got past rights; 422 would mean that the example here is wrong."""

_PREFIX: Final = "/v1/complaints/{complaint_id}/"
BODIES: Final[dict[str, Any]] = {
    **{name.replace(_PREFIX, "…/"): body for name, body in EXAMPLES.items()},
    "POST …/evidence": b"\x89PNG\r\n\x1a\n" + b"0" * 100,
}
"""What is sent along, by the row's name; nothing where it is not listed."""

PATHS: Final = {
    "n": "1",
    "specialist_id": "s1",
    "merchant_id": "m1",
    "subject_id": "u1",
    "hold_id": "h1",
    "letter_id": "none",
    "category": "counterfeit",
}
"""What stands in the blanks of a path."""

_COMPLAINT: Final = "/v1/complaints/{complaint_id}/"
UNKNOWN: Final = frozenset(
    {
        "GET /v1/evidence/{token}",
        "GET /v1/surveys/{token}",
        "POST /v1/surveys/{token}",
        "POST /v1/dead-letters/{letter_id}/drop",
        "POST /v1/dead-letters/{letter_id}/redrive",
    }
)
"""Rows that name what does not exist here: past rights the answer is 404 all the same."""


@dataclass(frozen=True, slots=True)
class Row:
    """One operation, and how each actor is answered: `yes`, or the status of the refusal."""

    name: str
    cells: tuple[str, ...]


def operations(system: System) -> list[str]:
    """Every operation of the platform, by the name of its row."""
    paths = system.app.openapi()["paths"]
    return sorted(f"{m.upper()} {_short(path)}" for path, found in paths.items() for m in found)


def _short(path: str) -> str:
    return path.replace(_COMPLAINT, "…/")


def rows() -> list[Row]:
    """The table, as it is written down."""
    lines = TABLE.read_text("utf-8").splitlines()
    cells = [
        [part.strip() for part in line.strip("|").split("|")] for line in lines if "| `" in line
    ]
    return [Row(name.strip("`"), tuple(rest)) for name, *rest in cells]


async def stage(system: System, name: str) -> Case:
    """A complaint of consumer u1 about merchant m1 that s1 of team t1 works on."""
    await hire(system, team_id="t1")
    await introduce_merchant(system)
    case = await file(system)
    await system.settle()
    await case.contact()
    await hire(system, "s2", team_id="t1")
    if "evidence/{evidence_id}" in name:
        await _upload(case.consumer, f"{case.path}/evidence?kind=chat_log", b"They said no.")
    if "/violations/" in name:
        found = {"kind": "counterfeit", "severity": 2}
        await case.specialist.post(f"{case.path}/violations", found)
    if "collaborations/{n}" in name:
        asked = {"collaborator_id": "s9", "question": "Is it real?"}
        await case.act(case.specialist, "collaborations", asked)
    if "callbacks/{n}" in name:
        await case.act(case.specialist, "callbacks", {"promised_for": "2035-03-02T09:00:00Z"})
    if "referrals/{n}" in name:
        await case.act(case.consumer, "referrals", {"body": "mediation"})
    await system.settle()
    return case


def actors(case: Case) -> dict[str, Client]:
    """Everybody, by the name of their column."""
    system = case.system
    return {
        "nobody": system.http,
        "consumer": case.consumer,
        "other consumer": system.as_("consumer", "u2"),
        "merchant": case.merchant,
        "other merchant": system.as_("merchant", "m2", merchant_id="m2"),
        "specialist": system.as_("specialist", "s1", team_id="t1"),
        "other specialist": system.as_("specialist", "s2", team_id="t1"),
        "supervisor": system.as_("supervisor", "v1", team_id="t1"),
        "other supervisor": system.as_("supervisor", "v2", team_id="t2"),
        "ops": case.ops,
        "reader": system.as_("service", "sink", scopes=["streams:read"]),
        "filer": system.as_("service", "hotline", scopes=["hotline"]),
    }


async def answer(case: Case, twin: Case, name: str, who: Client) -> int:
    """The status that somebody gets for an operation on the complaint as it is now."""
    method, path = name.split(" ", 1)
    path = path.replace("…/", _COMPLAINT)
    clocks = (await case.ops.get("/v1/clocks", complaint_id=case.id))["items"]
    evidence = (await case.now())["evidence"] or [{"id": "none"}]
    blanks = {**PATHS, "complaint_id": case.id, "clock_id": clocks[0]["id"], "token": "none"}
    blanks["evidence_id"] = evidence[0]["id"]
    held = (await case.ops.get("/v1/violations", complaint_id=case.id))["items"]
    blanks["violation_id"] = (held or [{"id": "none"}])[0]["id"]
    body = BODIES.get(name)
    if isinstance(body, dict) and "into_id" in body:
        body = {"into_id": twin.id}
    match = await case.version() if "…/" in name else None
    if isinstance(body, bytes):
        return await _upload(who, f"{path.format(**blanks)}?kind=product_photo", body)
    call = who.request(method, path.format(**blanks), body, match=match)
    if name == "GET /v1/stream":
        return await _first_answer(call)
    return (await call).status_code


async def _upload(who: Client, path: str, content: bytes) -> int:
    response = await who.send("POST", path, content)
    return response.status_code


async def _first_answer(call: Any) -> int:
    """A stream that has begun never ends: whoever still waits has been let in."""
    try:
        return int((await asyncio.wait_for(call, 0.5)).status_code)
    except TimeoutError:
        return 200


async def cells(name: str) -> tuple[str, ...]:
    """How each actor is answered; what is refused is asked first, on the untouched complaint."""
    async with System() as system:
        case = await stage(system, name)
        twin = await file(system)
        await system.settle()
        found: dict[str, str] = {}
        everybody = actors(case)
        for actor, who in everybody.items():
            status = await answer(case, twin, name, who)
            if status == 404 and name in UNKNOWN:
                status = 200
            assert status in DENIED | ANSWERED, f"{name} as {actor}: {status}"
            found[actor] = str(status) if status in DENIED else "yes"
        return tuple(found[actor] for actor in ACTORS)


HEAD: Final = """# Who may do what

One table, and a test for each of its cells (`tests/integration/test_permissions.py`): a route that
is not in it fails, and so does a cell that the platform answers otherwise. `yes` means that rights
do not stand in the way; what a status forbids is another matter. Otherwise the status of the
refusal: 401 without a token, 403 where the role may not, 404 where the complaint is not theirs to
know of. Lists are open to many and hold what is one's own. The evidence is the consumer's, and
has not been shown to the merchant.

The complaint is that of *consumer* about *merchant*, filed by telephone; *specialist* has it, in
the team of *supervisor*. The *other* ones have nothing to do with it. *Reader* is a program with
the scope `streams:read`, *filer* one with the scope `hotline`. `…/` stands for
`/v1/complaints/{complaint_id}/`.

"""


async def table() -> str:
    """The table as the platform behaves."""
    async with System() as system:
        names = operations(system)
    lines = [f"| | {' | '.join(ACTORS)} |", f"|---|{':-:|' * len(ACTORS)}"]
    for name in names:
        lines.append(f"| `{name}` | {' | '.join(await cells(name))} |")  # noqa: PERF401
    return HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(asyncio.run(table()), "utf-8")
