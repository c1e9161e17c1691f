"""Builds the pages of the statistical packages from their docstrings: `make docs`."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

project = "Survey statistics"
project_copyright = "the project's contributors"
extensions = ["sphinx.ext.autodoc", "numpydoc", "formulas"]
exclude_patterns = ["_build"]
html_theme = "alabaster"
html_theme_options = {"description": "Estimates that carry their precision", "page_width": "70rem"}
html_math_renderer = "mathml"
html_show_sphinx = False
html_copy_source = False

autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
nitpicky = False
