# SPDX-License-Identifier: GPL-2.0-only
"""What scripts/integrate --check says of a tree: hook by hook, with what does not fit as it is there."""

from hookfile import function_text, version_key
from kerneltree import decode

# Code of the tree's own for the same job, and since which series hooks take it out of the build.
OWN = {
    "arch/arm64/mm/mem_encrypt.c": "6.12",
    "arch/arm64/kernel/rsi.c": "6.18",
    "arch/arm64/mm/mem_relinquish.c": None,
    "drivers/virt/coco/pkvm-guest/Kconfig": "6.12",
    "drivers/virt/coco/arm-cca-guest/Kconfig": "6.18",
}
# A function longer than that is cut in a report.
FUNCTION_LINES = 60


def own_protection(tree, hooks):
    """A vendor's backport of protection, one reason for each file: no hook knows what to do with it."""
    known = {path for hook in hooks for path in hook.needs}
    return [f"{path}: this tree protects its guests itself, which Linux {tree.version} does not: take that out first "
            f"(Documentation/porting.rst)" for path, since in OWN.items()
            if (not since or version_key(tree.version) < version_key(since)) and path not in known and tree.has(path)]


def replaced(hooks):
    """What the tree has of its own for a job of the layer, and what became of it."""
    return [f"{path}: this tree's own: {hook.summary[:1].lower()}{hook.summary[1:].rstrip('.')} (hooks/{hook.name})"
            for hook in hooks for path in hook.needs]


def table(plan):
    """A line for each hook, with the reasons below it where it does not fit."""
    lines = []
    for hook in plan.hooks:
        reasons = plan.problems.get(hook.name)
        lines.append(f"hooks/{hook.name}: {'does not fit' if reasons else 'fits'}")
        lines += [f"\t{reason.removeprefix(f'hooks/{hook.name}: ')}" for reason in dict.fromkeys(reasons or [])]
    return lines


def verdict(plan, own):
    bad = [hook for hook in plan.hooks if hook.name in plan.problems]
    text = f"{len(plan.hooks) - len(bad)} of {len(plan.hooks)} hooks fit Linux {plan.tree.release}"
    return text + (f"; {len(own)} {'decision is' if len(own) == 1 else 'decisions are'} the tree's owner's" if own else "")


def as_it_is_there(plan):
    """The functions of hooks that do not fit, as this tree has them."""
    lines = []
    for hook in plan.hooks:
        for path in hook.paths() if hook.name in plan.problems else []:
            if not any(path in reason for reason in plan.problems[hook.name]):
                continue
            lines += ["", f"hooks/{hook.name}: {path}"]
            text = decode(plan.before[path]).split("\n") if path in plan.before else None
            for name in dict.fromkeys(name for place in hook.places if place.path == path for name in place.functions):
                found = function_text(text, name).split("\n") if text is not None else [""]
                lines += ["", *found[:FUNCTION_LINES]] if found != [""] else ["", f"{name}(): not there"]
                if len(found) > FUNCTION_LINES:
                    lines.append(f"... {len(found) - FUNCTION_LINES} more lines")
    return lines


def report(plan, own, commit):
    """All of it, for a bug report."""
    head = [f"pguest on Linux {plan.tree.release}" + (f", commit {commit}" if commit else ""), ""]
    return "\n".join([*head, *table(plan), *replaced(plan.hooks), *own, "", verdict(plan, own), *as_it_is_there(plan)]) + "\n"
