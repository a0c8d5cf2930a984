"""Pages for fans, creators and operators: rendered here, with plain JavaScript where something moves."""

from plaudit.web.pages.routes import answer_unknown_path, pages_router

__all__ = ["answer_unknown_path", "pages_router"]
