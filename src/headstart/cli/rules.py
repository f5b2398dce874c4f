"""`headstart rules`."""

from __future__ import annotations

from headstart.cli import OK


def command(name: str | None = None, /) -> int:
    """List the doctor's rules by group, or print the page of one.

    Parameters
    ----------
    name
        A rule's name, such as softmax-one-unit; all are listed without it.
    """
    from headstart.core.errors import SettingsError
    from headstart.doctor.rules import all_rules

    rules = all_rules()
    if name is not None:
        if name not in rules:
            import difflib

            near = difflib.get_close_matches(name, rules, 1)
            raise SettingsError(
                "NAME must be the name of a rule",
                repr(name),
                f"did you mean {near[0]!r}" if near else "see headstart rules",
            )
        print(f"{name} ({rules[name].group})\n\n{rules[name].page}")
        return OK
    width = max(map(len, rules), default=0)
    for group in sorted({rule.group for rule in rules.values()}):
        print(f"{group}:")
        for rule in rules.values():
            if rule.group == group:
                print(f"  {rule.name:<{width}}  {rule.summary}{' [edit]' if rule.fixes else ''}")
    return OK
