# SPDX-License-Identifier: GPL-2.0-only
"""What drawings have in common: the figures of Documentation/ (scripts/figures) and the pages of runs (page.py)."""

import html

# Okabe and Ito's colours can be told apart with any colour vision, on light and on dark ground.
OWNERS = {"bounce-pool": ("bounce pool", "#0072b2"), "coherent-dma": ("coherent buffers (rings)", "#e69f00"),
          "atomic-pool": ("atomic pool", "#009e73"), "gic-its": ("tables of the GIC", "#cc79a7")}

# Of pages. Text has a contrast of 4.5 to what is behind it, a shape of 3: WCAG 2.1, 1.4.3 and 1.4.11. A test computes them.
# Shared memory has more owners than there are colours that anybody can tell apart: each is named beside its colour, too.
LIGHT = {"ground": "#ffffff", "panel": "#f6f8fa", "text": "#1f2328", "soft": "#57606a", "edge": "#d0d7de", "line": "#6e7781",
         "link": "#0550ae", "good": "#116329", "bad": "#a40e26", "private": "#e3e7ec", "fill": "#8ab8dd", "over": "#f0a58c",
         "o-bounce-pool": "#0072b2", "o-restricted-pool": "#005f73", "o-coherent-dma": "#9a5b00", "o-atomic-pool": "#00795a",
         "o-gic-its": "#a3357f", "o-balloon": "#6e40c9", "o-host": "#4f6b00", "o-other": "#c62828", "o-lost": "#1f2328",
         "o-unknown": "#6e7781", "o-open": "#c62828"}
DARK_PAGE = {"ground": "#0d1117", "panel": "#161b22", "text": "#e6edf3", "soft": "#9ba5b0", "edge": "#30363d", "line": "#8b949e",
             "link": "#79c0ff", "good": "#56d364", "bad": "#ff9492", "private": "#30363d", "fill": "#1f5a8c", "over": "#8c3a24",
             "o-bounce-pool": "#56b4e9", "o-restricted-pool": "#4fc3d9", "o-coherent-dma": "#e69f00", "o-atomic-pool": "#3ad0a0",
             "o-gic-its": "#e59ac6", "o-balloon": "#b79cff", "o-host": "#a8d468", "o-other": "#ff7b72", "o-lost": "#ffffff",
             "o-unknown": "#8b949e", "o-open": "#ff7b72"}
HOST_OWNERS = ("steal-time", "clock", "generation-id")


def owner_class(owner):
    """The variable with the colour of an owner, whatever the guest calls it."""
    if owner == "private":
        return owner
    name = "o-host" if owner in HOST_OWNERS else f"o-{owner}"
    return name if name in LIGHT else "o-other"


def variables():
    """Both palettes as CSS."""
    light, dark = (" ".join(f"--{name}: {colour};" for name, colour in palette.items()) for palette in (LIGHT, DARK_PAGE))
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


STYLE = """
  text { font-family: 'DejaVu Sans', Verdana, sans-serif; font-size: 12px; fill: #1f2328; }
  .title { font-size: 16px; font-weight: bold; }
  .small { font-size: 11px; fill: #57606a; }
  .strong { font-weight: bold; }
  .right { text-anchor: end; }
  .middle { text-anchor: middle; }
  .ground { fill: #ffffff; }
  .private { fill: #d0d7de; }
  .lane { fill: #f6f8fa; stroke: #d0d7de; }
  .box { fill: #ffffff; stroke: #57606a; }
  .line { stroke: #57606a; stroke-width: 1.5; fill: none; }
  .head { fill: #57606a; }
  .faint { stroke: #d0d7de; }
  .grid { stroke: #ffffff; }
  .bar { fill: #56b4e9; }
  .dot { fill: #d55e00; }
"""
DARK = """
  text { fill: #e6edf3; }
  .small { fill: #9ba5b0; }
  .ground { fill: #0d1117; }
  .private { fill: #30363d; }
  .lane { fill: #161b22; stroke: #30363d; }
  .box { fill: #0d1117; stroke: #9ba5b0; }
  .line { stroke: #9ba5b0; }
  .head { fill: #9ba5b0; }
  .faint { stroke: #30363d; }
  .grid { stroke: #0d1117; }
  .bar { fill: #2f81b7; }
"""


class Picture:
    """An SVG under construction. Colours follow the reader's light or dark mode."""

    def __init__(self, width, height, title):
        self.width, self.height, self.title = width, height, title
        self.parts = []

    def add(self, text):
        self.parts.append(text)

    def rect(self, x, y, width, height, kind="", fill=None, radius=0):
        colour = f' fill="{fill}"' if fill else ""
        self.add(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius}" class="{kind}"{colour}/>')

    def text(self, x, y, words, kind=""):
        self.add(f'<text x="{x:g}" y="{y:g}" class="{kind}">{html.escape(words, quote=False)}</text>')

    def lines(self, x, y, words, kind="", step=16):
        for number, line in enumerate(words):
            self.text(x, y + number * step, line, kind)

    def line(self, x1, y1, x2, y2, kind="line"):
        self.add(f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" class="{kind}"/>')

    def arrow(self, *points):
        (x1, y1), (x2, y2) = points[-2:]
        self.add('<path d="M' + "L".join(f"{x:g} {y:g}" for x, y in points) + '" class="line"/>')
        dx, dy = (x2 > x1) - (x2 < x1), (y2 > y1) - (y2 < y1)
        base_x, base_y = x2 - 8 * dx, y2 - 8 * dy
        self.add(f'<path d="M{x2:g} {y2:g}L{base_x + 4 * dy:g} {base_y + 4 * dx:g}L{base_x - 4 * dy:g} {base_y - 4 * dx:g}Z" '
                 'class="head"/>')

    def __str__(self):
        return "\n".join([
            '<?xml version="1.0" encoding="UTF-8"?>',
            "<!-- SPDX-License-Identifier: GPL-2.0-only -->",
            "<!-- Made by scripts/figures from the data beside it: do not edit. -->",
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img">',
            f"<title>{html.escape(self.title)}</title>",
            f"<style>{STYLE}@media (prefers-color-scheme: dark) {{{DARK}}}</style>",
            f'<rect width="{self.width}" height="{self.height}" class="ground"/>', *self.parts, "</svg>", ""])


class Drawing(Picture):
    """An SVG inside a page: colours are the page's variables, and it takes the shape of the room for it."""

    def rect(self, x, y, width, height, kind="", fill=None, radius=0, title=""):
        colour = f' style="fill:{html.escape(fill)}"' if fill else ""
        inside = f"><title>{html.escape(title)}</title></rect>" if title else "/>"
        self.add(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" class="{kind}"{colour}{inside}')

    def inline(self):
        return f'<svg viewBox="0 0 {self.width} {self.height}" preserveAspectRatio="none" role="img" ' \
               f'aria-label="{html.escape(self.title)}">' + "".join(self.parts) + "</svg>"
