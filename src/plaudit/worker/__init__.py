"""What happens in the background: rounds over what is stored, each on its own, for as long as the program runs."""

from plaudit.worker.rounds import Round, going_round
from plaudit.worker.running import running_worker

__all__ = ["Round", "going_round", "running_worker"]
