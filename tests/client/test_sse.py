from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.client.sse import Message, messages

START = 'retry: 9\nid: a0\n\n: beat\r\nid: a1.r2\ndata: {"x": "永安\u2028水库"}\r\r'
TEXT = START + "retry: 5\nevent: gap\ndata: one\ndata: two\n\n\nid\ndata:tail\n\ndata: cut"
SAID = [
    Message("", "message", "a0"),
    Message('{"x": "永安\u2028水库"}', "message", "a1.r2"),
    Message("one\ntwo", "gap", "a1.r2"),
    Message("tail", "message", ""),
]


@given(st.lists(st.integers(0, len(TEXT))))
def test_messages_are_the_same_however_the_stream_is_cut(cuts):
    edges = [0, *sorted(cuts), len(TEXT)]
    assert list(messages(TEXT[a:b] for a, b in pairwise(edges))) == SAID
