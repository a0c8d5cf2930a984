"""What can be wrong with the place where the demo is to live."""

from plaudit.foundation.errors import Conflict


class WorldTaken(Conflict):
    """The database holds people or transfers that aren't the demo's."""

    code = "world_taken"
    title = "This database is in use already: the demo needs one of its own. Choose another PLAUDIT_DATA_DIR."
