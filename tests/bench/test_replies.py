import pytest

from plaudit.bench.replies import ReplyReader, UnreadableReply

REPLY = b'HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nContent-Length: 11\r\n\r\n{"coins":1}'


def test_a_whole_reply_has_its_status():
    assert ReplyReader().feed(REPLY) == 201


def test_a_reply_that_comes_byte_by_byte_is_whole_with_its_last():
    reader = ReplyReader()

    found = [reader.feed(REPLY[place : place + 1]) for place in range(len(REPLY))]

    assert found == [None] * (len(REPLY) - 1) + [201]


def test_a_reader_goes_on_with_the_next_reply():
    reader = ReplyReader()

    found = [reader.feed(REPLY), reader.feed(REPLY[:50]), reader.feed(REPLY[50:])]

    assert found == [201, None, 201]


def test_a_reply_without_a_body_is_whole_with_its_head():
    assert ReplyReader().feed(b"HTTP/1.1 204 No Content\r\nserver: x\r\n\r\n") == 204
    assert ReplyReader().feed(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") == 200


@pytest.mark.parametrize(
    ("received", "complaint"),
    [
        (REPLY + REPLY, "more than one reply"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "no content-length"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "no status line"),
    ],
)
def test_what_cannot_be_read_says_so(received: bytes, complaint: str):
    with pytest.raises(UnreadableReply, match=complaint):
        ReplyReader().feed(received)
