import pytest

from tests.client.node import Node, running


@pytest.fixture
def node():
    with running(Node()) as one:
        yield one
