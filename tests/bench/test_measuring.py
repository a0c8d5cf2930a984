import pytest

from plaudit.bench.measuring import make_figure


def test_the_median_and_the_99th_come_from_every_latency():
    figure = make_figure([number / 1000 for number in range(1000, 0, -1)], 2.0)

    assert figure.per_s == 500
    assert figure.p50_ms == 501
    assert figure.p99_ms == 991


def test_one_slow_answer_in_fifty_is_the_99th():
    figure = make_figure([0.001] * 49 + [5.0], 1.0)

    assert figure.p50_ms == 1
    assert figure.p99_ms == 5000


def test_one_latency_is_all_there_is_to_say():
    figure = make_figure([0.25], 1.0)

    assert (figure.p50_ms, figure.p99_ms) == (250, 250)


def test_no_latency_is_no_figure():
    with pytest.raises(ValueError, match="nothing was measured"):
        make_figure([], 1.0)
