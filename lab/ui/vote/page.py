"""The page at the short address, where people without an open lab vote: a form, without script and websocket."""

from html import escape
from typing import Final
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit import config

from lab.course.vote import Ballot, Tally, Vote
from lab.course.votes import OverError
from lab.errors import LabError
from lab.ui.cookie import HEADER
from lab.ui.parts import parts
from lab.ui.vote import lettered, round_in_words, votes_in_words

# Short, because people type it from a projector.
NAME: Final = "v"
# The most bytes and fields of a form with a vote and a class code.
_MAX_FORM: Final = 2_000
_MAX_FIELDS: Final = 6
# The page must not be cached, framed, or revealed to another site. (With `no-referrer`, a form would send no origin.)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
}
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vote · Spark Streaming lab</title>
<style>
:root {{ color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }}
body {{ margin: 0; }}
main {{ max-width: 34rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }}
h1 {{ font-size: 1.2rem; }}
fieldset {{ border: 0; margin: 0 0 1rem; padding: 0; }}
legend, h2 {{ font-size: 1.25rem; font-weight: 700; padding: 0; margin: 0 0 0.6rem; }}
.choice {{ display: flex; gap: 0.7rem; align-items: center; padding: 0.7rem; margin: 0.5rem 0; border: 1px solid;
  border-radius: 0.5rem; }}
