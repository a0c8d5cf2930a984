"""A living world on the real product: three creators, two hundred fans with a past, and what they say and give.

`seeding` writes thirty days of history once, in-process; `crowd` plays the fans over HTTP and WebSockets, like anybody.
"""
