"""Small changes of a module, one at a time: cosmic-ray's operators, and leaving a call out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.plugins import get_operator

COMPARISONS = "Eq_NotEq NotEq_Eq Lt_LtE Lt_GtE LtE_Lt LtE_Gt Gt_GtE Gt_LtE GtE_Gt GtE_Lt Is_IsNot IsNot_Is"
ARITHMETIC = "Add_Sub Sub_Add Mul_Add Mul_Div Div_Mul FloorDiv_Mul Mod_Add BitOr_BitAnd BitAnd_BitOr"
OPERATORS = (
    *(f"ReplaceComparisonOperator_{name}" for name in COMPARISONS.split()),
    *(f"ReplaceBinaryOperator_{name}" for name in ARITHMETIC.split()),
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_Delete_USub",
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ExceptionReplacer",
    "NumberReplacer",
    "ZeroIterationForLoop",
)
"""Those that change what a program means. A comparison is made strict or lenient, and is turned round."""


AT_ONCE = frozenset({"<genexpr>", "<listcomp>", "<dictcomp>", "<setcomp>"})
"""Code that has run when a module is loaded, as constants have."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one line, and the functions whose code it changes, by name and first line."""

    path: Path
    line: int
    before: str
    after: str
    functions: dict[tuple[str, int], CodeType]

    @property
    def id(self) -> str:
        """What names it for as long as its line stays as it is."""
        function = next(iter(self.functions))[0]
        return f"{self.path.stem} {function}: {self.before} => {self.after}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module that changes the code of a function.

    Constants and signatures stay, and so does what judges nothing: f-strings, which are messages, with the
    variables that are there for them, and functions that say what is asked.
    """
    source = path.read_text(encoding="utf-8")
    original = functions(source, path)
    outside = list(_not_judging(source))
    seen = set()
    for changed in _sources(source):
        try:
            compiled = functions(changed, path)
        except SyntaxError:
            continue
        different = {name: code for name, code in compiled.items() if code != original.get(name)}
        fits = all(
            name in original and _outside(code) == _outside(original[name])
            for name, code in different.items()
        )
        if not different or not fits or changed in seen:
            continue
        seen.add(changed)
        pairs = zip(source.splitlines(), changed.splitlines(), strict=False)
        line, (before, after) = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
        column = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
        if any(first <= (line, column) < last for first, last in outside):
            continue
        yield Mutant(path, line, before.strip(), after.strip(), different)


def functions(source: str, path: Path) -> dict[tuple[str, int], CodeType]:
    """The code of the functions and methods of a module; what they nest is part of theirs."""

    def inside(code: CodeType) -> Iterator[CodeType]:
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                is_class = "__module__" in constant.co_names and "__qualname__" in constant.co_names
                yield from inside(constant) if is_class else (constant,)

    found = inside(compile(source, str(path), "exec", dont_inherit=True))
    return {(code.co_qualname, code.co_firstlineno): code for code in found if code.co_name not in AT_ONCE}


def _outside(code: CodeType) -> tuple[object, ...]:
    """What a function takes from its surroundings and its callers: its signature has operators, too."""
    return code.co_freevars, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount


def _not_judging(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Where messages, what is only put into them, and functions that return probes, begin and end."""
    for node in ast.walk(ast.parse(source)):
        found: list[ast.expr | ast.stmt] = []
        if isinstance(node, ast.JoinedStr):
            found = [node]
        elif isinstance(node, ast.Assert) and node.msg is not None:
            found = [node.msg]
        elif isinstance(node, ast.FunctionDef):
            asks = node.returns is not None and "Probe" in ast.unparse(node.returns)
            found = [node] if asks else list(_worded(node))
        for one in found:
            yield (one.lineno, one.col_offset), (one.end_lineno or 0, one.end_col_offset or 0)


def _worded(function: ast.FunctionDef) -> Iterator[ast.expr | ast.stmt]:
    """What is assigned to variables that the function puts into messages, and reads nowhere else.

    A number that is counted up for messages begins where an `enumerate` says.
    """
    strings = (node for node in ast.walk(function) if isinstance(node, ast.JoinedStr))
    worded = {id(part) for string in strings for part in ast.walk(string)}
    names = (node for node in ast.walk(function) if isinstance(node, ast.Name))
    judging = {one.id for one in names if isinstance(one.ctx, ast.Load) and id(one) not in worded}
    for node in ast.walk(function):
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Call):
            counted = node.target.elts[0] if isinstance(node.target, ast.Tuple) else node.target
            if ast.unparse(node.iter.func) == "enumerate" and ast.unparse(counted) not in judging:
                yield from node.iter.args[1:]
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(target, ast.Name) and target.id not in judging:
            yield node


def _sources(source: str) -> Iterator[str]:
    tree = get_ast(source)
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        count = sum(sum(1 for _ in operator.mutation_positions(node)) for node in ast_nodes(tree))
        for occurrence in range(count):
            changed = MutationVisitor.mutate_code(source, operator, occurrence)
            if changed is not None:
                yield changed
    yield from _without_calls(source)


def _without_calls(source: str) -> Iterator[str]:
    """Leaves out a statement that is nothing but a call, such as `needs(…)`; every line stays where it is."""
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.end_lineno is not None:
            first, last = node.lineno - 1, node.end_lineno
            kept = lines[first][: node.col_offset] + "pass\n" + "\n" * (last - first - 1)
            yield "".join(lines[:first]) + kept + "".join(lines[last:])
