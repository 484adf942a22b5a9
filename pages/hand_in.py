"""Hand in: the executed notebook, and the retrospective."""

from lab.ui.frame import lesson_page
from lab.ui.hand_in import empty_lab, notebook_card, to_hand_in
from lab.ui.headings import section
from lab.ui.retrospective import retrospective_form
from lab.ui.session import learner

with lesson_page("hand_in"):
    me = learner()
    section("1 · The retrospective")
    retrospective_form(me, me.progress.identity.name)

    section("2 · The notebook")
    notebook_card(me)

    section("3 · What a grader will see")
    to_hand_in(me)
    empty_lab(me)
