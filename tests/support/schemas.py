"""What a schema of PostgreSQL consists of, as facts that can be compared."""

from typing import Any, Final

_COLUMNS: Final = """
SELECT c.relname || '.' || a.attname,
    format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
    pg_get_expr(d.adbin, d.adrelid),
    row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum)
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0
    AND NOT a.attisdropped
"""
"""Their order, too: the log inserts rows without naming columns."""

_RELATIONS: Final = """
SELECT relname, relkind::text, reloptions::text, pg_get_viewdef(oid) FROM pg_class
WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'v', 'S', 'm', 'p')
"""
_INDEXES: Final = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = $1"
_CONSTRAINTS: Final = """
SELECT conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = $1::regnamespace
"""
_FUNCTIONS: Final = """
SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = $1::regnamespace
"""
_SEQUENCES: Final = """
SELECT sequencename, data_type::text, start_value, increment_by, cycle, cache_size
FROM pg_sequences WHERE schemaname = $1
"""
_TRIGGERS: Final = """
SELECT t.tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = $1::regnamespace AND NOT t.tgisinternal
"""

_KINDS: Final = {
    "column": _COLUMNS,
    "relation": _RELATIONS,
    "index": _INDEXES,
    "constraint": _CONSTRAINTS,
    "function": _FUNCTIONS,
    "sequence": _SEQUENCES,
    "trigger": _TRIGGERS,
}

Facts = dict[str, tuple[Any, ...]]


async def facts_of(connection: Any, schema: str) -> Facts:
    """All there is in a schema, by kind and name."""
    return {
        f"{kind} {row[0]}": tuple(row)[1:]
        for kind, query in _KINDS.items()
        for row in await connection.fetch(query, schema)
    }


def differences(one: Facts, other: Facts) -> list[str]:
    """What is only in one of them, or not the same in both."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
