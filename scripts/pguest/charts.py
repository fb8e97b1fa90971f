# SPDX-License-Identifier: GPL-2.0-only
"""The drawings of a run's page: SVG without words in it, which is stretched to the room that there is.

Words are HTML beside it, so that they keep their size. Colours are variables of drawing.py.
"""

import markupsafe

from pguest.drawing import Drawing, owner_class

WIDTH, ROWS = 1024, 64
# Of a row's width: a run of one granule stays visible.
NARROWEST = 2


def memory(low, high, pieces, title, words):
    """RAM from @low to @high in rows; what is not in @pieces [(start, end, owner)] is private."""
    row = max(1, (high - low) // ROWS)
    picture = Drawing(WIDTH, ROWS * 10, title)
    picture.rect(0, 0, WIDTH, ROWS * 10, "private")
    for start, end, owner in pieces:
        start, end = max(start, low), min(end, high)
        while start < end:
            number, offset = divmod(start - low, row)
            stop = min(end, low + (number + 1) * row)
            x = min(offset * WIDTH / row, WIDTH - NARROWEST)
            width = max((stop - start) * WIDTH / row, NARROWEST)
            picture.rect(x, number * 10, min(width, WIDTH - x), 9, fill=f"var(--{owner_class(owner)})",
                         title=f"{start:#x}-{stop:#x} {words(owner) if owner != 'open' else 'open to the host'}")
            start = stop
    return markupsafe.Markup(picture.inline())


def curve(points, length, most, marks, bands, title, sampled):
    """A count over time: steps where it was @sampled often, else straight lines, since there is no count between the points."""
    height = 100
    picture = Drawing(1000, height, title)

    def x(when):
        return min(when, length) * 1000 / length

    edges = [*bands, length]
    for start, end in list(zip(edges, edges[1:]))[::2]:
        picture.rect(x(start), 0, max(0, x(end) - x(start)), height, "band")
    for when in marks:
        picture.line(x(when), 0, x(when), height, "mark")
    steps = []
    for when, count in points:
        y = height - 4 - (height - 10) * count / max(most, 1)
        steps += [(x(when), steps[-1][1])] if steps and sampled else []
        steps.append((x(when), y))
    steps.append((1000, steps[-1][1]))
    path = "L".join(f"{at:.1f} {y:.1f}" for at, y in steps)
    picture.add(f'<path d="M{steps[0][0]:.1f} {height}L{path}L1000 {height}Z" class="area"/>')
    picture.add(f'<path d="M{path}" class="curve"/>')
    return markupsafe.Markup(picture.inline())
