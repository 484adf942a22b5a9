"""Vote: ask the class, reveal the votes, ask once more, and run the real thing; for the teacher only."""

from lab.ui.teacher.access import require_teacher
from lab.ui.teacher.vote import vote_page

require_teacher()
vote_page()
