"""Who may be let in, as everything on the page knows him."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["operator", "guest"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who was let in."""

    role: Role
    link: str = ""
    """Of a guest: the link he came by."""
    token: str = ""
    """Of a program: the name of its token."""

    @property
    def owner(self) -> str:
        """Whose things are whose: operators share theirs, a guest has his own."""
        return self.role + self.link

    @property
    def who(self) -> str:
        """The name for the audit."""
        if self.token:
            return f"token {self.token}"
        return "page" if self.role == "operator" else f"guest {self.link[:8]}"
