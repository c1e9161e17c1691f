"""One row by its key, again and again: the SQL is made once a thread, Django makes the objects as always.

To work out a joined SELECT takes Django three times as long as to read the row; every page of every interview
asks for the same one. Use it for queries on the path of each page only.
"""

import threading
from collections.abc import Callable
from typing import Any, cast

from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler


class _Compiler(SQLCompiler):
    """Makes the SQL once; then only the key changes."""

    key: Any = None
    _sql: str = ""
    _converters: dict[int, Any] | None = None

    def as_sql(self, *args: Any, **kwargs: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL that was made the first time, and the key asked for."""
        if not self._sql:
            self._sql, found = super().as_sql(*args, **kwargs)
            if len(found) != 1:
                raise TypeError(f"Expected a query with its key as the only parameter, got {len(found)}.")
        return self._sql, (self.key,)

    def get_converters(self, expressions: Any) -> dict[int, Any]:
        """Return what makes values of the columns; they are the same each time."""
        if self._converters is None:
            self._converters = dict(super().get_converters(expressions))
        return self._converters


class _Query(Query):
    """A query that keeps its compiler."""

    kept_compiler: _Compiler

    def get_compiler(self, *_args: Any, **_kwargs: Any) -> _Compiler:
        """Return the compiler of this thread."""
        return self.kept_compiler


class Lookup[ModelType: Model]:
    """Finds rows of a query by their primary key, or another unique one.

    Parameters
    ----------
    build : callable
        Returns the query without parameters of its own: relations and columns, no filter with values.
    by : str
        Field that the key is a value of.
    """

    def __init__(self, build: Callable[[], QuerySet[ModelType]], by: str = "pk") -> None:
        self._build, self._by, self._kept = build, by, threading.local()

    def get(self, key: Any) -> ModelType:
        """Return the row with a key, or raise `DoesNotExist` of its model."""
        queryset = self._queryset(key)
        queryset.query.kept_compiler.key = key
        rows: list[Any] = list(ModelIterable(queryset))
        for row in rows:
            return cast("ModelType", row)
        raise queryset.model.DoesNotExist

    def _queryset(self, key: Any) -> Any:
        """Return the query of this thread, made with the first key that was asked for."""
        queryset: Any = getattr(self._kept, "queryset", None)
        if queryset is None:
            queryset = self._build().filter(**{self._by: key})
            queryset.query = query = queryset.query.chain(klass=_Query)
            connection = connections[queryset.db]
            query.kept_compiler = _Compiler(query, connection, queryset.db)
            self._kept.queryset = queryset
        return queryset
