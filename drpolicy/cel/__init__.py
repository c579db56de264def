"""The language of conditions: a subset of Google CEL, checked when loaded, evaluated in three-valued logic."""

from drpolicy.cel.message import Message, compile_message
from drpolicy.cel.program import Program, compile_expression
from drpolicy.cel.results import CelError, Result, Scope
from drpolicy.cel.syntax import CelProblem
from drpolicy.cel.text import to_text
from drpolicy.cel.trace import Read, Trace
from drpolicy.cel.types import Field, Record, Type, describe, fields_of, record_type

__all__ = [
    "CelError",
    "CelProblem",
    "Field",
    "Message",
    "Program",
    "Read",
    "Record",
    "Result",
    "Scope",
    "Trace",
    "Type",
    "compile_expression",
    "compile_message",
    "describe",
    "fields_of",
    "record_type",
    "to_text",
]
