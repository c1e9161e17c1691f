"""Every rule of axe but those of level AAA, on a page as it is shown on small screens, light and dark."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
RUN = """async () => {
  const asked = axe.getRules().filter(rule => !rule.tags.includes("wcag2aaa"));
  const values = asked.map(rule => rule.ruleId);
  const results = await axe.run({runOnly: {type: "rule", values}, resultTypes: ["violations"]});
  const places = found => found.nodes.slice(0, 3).map(node => node.target).join(", ");
  return results.violations.map(found => `${found.id} ${places(found)}`);
}"""


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a page: the size of the screen in CSS pixels and the colours of the system."""

    name: str
    width: int
    height: int
    scheme: str


def views(screens: Mapping[str, tuple[int, int]]) -> tuple[View, ...]:
    """Each screen, light and dark."""
    return tuple(
        View(f"{screen}, {scheme}", width, height, scheme)
        for screen, (width, height) in screens.items()
        for scheme in ("light", "dark")
    )


ZOOM = 4
"""Device pixels to one CSS pixel where a page of 1280 x 1024 is enlarged to 400 %."""
VIEWS = views({"320 px": (320, 640), "400 %": (1280 // ZOOM, 1024 // ZOOM)})
SITE_VIEWS = views({"360 px": (360, 800), "1280 px": (1280, 800)})
"""Pages that are read at desks, too."""


class Auditor:
    """Looks at pages in several views; counts how often and keeps what is wrong."""

    def __init__(self, views: Iterable[View] = VIEWS) -> None:
        self.views = tuple(views)
        self.n_pages = self.n_runs = 0
        self.found: list[str] = []

    def look(self, page: Page, label: str) -> None:
        """Audit a page in each view."""
        self.n_pages += 1
        page.evaluate(AXE_SCRIPT)
        for view in self.views:
            page.set_viewport_size({"width": view.width, "height": view.height})
            page.emulate_media(color_scheme=view.scheme)
            self.found += (f"{label} [{view.name}]: {fault}" for fault in faults(page))
            self.n_runs += 1


def faults(page: Page) -> Iterator[str]:
    """Yield what axe objects to, and whether the page has to be scrolled sideways; axe must be loaded."""
    if page.evaluate(SIDEWAYS):
        yield "scrolls sideways"
    broken: list[Any] = page.evaluate(RUN)
    yield from broken
