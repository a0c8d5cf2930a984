"""Every route of the API, behind the one guard that all of them have."""

from litestar import Router

from plaudit.web.api import coins, documents, me, people, security, signing
from plaudit.web.api.documents import make_openapi
from plaudit.web.api.guards import admit

__all__ = ["api_router", "make_openapi"]


def api_router() -> Router:
    """All of /v1, but for the page that describes it."""
    return Router(
        "/v1",
        guards=[admit],
        route_handlers=[
            signing.sign_up,
            signing.sign_in,
            signing.sign_out,
            signing.list_sessions,
            signing.end_session,
            me.get_me,
            me.change_me,
            me.apply_as_creator,
            security.change_password,
            security.ask_for_reset,
            security.finish_reset,
            security.begin_second_factor,
            security.confirm_second_factor,
            security.remove_second_factor,
            people.get_profile,
            people.list_followers,
            people.list_following,
            people.follow,
            people.unfollow,
            people.block,
            people.unblock,
            people.list_blocked,
            coins.list_packs,
            coins.start_top_up,
            coins.get_top_up,
            coins.get_wallet,
            coins.list_movements,
            documents.openapi,
        ],
    )
