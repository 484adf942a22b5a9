"""Watch the teacher: what the presenter shows, in the learner's own browser; read-only."""

from lab.ui.session import learner
from lab.ui.watch import watch

watch(learner())
