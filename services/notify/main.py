"""Builds notify."""

from services.notify.api import router
from services.notify.application import PostOffice
from services.notify.facade import NotifyFacade
from services.notify.forgetting import Forgetting
from services.notify.links import SurveyLinks
from services.notify.reactions import TOPICS, Reactions
from services.notify.redrives import MailRedrives
from services.notify.sender import MailSender
from services.notify.settings import NotifySettings
from services.notify.smtp import NullTransport
from services.notify.surveys import Surveys, fire
from services.notify.templates import Templates
from services.notify.views import TABLES, project
from shared.access import ComplaintAccess
from shared.eventlog.ports import Timer, one_by_one
from shared.eventlog.rebuild import rebuild, views_are_older
from shared.service import Edges, Service
from shared.unit_of_work import UnitOfWork


async def build(settings: NotifySettings, edges: Edges) -> Service:
    """Notify on these edges. Without a mail transport everything goes to the inbox."""
    store = await edges.open_log("notify", one_by_one(project), [*TABLES, ComplaintAccess])
    if await views_are_older(store):
        await rebuild(store, one_by_one(project), TABLES)
    links = SurveyLinks(edges.secret)
    post = PostOffice(
        settings=settings,
        templates=Templates(settings.time_zone),
        business=edges.business,
        real=edges.real,
        mail_configured=not isinstance(edges.mail, NullTransport),
    )
    surveys = Surveys(post=post, links=links, base_url=edges.base_url)
    forgetting = Forgetting(post=post, surveys=surveys)
    reactions = Reactions(post=post, surveys=surveys, forgetting=forgetting)

    async def fire_survey(timer: Timer, work: UnitOfWork) -> None:
        await fire(surveys, timer, work)

    return Service(
        name="notify",
        log=store,
        router=router,
        facade=NotifyFacade(log=store, post=post, links=links),
        consumers=(edges.consumer("notify", TOPICS, store, reactions.handle),),
        exclusive=(
            edges.timers("notify.surveys", "business", store, fire_survey),
            MailSender(store=store, post=post, transport=edges.mail),
            MailRedrives(store, post, edges.monotonic),
        ),
    )
