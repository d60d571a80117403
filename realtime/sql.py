"""Constant SQL for the few statements that are asked for all day.

For these the ORM spends several times longer on making a statement than the database on answering it.
Tables and columns come from the models, values go through the models' fields, and PostgreSQL and SQLite
understand the same words. Everything else uses the ORM.
"""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any, Generic, TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)
Question = tuple[str, Sequence[Any]]  # a statement and its parameters


class Columns(Generic[Row]):
    """Some columns of a model, as SQL and read back as its instances; the others load when asked for."""

    def __init__(self, model: type[Row], names: Collection[str]) -> None:
        self.model = model
        self.fields = [field for field in model._meta.concrete_fields if field.name in names]
        self.names = [field.attname for field in self.fields]
        self.sql = ", ".join(f'"{field.column}"' for field in self.fields)
        self.table = f'"{model._meta.db_table}"'

    @classmethod
    def all_of(cls, model: type[Row], *, but: Collection[str] = ()) -> "Columns[Row]":
        """All columns, or all but some."""
        return cls(model, {field.name for field in model._meta.concrete_fields} - set(but))

    def made_of(self, rows: Sequence[Sequence[Any]]) -> list[Row]:
        """Instances of the model."""
        return [self.model.from_db(connection.alias, self.names, row) for row in self.values_of(rows)]

    def values_of(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """What the model's fields make of what the database returned, in the order of `names`."""
        convert = _converters(self, connection.vendor)
        return [self._converted(row, convert) for row in rows] if convert else rows

    @staticmethod
    def _converted(row: Sequence[Any], convert: Sequence[tuple[int, Any, Any]]) -> list[Any]:
        values = list(row)
        for index, converter, expression in convert:
            values[index] = converter(values[index], expression, connection)
        return values


@cache
def _converters(columns: Columns[Any], vendor: str) -> list[tuple[int, Any, Any]]:
    """What makes Python's values of the database's; PostgreSQL needs nothing, SQLite knows no booleans."""
    found = []
    for index, field in enumerate(columns.fields):
        expression = field.get_col(columns.model._meta.db_table)
        converters = [*connection.ops.get_db_converters(expression), *field.get_db_converters(connection)]
        found += [(index, converter, expression) for converter in converters]
    return found


def answers_to(questions: Sequence[Question]) -> list[list[Any]]:
    """The rows that each statement returns. PostgreSQL gets all of them at once: waiting costs most."""
    with connection.cursor() as cursor:
        answers: list[list[Any]] = []
        if connection.vendor != "postgresql":
            for sql, values in questions:
                cursor.execute(sql, values)
                answers.append(cursor.fetchall())
            return answers
        together = "; ".join(sql for sql, _ in questions)
        cursor.execute(together, [value for _, values in questions for value in values])
        answers.append(cursor.fetchall())
        while cursor.nextset():
            answers.append(cursor.fetchall())
        return answers


def marks(values: Collection[object]) -> str:
    """A parameter's place for each of them."""
    return ", ".join(["%s"] * len(values))