.choice input {{ width: 1.4rem; height: 1.4rem; flex: none; margin: 0; }}
input[type=text] {{ font: inherit; width: 100%; box-sizing: border-box; padding: 0.6rem; margin: 0.3rem 0 1rem; }}
button, .again {{ display: block; width: 100%; box-sizing: border-box; font: inherit; font-weight: 600; padding: 0.8rem;
  border: 2px solid #0072b2; border-radius: 0.5rem; text-align: center; text-decoration: none; cursor: pointer; }}
button {{ background: #0072b2; color: #fff; }}
.again {{ color: inherit; margin: 1.5rem 0; }}
.said {{ border-left: 0.3rem solid #0072b2; padding: 0.3rem 0.8rem; }}
.error {{ border-left-color: #c62828; }}
.bar {{ height: 0.8rem; border: 1px solid; border-radius: 0.4rem; overflow: hidden; margin: 0.1rem 0 0.5rem; }}
.bar div {{ height: 100%; background: #0072b2; }}
ul {{ list-style: none; padding: 0; }}
</style></head><body><main>
<h1>Spark Streaming lab: vote</h1>
{body}
<p><a class="again" href="{name}">Look again</a></p>
</main></body></html>
"""


async def _vote(request: Request) -> Response:
    # The voter is identified by the cookie of the lab, so that nobody has two votes in one browser.
    voter_id = request.headers.get(HEADER, "")
    if request.method != "POST":
        return await run_in_threadpool(_shown, voter_id)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _MAX_FORM:
            return _page(_error("This is no vote: it is too long."), 413)
    try:
        fields = parse_qs(body.decode(errors="replace"), max_num_fields=_MAX_FIELDS)
    except ValueError:
        # It has more fields than the form.
        return _page(_error("This is no vote: it has too many fields."), 422)
    given = {name: values[0] for name, values in fields.items()}
    return await run_in_threadpool(_take, voter_id, given, request.client.host if request.client else "")


def _shown(voter_id: str, error: str = "", status: int = 200, chosen: str = "") -> Response:
    """Return the page as it is now for a voter; `chosen` is their choice in a form that was refused."""
    said = _error(error) if error else ""
    try:
        vote = parts().votes.now()
        if unreachable := parts().votes.error:
            raise unreachable
        known = bool(voter_id) and parts().voters.knows(voter_id)
        return _page(said + _body(voter_id, vote, chosen, known=known), status)
    except LabError as away:
        return _page(_error(str(away)), 503)


def _take(voter_id: str, given: dict[str, str], address: str) -> Response:
    """Let a voter join who has not joined yet, and count their vote, if the form has one."""
    if not voter_id:
        return _page(
            _error("Your browser keeps no cookies, so the lab cannot tell your vote from others. Allow them."), 403
        )
    choice = given.get("choice", "")
    try:
        if not parts().voters.knows(voter_id):
            parts().voters.join(voter_id, given.get("code", "").strip(), address)
        if "question" in given:
            parts().voters.require_patience(voter_id)
            parts().votes.cast(voter_id, given["question"], _number(given.get("round", "")), _number(choice))
    except OverError as error:
        return _shown(voter_id, str(error), 409)
    except LabError as error:
        return _shown(voter_id, str(error), 403, choice)
    return RedirectResponse(NAME, 303, headers=_HEADERS)


def _number(text: str) -> int:
    """Return the number in a field; -1, which is never valid, for any other text."""
    return int(text) if len(text) == 1 and text.isascii() and text.isdigit() else -1


def _body(voter_id: str, vote: Vote | None, chosen: str, *, known: bool) -> str:
    if vote is None:
        if known:
            return _status("No question is open now. You are in: look again when your teacher has opened one.")
        return _status("No question is open now.") + _form(_code() + "<button>Join</button>")
    ballot = parts().votes.ballot(voter_id, vote.question) if known else Ballot()
    own = ballot.of_round(vote.round)
    voted = f"You voted for {_choice(vote, own)}." if own is not None else ""
    if vote.state == "open":
        more = " You can change it until your teacher closes the vote."
        again = _status("You have discussed it. Vote once more.") if vote.round > 1 and not voted else ""
        return (_status(voted + more) if voted else again) + _choices(vote, chosen or str(own), known=known)
    heading = f"<h2>{escape(vote.question.text)}</h2>"
    if vote.state == "closed":
        return heading + _status(f"The vote is closed. {voted} Your teacher has not shown the votes yet.")
    return heading + _status(voted or "This is how the class has voted.") + _results(vote, parts().votes.tally(vote))


def _choices(vote: Vote, chosen: str, *, known: bool) -> str:
    hidden = f'<input type="hidden" name="question" value="{escape(vote.question.id)}">'
    hidden += f'<input type="hidden" name="round" value="{vote.round}">'
    choices = "".join(
        f'<label class="choice"><input type="radio" name="choice" value="{place}" required'
        f"{' checked' if chosen == str(place) else ''}> <span>{_choice(vote, place)}</span></label>"
        for place in range(len(vote.question.choices))
    )
    asked = f"<fieldset><legend>{escape(vote.question.text)}</legend>{choices}</fieldset>"
    return _form(hidden + asked + ("" if known else _code()) + "<button>Vote</button>")


def _code() -> str:
    if not parts().classroom.entrance.class_code:
        return ""
    field = '<input id="code" name="code" type="text" autocomplete="off" autocapitalize="none" required maxlength="40">'
    return f'<label for="code">Class code</label>{field}'


def _results(vote: Vote, tally: Tally) -> str:
    items = []
    for place in range(len(vote.question.choices)):
        right = " ✓ right" if place == vote.shown_right else ""
        bars = ""
        for number in range(1, len(tally.rounds) + 1):
            share = tally.share(number, place)
            called = f"{round_in_words(number)}: " if len(tally.rounds) > 1 else ""
            bars += (
                f"<div>{called}{votes_in_words(tally.rounds[number - 1][place], share)}</div>"
                f'<div class="bar" aria-hidden="true"><div style="width: {share:.0%}"></div></div>'
            )
        items.append(f"<li><strong>{_choice(vote, place)}{right}</strong>{bars}</li>")
    return f"<ul>{''.join(items)}</ul>"


def _choice(vote: Vote, place: int) -> str:
    return escape(lettered(vote.question.choices, place))


def _form(fields: str) -> str:
    return f'<form method="post" action="{NAME}">{fields}</form>'


def _status(words: str) -> str:
    return f'<p class="said" role="status">{words}</p>'


def _error(words: str) -> str:
    return f'<p class="said error" role="alert">{escape(words)}</p>'


def _page(body: str, status: int = 200) -> Response:
    return HTMLResponse(_PAGE.format(body=body, name=NAME), status, headers=_HEADERS)


def _routes() -> list[Route]:
    base = config.get_option("server.baseUrlPath").strip("/")
    paths = dict.fromkeys((f"/{NAME}", f"/{base}/{NAME}" if base else f"/{NAME}"))
    return [Route(path, _vote, methods=["GET", "POST"]) for path in paths]


ROUTES: Final = _routes()
