"""The evidence bundle over HTTP."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from services.intake.answering import ComplaintId, UseCases
from services.intake.bundle.signing import fingerprint
from services.intake.bundle.texts import texts_in
from services.intake.bundle.writing import BundleWriter, opened
from services.intake.files import FilesUnavailable
from services.intake.history import until_referral
from services.intake.uploads import evidence_unavailable
from shared.auth import Caller, require
from shared.events.vocabulary import Role
from shared.http import json_response
from shared.observability import log
from shared.problems import Problem
from shared.routes import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["evidence"])

_ZIP: Final = "application/zip"
_READERS: Final = (Role.SPECIALIST, Role.SUPERVISOR, Role.OPS)


@router.get(
    "/v1/complaints/{complaint_id}/evidence-bundle",
    response_class=StreamingResponse,
    responses={200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def evidence_bundle(
    complaint_id: ComplaintId,
    caller: Caller,
    intake: UseCases,
    referral: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """All that was recorded, with the evidence, as a signed ZIP file for a court to check offline.

    It holds what staff alone may see. `referral`: as it was when it was referred for the nth time.
    """
    found = await intake.visible(caller, complaint_id)
    require(caller, *_READERS)
    history = await intake.history(complaint_id)
    if referral is not None:
        until = until_referral(history, referral)
        if until is None:
            raise Problem("not_found", f"There is no referral {referral}.")
        history = list(until)
        found = await intake.complaint(complaint_id, up_to=len(history))
    evidence, files = found.state.case.evidence, intake.uploads.files
    try:
        for one in evidence[:1]:
            await opened(one, files)  # before anything is answered: a store that is down says so
    except FilesUnavailable as error:
        raise evidence_unavailable("Try again.") from error
    texts = await texts_in(history, intake.log.keys)
    name = f"evidence-bundle-{complaint_id}-{len(history)}.zip"
    log.info("evidence_bundle_read", complaint_id=complaint_id, by=caller.key)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    content = BundleWriter(complaint_id, history, texts, intake.signer).write(evidence, files)
    return StreamingResponse(content, media_type=_ZIP, headers=headers)


@router.get("/v1/evidence-bundle-key")
async def evidence_bundle_key(intake: UseCases) -> Response:
    """The public key that bundles are checked with. Anybody may have it."""
    key = intake.signer.public_key
    body = {"algorithm": "Ed25519", "public_key": key.decode(), "sha256": fingerprint(key)}
    return json_response(body)
