"""Formulas as MathML, which every browser shows without a script from another host."""

from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx


def _write(translator: Any, node: nodes.Element, *, is_block: bool) -> None:
    translator.body.append(tex2mathml(node.astext(), as_block=is_block))
    raise nodes.SkipNode


def visit_inline(translator: Any, node: nodes.Element) -> None:
    """Write a formula inside a sentence."""
    _write(translator, node, is_block=False)


def visit_block(translator: Any, node: nodes.Element) -> None:
    """Write a formula on lines of its own."""
    _write(translator, node, is_block=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx how to write formulas."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True}
