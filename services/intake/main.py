"""Composition root of intake."""

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from services.intake.api import router
from services.intake.application import Intake
from services.intake.bundle.signing import BundleSigner
from services.intake.domain.violations.policy import ViolationPolicy
from services.intake.evidence_links import EvidenceLinks
from services.intake.files import NoFiles, ObjectFiles
from services.intake.files_of_erased import FilesOfErased
from services.intake.orders import NoOrderBook, OrderBook, OrderDesk
from services.intake.orders_file import FileOrderBook
from services.intake.orders_http import HttpOrderBook, Patience
from services.intake.playbooks import Playbooks, delivered_playbooks
from services.intake.reactions import TOPICS, handler
from services.intake.search_index import SearchIndex
from services.intake.settings import IntakeSettings
from services.intake.signs import Signs
from services.intake.uploads import UploadLimits, Uploads
from services.intake.views import TABLES, project
from services.intake.violations import Violations
from shared.eventlog.rebuild import rebuild, views_are_older
from shared.service import Edges, Service


async def build(settings: IntakeSettings, edges: Edges) -> Service:
    """The service on these edges."""
    store = await edges.open_log("intake", project, TABLES)
    if await views_are_older(store):
        await rebuild(store, project, TABLES)
    url = settings.evidence_url or edges.files_url
    files = ObjectFiles(url) if url else NoFiles()
    limits = UploadLimits(max_bytes=settings.evidence_max_bytes)
    violations = Violations(log=store, ids=edges.ids, policy=ViolationPolicy())
    orders = OrderDesk(_order_book(settings, edges), seconds=settings.orders_budget_seconds)
    intake = Intake(
        log=store,
        business=edges.business,
        ids=edges.ids,
        policy=settings.policy(),
        uploads=Uploads(files, edges.monotonic, limits),
        links=EvidenceLinks(edges.secret),
        signer=BundleSigner(edges.secret),
        base_url=edges.base_url,
        violations=violations,
        orders=orders,
        playbooks=Playbooks(delivered_playbooks()),
        signs=Signs(store, settings.risk_policy()),
    )
    consumer = edges.consumer("intake", TOPICS, store, handler(intake, edges.metrics))
    return Service(
        name="intake",
        log=store,
        router=router,
        facade=intake,
        consumers=(consumer,),
        workers=(edges.claims(store),),
        exclusive=(
            SearchIndex(store, edges.monotonic),
            FilesOfErased(store, files, edges.monotonic),
        ),
        let_go=(orders.close,),
    )


def _order_book(settings: IntakeSettings, edges: Edges) -> OrderBook:
    """The order system that the settings name."""
    url = settings.orders_url
    if not url:
        return NoOrderBook()
    if url.startswith("file:"):
        return FileOrderBook(Path(url2pathname(urlsplit(url).path)))
    return HttpOrderBook(
        url,
        edges.monotonic,
        token=settings.orders_token.get_secret_value(),
        patience=Patience(
            seconds=settings.orders_timeout_seconds, attempts=settings.orders_attempts
        ),
    )
