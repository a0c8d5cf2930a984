"""How the gateway is, for Prometheus. With several processes on one port, each answers for itself when it is asked."""

from prometheus_client import Counter, Gauge, Histogram

viewers = Gauge("plaudit_gateway_viewers", "Viewers connected.")
rooms = Gauge("plaudit_gateway_rooms", "Lives that are watched here.")
deliveries = Counter("plaudit_gateway_deliveries", "Frames written, one for each viewer.")
objects = Counter("plaudit_gateway_objects", "Events, chat lines and the like that came in to be written.")
closed = Counter("plaudit_gateway_closed", "Connections that the gateway closed.", ["reason"])
refused = Counter("plaudit_gateway_refused", "Connections that weren't let in.", ["code"])
lag_seconds = Histogram(
    "plaudit_gateway_lag_seconds",
    "Seconds from when something happened until it was written to the last viewer of this gateway.",
    buckets=(0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
