"""Fans, creators and operators: who they are, how they sign in, whom they follow and block.

Use cases are functions in `actions` (signing up, in and out), `second_factor`, `passwords`, `profiles`, `following` and
`operators`; `jobs` removes what is over. `Sessions` finds out who a request comes from.
"""

from plaudit.people import actions, following, jobs, operators, passwords, profiles, second_factor
from plaudit.people.following import is_blocked_between, list_blocked_between
from plaudit.people.hashing import Hasher
from plaudit.people.model import Caller, Change, Person, Profile, Relation, Role, Scope, Session, Visitor, Wish
from plaudit.people.sessions import Sessions

__all__ = [
    "Caller",
    "Change",
    "Hasher",
    "Person",
    "Profile",
    "Relation",
    "Role",
    "Scope",
    "Session",
    "Sessions",
    "Visitor",
    "Wish",
    "actions",
    "following",
    "is_blocked_between",
    "jobs",
    "list_blocked_between",
    "operators",
    "passwords",
    "profiles",
    "second_factor",
]
