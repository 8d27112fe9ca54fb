"""`amends verify`: whether an evidence bundle is what the platform recorded. Needs no platform."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress

from services.intake.bundle.signing import fingerprint
from services.intake.bundle.verifying import NotABundle, Verdict, verify
from shared.clock import rfc3339
from shared.codec import pack

_MOST_FAULTS: Final = 20

_out = Console(soft_wrap=True, highlight=False)
_err = Console(stderr=True, soft_wrap=True)


def verify_command(
    bundle: Annotated[Path, typer.Argument(help="The ZIP file.", exists=True, dir_okay=False)],
    key: Annotated[
        Path | None,
        typer.Option(
            help="Public key (PEM) as the platform publishes it: GET /v1/evidence-bundle-key.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Check an evidence bundle offline: signature, order, every text, the SHA-256 of every file.

    Ends with 0 if nothing is wrong, with 1 if something is, with 2 if it is no bundle. Without
    --key the bundle is checked with the key that it brings along, which shows that nothing was
    altered since somebody signed it, but not who did.

    Example: [bold]amends verify evidence-bundle.zip --key published.pem[/bold]
    """
    try:
        with Progress(console=_err, transient=True, disable=not _err.is_terminal) as progress:
            progress.add_task("Checking", total=None)
            verdict = verify(bundle, None if key is None else key.read_bytes())
    except NotABundle as error:
        _err.print(f"[red]{bundle} is no evidence bundle:[/red] {error}", markup=True)
        raise typer.Exit(2) from error
    except ValueError as error:
        _err.print(f"[red]{key} is no public key of the platform:[/red] {error}")
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(pack(_told(verdict)).decode())
    else:
        _show(verdict, trusted=key is not None)
    if not verdict.genuine:
        raise typer.Exit(1)


def _told(verdict: Verdict) -> dict[str, object]:
    return {
        "genuine": verdict.genuine,
        "complaint_id": verdict.manifest.complaint_id,
        "version": verdict.manifest.version,
        "events_sha256": verdict.manifest.events_sha256,
        "key_sha256": _fingerprint(verdict),
        "erased": [{"version": one.version, "field": one.field} for one in verdict.erased],
        "checks": {check.name: list(check.faults) for check in verdict.checks},
    }


def _fingerprint(verdict: Verdict) -> str | None:
    try:
        return fingerprint(verdict.public_key)
    except ValueError:
        return None


def _show(verdict: Verdict, *, trusted: bool) -> None:
    manifest = verdict.manifest
    last = rfc3339(manifest.events[-1].recorded_at) if manifest.events else "nothing"
    _out.print(f"Complaint {manifest.complaint_id}, version {manifest.version}, up to {last}")
    for check in verdict.checks:
        mark = "[red]✗[/red]" if check.faults else "[green]✓[/green]"
        _out.print(f"  {mark} {check.name}")
        for fault in check.faults[:_MOST_FAULTS]:
            _out.print(f"      {fault}", markup=False)
        if len(check.faults) > _MOST_FAULTS:
            _out.print(f"      and {len(check.faults) - _MOST_FAULTS} more")
    if verdict.erased:
        _out.print(
            f"Nobody can read {len(verdict.erased)} of the texts: their persons were erased."
        )
    _out.print(f"SHA-256 of the key: {_fingerprint(verdict)}")
    if not trusted:
        _out.print("That key came with the bundle. To know who signed, give the published --key.")
    _out.print("[green]Genuine.[/green]" if verdict.genuine else "[red]Not genuine.[/red]")
