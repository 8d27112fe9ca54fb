"""`python -m amends.demo` is `amends demo`."""

import typer

from amends.demo.command import demo_command

if __name__ == "__main__":
    typer.run(demo_command)
