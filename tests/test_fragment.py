"""Fragments: what the browser gets when a fragment reruns before its page has been sent."""

from apptest import AppTest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue


def page():
    import streamlit as st  # noqa: PLC0415 - AppTest runs the text of this function alone

    from lab.ui.fragment import fragment  # noqa: PLC0415

    @fragment(key="clock", run_every=5)
    def clock(words):
        st.markdown(words)

    st.markdown("before")
    clock("within")
    st.markdown("after")


def test_it_draws_what_it_is_given_and_nothing_stands_beside_its_own_container():
    test = AppTest.from_function(page, default_timeout=60).run()
    assert not test.exception
    before, place, after = test.main.children.values()
    assert (before.value, after.value) == ("before", "after")
    # The container of the page, in it only the fragment's own container, and in that the fragment's elements.
    (own,) = place.children.values()
    (within,) = own.children.values()
    assert within.value == "within"


def block(*path, fragment=""):
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.delta.fragment_id = fragment
    message.delta.add_block.allow_empty = True
    return message


def test_streamlit_takes_back_a_fragments_container_and_not_what_stands_beside_it():
    """Test why the container is needed: if Streamlit keeps it some day, `lab.ui.fragment` can go."""
    queue = ForwardMsgQueue()
    for message in (block(0, 0, fragment="clock"), block(0, 1)):
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=["clock"])
    assert [tuple(message.metadata.delta_path) for message in queue.flush()] == [(0, 1)]
