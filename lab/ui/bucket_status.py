"""Whether the learner's bucket can be used: nothing if so, else what is wrong, or what must be set up."""

import streamlit as st

from lab.bucket import LOG_DATA
from lab.bucket.setup import Missing
from lab.errors import LabError
from lab.learner.learner import Learner
from lab.ui.fragment import fragment
from lab.ui.identity import log_files_in_words
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import act, show_error

RETRY_SECONDS = 3.0


def bucket_status(learner: Learner) -> None:
    """Draw the status for the top of a page. While the bucket is unreachable, retry again and again."""
    # The container is drawn also when it is empty, so that the content below does not jump.
    with st.container(key="bucket-status"):
        try:
            lack = learner.bucket_set_up.missing(learner.workspace.dataset)
        except LabError as error:
            _wait_for_bucket(learner, error)
            return
        if lack.other_data:
            _offer_own_log_files(learner)
        if lack.folders or lack.log_files:
            _offer_to_set_up(learner, lack)


def _wait_for_bucket(learner: Learner, error: LabError) -> None:
    show_error(error)

    @fragment(run_every=RETRY_SECONDS, key="bucket-retry")
    def retry() -> None:
        try:
            learner.bucket_set_up.missing(learner.workspace.dataset)
        except LabError:
            st.caption("The lab asks again every few seconds, and goes on by itself.")
        else:
            st.rerun()

    retry()


def _offer_to_set_up(learner: Learner, lack: Missing) -> None:
    bucket = learner.workspace.bucket
    with st.container(border=True):
        st.markdown("**Set up your folders**")
        st.markdown(parts().classroom.storage.shown)
        made = [*map(bucket.uri, lack.folders), *(f"{bucket.uri(LOG_DATA)}{name}" for name in lack.log_files)]
        st.markdown(
            "Your part of the bucket is not ready. The button writes these folders and log files, and nothing else:"
        )
        st.code("\n".join(made), language=None, wrap_lines=True)
        if button("Set up my folders", type="primary", key="set-up", icon=":material/create_new_folder:"):
            act(learner.set_up_bucket, "Writing …", "Your folders are there, with the four log files.")


def _offer_own_log_files(learner: Learner) -> None:
    """Offer to start over when the bucket has other data: left under another name, or by another lab."""
    with st.container(border=True):
        st.markdown("**There are other log files in your bucket**")
        st.markdown(
            f"You have {log_files_in_words(learner.workspace.dataset)}, and the pages use their numbers. None of the "
            "four files in `LogData` is one of them. The lab checks your results by the files that your queries "
            "have read. To get your own files, start over: that empties all three folders."
        )
        if button("Start over with my log files", key="own-log-files", icon=":material/restart_alt:"):
            act(learner.start_over, "Emptying folders and writing …", "Your log files are in LogData.")
