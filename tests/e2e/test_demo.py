"""The demo as a newcomer runs it: the command, a real platform, real mail, figures that add up."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
DEMO = [sys.executable, "-m", "amends.cli", "demo"]
PATIENCE_SECONDS = 240


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DEMO, *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    """The figures of one run of 40 examples, over 7 business days."""
    run = demo("--exit", "--limit", "40", "--days", "7", "--clock-rate", "14000", "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_every_complaint_is_filed_accepted_and_accounted_for(figures: dict[str, Any]) -> None:
    assert figures["given"] == figures["filed"] == figures["accepted"] == 40
    assert sum(figures["by_status"].values()) == 40
    over = sum(figures["by_status"].get(s, 0) for s in ("closed", "withdrawn", "resolved"))
    assert figures["open"] + over == 40
    assert figures["assigned"] + figures["waiting"] + figures["withdrawn"] >= 40


def test_complaints_come_to_an_end(figures: dict[str, Any]) -> None:
    assert figures["resolved"] > 0
    assert figures["first_contact_in_time"] + figures["first_contact_late"] > 0
    assert figures["reopened"] <= figures["objections"]
    assert figures["satisfied"] <= figures["closed"] + figures["reopened"]


def test_breaches_by_clock_add_up(figures: dict[str, Any]) -> None:
    assert sum(figures["breaches_by_clock"].values()) == figures["breaches"]
    assert figures["breaches_by_clock"].get("first_contact", 0) == figures["first_contact_late"]


def test_mail_went_out_and_arrived(figures: dict[str, Any]) -> None:
    assert 0 < figures["mails_sent"] <= figures["caught"]
    assert figures["inbox"] > 0


def test_decisions_are_told_with_who_and_why(figures: dict[str, Any]) -> None:
    assert figures["examples"]
    for example in figures["examples"]:
        assert example["specialist_id"]
        assert example["sentence"]
        assert "best of" in example["grounds"]


def test_nothing_happened_that_should_not_have(figures: dict[str, Any]) -> None:
    assert figures["troubles"] == []


def test_a_file_of_one_s_own_is_filed_by_a_stated_mapping(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        'No,Shop,Kind,Text\n1,ACME,broken,"two\nlines"\n2,ACME,late,"waiting, still"\n',
        encoding="utf-8-sig",
    )
    columns = "id=No,merchant_id=Shop,category=Kind,description=Text"
    mapping = "broken=quality,late=late_shipping"
    told = ["--input", str(own), "--columns", columns, "--category-map", mapping]
    run = demo("--exit", "--json", "--days", "1", "--clock-rate", "20000", *told)
    assert run.returncode == 0, run.stdout + run.stderr
    assert json.loads(run.stdout)["filed"] == 2


def test_a_broken_file_is_refused_before_anything_starts(tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text("merchant_id,description\nACME,fine\n,no shop\n", encoding="utf-8")
    run = demo("--exit", "--input", str(broken))
    assert run.returncode == 2
    assert "Nothing was filed" in run.stderr
    assert "line 3, column 'merchant_id'" in run.stderr
    assert "Watch it live" not in run.stdout


def test_it_keeps_serving_until_ctrl_c_and_leaves_nothing_behind(tmp_path: Path) -> None:
    arguments = ["--limit", "3", "--days", "1", "--clock-rate", "50000"]
    with subprocess.Popen(
        [*DEMO, *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200", "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
        watchdog.start()
        try:
            page = _page_when_serving(process)
            answer = httpx.get(page, follow_redirects=True, timeout=10, trust_env=False)
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            watchdog.cancel()
            process.kill()
    assert answer.status_code == 200
    assert "<html" in answer.text
    assert list(tmp_path.glob("amends-demo-*")) == []


def _page_when_serving(process: subprocess.Popen[str]) -> str:
    """The address of the live page, once the play is over."""
    assert process.stdout is not None
    page = ""
    for line in process.stdout:
        if line.startswith("Live page: "):
            page = line.removeprefix("Live page: ").strip()
        if line.startswith("Stop with Ctrl-C"):
            return page
    raise AssertionError("the demo ended before it served")
