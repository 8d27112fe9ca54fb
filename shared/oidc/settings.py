"""Whose tokens are taken, from the environment (`AMENDS_OIDC_…`)."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.auth import AUDIENCE, ClaimNames

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_Leeway = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(minutes=5))]
_Age = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=7))]
_Wait = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(minutes=1))]


class OidcSettings(BaseSettings):
    """Settings of an OpenID Connect issuer. Without one, tokens are those of `AMENDS_SECRET`.

    Durations are ISO 8601 (`PT10M`), of real time.
    """

    model_config = SettingsConfigDict(
        env_prefix="AMENDS_OIDC_", extra="ignore", env_ignore_empty=True, frozen=True
    )

    issuer: str | None = None
    """As tokens name it in `iss`, to the letter: `https://login.example/realms/shop`."""

    audience: str = AUDIENCE
    """What tokens for this platform have in `aud`."""

    jwks_url: str | None = None
    """Where its keys lie. Without one the issuer's discovery document says so."""

    role_claim: str = "role"
    subject_claim: str = "sub"
    team_claim: str = "team_id"
    merchant_claim: str = "merchant_id"
    scope_claim: str = "scope"

    leeway: _Leeway = timedelta(seconds=30)
    """How far the issuer's clock may be from ours: added at both ends of a token's time."""

    refresh_after: _Age = timedelta(minutes=10)
    """Keys of this age are asked for again, while they are still in use."""

    max_key_age: _Age = timedelta(hours=1)
    """Keys of this age are not used any more, should the key server not answer for so long."""

    timeout: _Wait = timedelta(seconds=5)
    """For asking once, from connecting to the last byte of the keys."""

    ca_file: Path | None = None
    """The key server's authority (PEM); without it the system's."""

    allow_http: bool = False
    """Take keys over plain HTTP from hosts other than this one: inside a network of one's own."""

    @model_validator(mode="after")
    def _is_about_an_issuer(self) -> Self:
        told = sorted(f"AMENDS_OIDC_{name}".upper() for name in self.model_fields_set)
        if self.issuer is None and told:
            raise ValueError(f"without AMENDS_OIDC_ISSUER nobody heeds {', '.join(told)}")
        return self

    @model_validator(mode="after")
    def _asks_where_nobody_listens_in(self) -> Self:
        for name, url in (("ISSUER", self.issuer), ("JWKS_URL", self.jwks_url)):
            if url is not None and not self.may_ask(url):
                raise ValueError(
                    f"AMENDS_OIDC_{name} must be an https: address (http: for this machine alone, "
                    "or with AMENDS_OIDC_ALLOW_HTTP)"
                )
        if "?" in (self.issuer or ""):
            raise ValueError("AMENDS_OIDC_ISSUER has no query (OpenID Connect Discovery 1.0, 2)")
        if self.ca_file is not None and not self.ca_file.is_file():
            raise ValueError(f"AMENDS_OIDC_CA_FILE: there is no file {self.ca_file}")
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.refresh_after > self.max_key_age:
            raise ValueError("AMENDS_OIDC_REFRESH_AFTER must not exceed AMENDS_OIDC_MAX_KEY_AGE")
        names = [getattr(self.claim_names, field.name) for field in fields(ClaimNames)]
        if len(set(names)) < len(names):
            raise ValueError("each of AMENDS_OIDC_…_CLAIM needs a name of its own")
        return self

    def may_ask(self, url: str) -> bool:
        """Whether keys may be fetched from there: nobody on the way may put in other ones."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        if not parts.hostname or parts.username is not None or parts.fragment:
            return False
        plain = parts.scheme == "http" and (self.allow_http or parts.hostname in _LOOPBACK)
        return parts.scheme == "https" or plain

    @property
    def claim_names(self) -> ClaimNames:
        """What the claims are called."""
        return ClaimNames(
            role=self.role_claim,
            subject=self.subject_claim,
            team_id=self.team_claim,
            merchant_id=self.merchant_claim,
            scope=self.scope_claim,
        )
