"""An answer as JSON, and back: what comes back is exactly what was kept.

The JSON is what `recoupe ask --json` prints. A record of an older version may lack fields, one
of a newer version may have more: what is unknown is left out, what is missing is empty.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from datetime import date
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from rag.types import Answer


def to_json(answer: Answer) -> str:
    """One line of JSON, plain ASCII, so that any text can be kept."""
    return json.dumps(asdict(answer), default=plain)


def from_json(text: str) -> Answer:
    """The answer that `to_json` wrote. Raises ValueError for what is no answer."""
    return answer_from(json.loads(text))


def answer_from(value: object) -> Answer:
    """The answer in an object read from JSON. Raises ValueError where there is none."""
    if not isinstance(value, Mapping) or "question" not in value:
        raise ValueError("no answer")
    answer = _read(Answer, value)
    assert isinstance(answer, Answer)
    return answer


def plain(value: object) -> object:
    """What JSON has no form for: a date in ISO 8601, a number of another library."""
    return value.isoformat() if isinstance(value, date) else float(value)  # type: ignore[arg-type]


def _read(kind: Any, value: Any) -> Any:
    """`value`, read from JSON, as a `kind`: what the types of `rag.types` are made of."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        (known,) = (one for one in inner if one is not type(None))
        return None if value is None else _read(known, value)
    if origin is Literal:
        return value if value in inner else inner[-1]  # of a status, the most careful is the last
    if is_dataclass(kind):
        return _record(kind, _checked(value, Mapping))
    if origin is tuple:
        return tuple(_read(inner[0], one) for one in _checked(value, list))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {name: _read(inner[1], one) for name, one in _checked(value, Mapping).items()}
    if kind is date:
        return date.fromisoformat(_checked(value, str))
    return float(_checked(value, int | float)) if kind is float else _checked(value, kind)


def _record(kind: Any, value: Mapping[str, Any]) -> Any:
    hints = get_type_hints(kind)
    return kind(
        **{
            one.name: _read(hints[one.name], value[one.name])
            if one.name in value
            else _empty(hints[one.name])
            for one in fields(kind)
            if one.name in value or (one.default is MISSING and one.default_factory is MISSING)
        }
    )


def _empty(kind: Any) -> Any:
    """What a field is that an older version did not know."""
    inner = get_args(kind)
    if get_origin(kind) is Literal:
        return inner[-1]
    return None if type(None) in inner else (get_origin(kind) or kind)()


def _checked(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"{type(value).__name__} where another kind is expected")
    return value
