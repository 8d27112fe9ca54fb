"""Behind the gateway every route of every service is found, at the service that has it."""

import re
from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.routing import iter_route_contexts

from amends.dead_letters.api import router as dead_letters
from amends.platform import router as of_every_process
from services.dashboard.api import router as dashboard
from services.intake.api import router as intake
from services.notify.api import router as notify
from services.routing.api import router as routing
from services.sla.api import router as sla
from tests.support.compose import composed
from tests.support.gateway import Gateway, Led

ROUTERS = {
    "intake": intake,
    "routing": routing,
    "sla": sla,
    "notify": notify,
    "dashboard": dashboard,
}
GATEWAY = Gateway.of_the_project()
INSIDE_ONLY = {"/metrics"}
THE_GATEWAY_S_OWN = {"/healthz"}
PARAMETER = re.compile(r"\{[^}]+\}")


def paths(router: APIRouter) -> Iterator[str]:
    """Every path of a router, with something in the place of its parameters."""
    for route in iter_route_contexts(router.routes):
        assert route.path is not None
        yield PARAMETER.sub("01a2-x", route.path)


def misled(gateway: Gateway, service: str, router: APIRouter) -> list[str]:
    """Paths that lead elsewhere."""
    return [path for path in paths(router) if gateway.lead(path) != Led(service, path)]


@pytest.mark.parametrize("service", ROUTERS)
def test_every_route_of_a_service_leads_to_it(service: str) -> None:
    assert misled(GATEWAY, service, ROUTERS[service]) == []


@pytest.mark.parametrize("service", ROUTERS)
def test_what_every_service_has_is_found_under_its_name(service: str) -> None:
    inside = INSIDE_ONLY | THE_GATEWAY_S_OWN | {"/"}
    own = {*paths(dead_letters), *paths(of_every_process), "/openapi.json"} - inside
    for path in own:
        assert GATEWAY.lead(f"/services/{service}{path}") == Led(service, path), path


def test_every_location_leads_to_a_route() -> None:
    led = {GATEWAY.location(path) for router in ROUTERS.values() for path in paths(router)}
    led |= {GATEWAY.location("/"), GATEWAY.location("/services/sla/readyz")}
    leading = {one for one in GATEWAY.locations if one.value("proxy_pass") is not None}
    assert leading - led == set()


@pytest.mark.parametrize("path", [*INSIDE_ONLY, *THE_GATEWAY_S_OWN, "/v1/nothing", "/services/x"])
def test_what_is_for_nobody_outside_leads_nowhere(path: str) -> None:
    assert GATEWAY.lead(path) is None
    assert GATEWAY.location(path) is not None


def test_the_address_itself_leads_to_the_live_page() -> None:
    assert GATEWAY.lead("/") == Led("dashboard", "/")


def test_upstreams_are_the_containers_at_their_ports() -> None:
    served = {
        one.name: f"{one.name}:{one.environment['AMENDS_PORT']}"
        for one in composed().ours
        if one.name in ROUTERS
    }
    assert GATEWAY.upstreams() == served


def test_events_are_passed_on_as_they_come() -> None:
    stream = GATEWAY.location("/v1/stream")
    assert stream is not None
    assert stream.value("proxy_buffering") == "off"


def test_a_route_that_leads_elsewhere_is_noticed() -> None:
    moved = Gateway(
        "http { server {"
        " location /v1/clocks { proxy_pass http://sla; }"
        " location = /v1/breaches { proxy_pass http://intake; }"
        " location / { return 404; }"
        " } }"
    )
    assert misled(moved, "sla", sla) == ["/v1/breaches", "/v1/sla/policies"]


@pytest.mark.parametrize(
    ("path", "upstream"),
    [("/a", "prefix"), ("/a/b", "longer"), ("/a/b/c", "exact"), ("/a/b/cc", "pattern"), ("/", "")],
)
def test_locations_are_chosen_as_nginx_chooses_them(path: str, upstream: str) -> None:
    gateway = Gateway(
        "http { server { # a comment; with { signs }\n"
        " location /a { proxy_pass http://prefix; }"
        " location /a/b { proxy_pass http://longer; }"
        " location ~ /c(?<rest>c+)$ { proxy_pass http://pattern/$rest; }"
        " location = /a/b/c { proxy_pass http://exact; }"
        " } }"
    )
    led = gateway.lead(path)
    assert (led.upstream if led else "") == upstream
    if upstream == "pattern":
        assert led == Led("pattern", "/c")
