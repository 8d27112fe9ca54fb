"""Routes that take what they name and nothing else."""

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from shared.problems import Problem


class StrictRoute(APIRoute):
    """A route that refuses a query it has no name for, or that says a name twice.

    A misspelt filter would filter nothing, and of two values one would be left out.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """See `APIRoute`. The handler raises `Problem` 422 `validation_failed`."""
        handler = super().get_route_handler()
        known = frozenset(_query_names(self.dependant))

        async def strict(request: Request) -> Response:
            if request.scope["query_string"]:
                errors = list(_errors(request, known))
                if errors:
                    raise Problem("validation_failed", "See `errors`.", errors=errors)
            return await handler(request)

        return strict


def _query_names(dependant: Dependant) -> Iterator[str]:
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from (info.alias or name for name, info in kind.model_fields.items())
        else:
            yield field.alias
    for other in dependant.dependencies:
        yield from _query_names(other)


def _errors(request: Request, known: frozenset[str]) -> Iterator[dict[str, str]]:
    times = Counter(name for name, _ in request.query_params.multi_items())
    for name, said in times.items():
        if name not in known:
            yield {"field": f"query.{name}", "message": "Extra inputs are not permitted"}
        elif said > 1:
            yield {"field": f"query.{name}", "message": "Say it once"}
