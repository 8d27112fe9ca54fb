"""Whose tokens are taken, from the environment; what does not fit together is refused in words."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.auth import ClaimNames
from shared.oidc.settings import OidcSettings

ISSUER = {"AMENDS_OIDC_ISSUER": "https://login.example/realms/shop"}


def setting(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> OidcSettings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return OidcSettings()


def test_without_an_environment_there_is_no_issuer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert setting(monkeypatch, {"AMENDS_OIDC_ISSUER": ""}).issuer is None


def test_an_issuer_is_all_that_need_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = setting(monkeypatch, ISSUER)
    assert settings.issuer == ISSUER["AMENDS_OIDC_ISSUER"]
    assert (settings.audience, settings.claim_names) == ("amends", ClaimNames())


def test_everything_can_be_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    told = {
        "AMENDS_OIDC_JWKS_URL": "http://keycloak:8080/keys",
        "AMENDS_OIDC_ALLOW_HTTP": "true",
        "AMENDS_OIDC_ROLE_CLAIM": "https://shop.example/role",
        "AMENDS_OIDC_MAX_KEY_AGE": "PT6H",
        "AMENDS_OIDC_LEEWAY": "PT0S",
        "AMENDS_OIDC_CA_FILE": str(tmp_path / "ca.pem"),
    }
    settings = setting(monkeypatch, {**ISSUER, **told})
    assert settings.claim_names == ClaimNames(role="https://shop.example/role")
    assert (settings.max_key_age, settings.leeway) == (timedelta(hours=6), timedelta(0))


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]:99"])
def test_this_machine_may_be_asked_without_tls(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    assert setting(monkeypatch, {"AMENDS_OIDC_ISSUER": f"http://{host}/x"}).issuer


NOT_HTTPS = "must be an https: address"
REFUSED = [
    ({"AMENDS_OIDC_AUDIENCE": "x"}, "without AMENDS_OIDC_ISSUER nobody heeds AMENDS_OIDC_AUDIENCE"),
    ({"AMENDS_OIDC_ISSUER": "", "AMENDS_OIDC_JWKS_URL": "https://x/keys"}, "nobody heeds"),
    ({"AMENDS_OIDC_ISSUER": "http://login.example"}, NOT_HTTPS),
    ({"AMENDS_OIDC_ISSUER": "http://127.0.0.1.evil.example"}, NOT_HTTPS),
    ({"AMENDS_OIDC_ISSUER": "login.example"}, NOT_HTTPS),
    ({"AMENDS_OIDC_ISSUER": "https://"}, NOT_HTTPS),
    ({"AMENDS_OIDC_ISSUER": "https://me@login.example"}, NOT_HTTPS),
    ({"AMENDS_OIDC_ISSUER": "https://login.example#x"}, NOT_HTTPS),
    ({"AMENDS_OIDC_ISSUER": "https://[login"}, NOT_HTTPS),
    ({"AMENDS_OIDC_ISSUER": "https://login.example?x=1"}, "has no query"),
    ({**ISSUER, "AMENDS_OIDC_JWKS_URL": "http://login.example/keys"}, NOT_HTTPS),
    ({**ISSUER, "AMENDS_OIDC_JWKS_URL": "file:///keys"}, NOT_HTTPS),
    ({**ISSUER, "AMENDS_OIDC_REFRESH_AFTER": "PT2H"}, "must not exceed"),
    ({**ISSUER, "AMENDS_OIDC_REFRESH_AFTER": "PT0S"}, "greater than"),
    ({**ISSUER, "AMENDS_OIDC_LEEWAY": "PT1H"}, "less than or equal to 5 minutes"),
    ({**ISSUER, "AMENDS_OIDC_TIMEOUT": "PT1H"}, "less than or equal to 1 minute"),
    ({**ISSUER, "AMENDS_OIDC_ROLE_CLAIM": "sub"}, "a name of its own"),
    ({**ISSUER, "AMENDS_OIDC_TEAM_CLAIM": "x", "AMENDS_OIDC_SCOPE_CLAIM": "x"}, "a name of its"),
    ({**ISSUER, "AMENDS_OIDC_CA_FILE": "/nowhere.pem"}, "there is no file /nowhere.pem"),
]


@pytest.mark.parametrize(("environment", "words"), REFUSED)
def test_what_does_not_fit_together_is_refused(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        setting(monkeypatch, environment)
    assert words in str(refused.value)
