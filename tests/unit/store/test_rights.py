"""What the rights of a key or a person allow in a request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.store import keys
from services.store.rights import SCOPES_OF, Right, decide, of_key, of_roles

Roles = list[tuple[str, str]]


def roles(given: Roles) -> tuple[Right, ...]:
    return of_roles({"role": role, "collections": names.split()} for role, names in given)


@pytest.mark.parametrize(
    ("held", "needed", "collections", "scopes"),
    [
        ([("reader", "*")], "read", ["*"], {"read"}),
        ([("reader", "*")], "write", None, None),
        ([("editor", "sport-*"), ("reader", "*")], "write", ["sport-*"], set(SCOPES_OF["editor"])),
        ([("editor", "sport-*"), ("reader", "*")], "read", ["*", "sport-*"], {"read"}),
        ([("reader", "sport-*"), ("editor", "*")], "read", ["*"], set(SCOPES_OF["editor"])),
        ([("admin", "wire")], "admin", ["wire"], set(SCOPES_OF["admin"])),
        ([("admin", "*")], "metrics", None, None),
    ],
)
def test_a_person(held: Roles, needed: str, collections: list[str] | None, scopes: set[str] | None) -> None:
    right = decide(roles(held), [needed])
    if right is None or collections is None or scopes is None:
        assert right is collections
        return
    assert sorted(right.collections) == sorted(collections)
    assert set(right.scopes) == scopes


held_roles = st.lists(st.tuples(st.sampled_from(["reader", "editor", "admin"]), st.sampled_from(["*", "a", "b", "a b"])), max_size=4)  # fmt: skip


@given(held_roles, st.sampled_from(keys.SCOPES), st.sampled_from("abc"))
def test_no_scope_holds_where_no_role_gives_it(held: Roles, needed: keys.Scope, collection: str) -> None:
    """For every scope and collection that a decision allows, one role gives the scope there."""
    right = decide(roles(held), [needed])
    if right is None or not keys.pattern(right.collections).match(collection):
        return
    there = [one for one in roles(held) if keys.pattern(one.collections).match(collection)]
    for scope in right.scopes:
        assert any(scope in one.scopes for one in there)


@given(st.sets(st.sampled_from(keys.SCOPES), min_size=1), st.sampled_from(keys.SCOPES))
def test_a_key(scopes: set[keys.Scope], needed: keys.Scope) -> None:
    grant = keys.Grant(name="desk", scopes=sorted(scopes), collections=["a", "b-*"])
    right = decide(of_key(grant), [needed])
    assert right == (Right(tuple(grant.scopes), ("a", "b-*")) if needed in scopes else None)
