"""Reading the part of XPath that forms use: comparisons, ``and``, ``or`` and function calls, as a tree."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

LONGEST = 4000
DEEPEST = 40
_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|\$\{\s*(?P<name>[^{}\s]*)\s*\}"
    r"|'(?P<single>[^']*)'"
    r'|"(?P<double>[^"]*)"'
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<operator>!=|<=|>=|=|<|>)"
    r"|(?P<word>[A-Za-z][\w-]*)"
    r"|(?P<sign>[().,-])"
)
_CURLY = frozenset("‘’“”„")


class ExpressionError(ValueError):
    """Raised for an expression that cannot be taken over: the code of the words, and what they need."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params: Mapping[str, str] = params


@dataclass(frozen=True, slots=True)
class Name:
    """``${name}``: another question."""

    name: str


@dataclass(frozen=True, slots=True)
class Here:
    """``.``: the answer to the question itself."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or a number."""

    value: str | int | float


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Compare:
    """Two things compared."""

    operator: str
    left: "Tree"
    right: "Tree"


@dataclass(frozen=True, slots=True)
class Join:
    """Several things joined by ``and`` or by ``or``."""

    operator: str
    parts: tuple["Tree", ...]


type Tree = Name | Here | Literal | Call | Compare | Join


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def parse_expression(text: str) -> Tree:
    """Return the tree of an expression.

    Parameters
    ----------
    text : str
        An expression as it stands in a cell.

    Returns
    -------
    Tree
        Nested values; nothing is looked up yet.

    Raises
    ------
    ExpressionError
        ``curly_quotes``, ``expression_too_long`` or ``expression_unreadable`` with the position.

    Examples
    --------
    >>> parse_expression("${AGE} >= 18")
    Compare(operator='>=', left=Name(name='AGE'), right=Literal(value=18))
    """
    if len(text) > LONGEST:
        raise ExpressionError("expression_too_long", limit=str(LONGEST))
    reader = _Reader(_tokens(text))
    tree = reader.joined("or")
    if reader.left:
        reader.fail()
    return tree


def _tokens(text: str) -> list[_Token]:
    """Cut an expression into pieces."""
    if found := next((character for character in text if character in _CURLY), ""):
        raise ExpressionError("curly_quotes", found=found)
    tokens, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ExpressionError(
                "expression_unreadable", found=text[position:][:20], position=str(position + 1)
            )
        kind = str(match.lastgroup)
        if kind != "space":
            tokens.append(_Token(kind, match[kind], position + 1))
        position = match.end()
    return tokens


@dataclass(slots=True)
class _Reader:
    """Goes through the pieces once, from the weakest to the strongest binding."""

    left: list[_Token]
    depth: int = field(default=0)

    def fail(self) -> None:
        """Raise at the piece that does not fit."""
        found = self.left[0] if self.left else _Token("end", "…", 0)
        raise ExpressionError("expression_unreadable", found=found.text, position=str(found.position or "–"))

    def take(self, kind: str, *texts: str) -> str | None:
        """Take the next piece if it is of a kind and one of some texts."""
        if self.left and self.left[0].kind == kind and (not texts or self.left[0].text in texts):
            return self.left.pop(0).text
        return None

    def expect(self, sign: str) -> None:
        """Take a sign that must be there."""
        if self.take("sign", sign) is None:
            self.fail()

    def joined(self, operator: str) -> Tree:
        """Read things joined by a word; ``and`` binds before ``or``."""
        parts = [self.inner(operator)]
        while self.take("word", operator):
            parts.append(self.inner(operator))
        return parts[0] if len(parts) == 1 else Join(operator, tuple(parts))

    def inner(self, operator: str) -> Tree:
        """Read what a word joins."""
        return self.joined("and") if operator == "or" else self.comparison()

    def comparison(self) -> Tree:
        """Read one thing, or two that are compared."""
        left = self.single()
        operator = self.take("operator")
        return left if operator is None else Compare(operator, left, self.single())

    def single(self) -> Tree:
        """Read a value, a call or something in parentheses."""
        if self.take("sign", "("):
            return self.in_parentheses()
        for kind, build in _BUILDERS.items():
            text = self.take(kind)
            if text is not None:
                return build(text)
        if self.take("sign", "."):
            return Here()
        if self.take("sign", "-"):
            number = self.take("number")
            if number is not None:
                return Literal(-_number(number))
        word = self.take("word")
        if word is None or self.take("sign", "(") is None:
            self.fail()
        return Call(str(word), self.arguments())

    def in_parentheses(self) -> Tree:
        """Read up to the closing parenthesis."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail()
        tree = self.joined("or")
        self.expect(")")
        self.depth -= 1
        return tree

    def arguments(self) -> tuple[Tree, ...]:
        """Read the arguments of a call, the closing parenthesis included."""
        if self.take("sign", ")"):
            return ()
        self.depth += 1
        if self.depth > DEEPEST:
            self.fail()
        found = [self.joined("or")]
        while self.take("sign", ","):
            found.append(self.joined("or"))
        self.expect(")")
        self.depth -= 1
        return tuple(found)


def _number(text: str) -> int | float:
    """Return a number, whole where it is."""
    return float(text) if "." in text else int(text)


_BUILDERS: Mapping[str, Callable[[str], Tree]] = {
    "name": Name,
    "single": Literal,
    "double": Literal,
    "number": lambda text: Literal(_number(text)),
}
