"""`amends token`: signed as the platform that it is for signs."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from amends.cli import app
from amends.data_directory import DataDirectory
from shared.auth import EmbeddedTokens
from shared.clock import WallClock

SECRET = "thirty-two characters or more of it"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of the test's own, and an environment that says nothing."""
    monkeypatch.chdir(tmp_path)
    for name in ("AMENDS_SECRET", "AMENDS_SECRET_FILE", "AMENDS_DATA", "AMENDS_OIDC_ISSUER"):
        monkeypatch.delenv(name, raising=False)


def asked(*more: str) -> Result:
    return CliRunner().invoke(app, ["token", "--role", "ops", "--subject", "me", *more])


def is_signed_with(key: bytes, token: str) -> None:
    tokens = EmbeddedTokens(key, WallClock())
    assert asyncio.run(tokens.verify(token.strip())).subject == "me"


def test_with_a_secret_in_the_environment_it_is_for_the_distributed_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_SECRET", SECRET)
    is_signed_with(SECRET.encode(), asked().stdout)
    assert list(tmp_path.iterdir()) == []


def test_the_secret_can_come_from_a_file_and_an_empty_variable_counts_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    monkeypatch.setenv("AMENDS_SECRET", "")
    monkeypatch.setenv("AMENDS_SECRET_FILE", str(tmp_path / "secret"))
    is_signed_with(SECRET.encode(), asked().stdout)


def test_a_named_store_comes_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_SECRET", SECRET)
    token = asked("--data", "store").stdout
    is_signed_with(DataDirectory(tmp_path / "store").secret(), token)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("AMENDS_SECRET", "too short", "32 characters"),
        ("AMENDS_SECRET_FILE", "missing", "cannot be read"),
    ],
)
def test_a_secret_that_cannot_be_used_is_refused_without_showing_it(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    monkeypatch.setenv(variable, value)
    result = asked()
    assert result.exit_code == 2
    assert words in result.stderr
    assert "too short" not in result.output


def test_where_an_issuer_makes_tokens_no_other_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_SECRET", SECRET)
    monkeypatch.setenv("AMENDS_OIDC_ISSUER", "https://login.example")
    result = asked()
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Tokens come from https://login.example" in result.stderr
    token = asked("--data", "store").stdout
    is_signed_with(DataDirectory(tmp_path / "store").secret(), token)


def test_an_embedded_platform_does_not_pretend_to_ask_an_issuer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMENDS_OIDC_ISSUER", "https://login.example")
    result = CliRunner().invoke(app, ["up", "--data", "store"])
    assert result.exit_code == 2
    assert "AMENDS_OIDC_ISSUER is for `amends serve`" in result.stderr
    assert list(tmp_path.iterdir()) == []
