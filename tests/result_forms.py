"""The forms in which people write a result: each turns rows, pairs of a server and a value, into a text."""

import json
from collections.abc import Callable, Sequence

Rows = Sequence[tuple[str, str]]
NAME = {"volume": "avgVolume", "log": "timestamp"}


def _each(form, between="\n"):
    def render(rows: Rows, kind: str) -> str:
        return between.join(
            form.format(s=server, v=value, n=number, name=NAME[kind]) for number, (server, value) in enumerate(rows)
        )

    return render


def _under(head, form):
    def render(rows: Rows, kind: str) -> str:
        return head.format(name=NAME[kind]) + "\n" + _each(form)(rows, kind)

    return render


def _show(names=None, more=""):
    def render(rows: Rows, kind: str) -> str:
        server, name = names or ("serverID", NAME[kind])
        border = f"+{'-' * 8}+{'-' * 12}+"
        lines = [f"|{one:>8}|{other:>12}|" for one, other in rows]
        return "\n".join([border, f"|{server:>8}|{name:>12}|", border, *lines, border]) + more.format(len(rows))

    return render


def _upright(rows: Rows, kind: str) -> str:
    records = [
        f"-RECORD {number}{'-' * 8}\n serverID  | {server}  \n {NAME[kind]} | {value} "
        for number, (server, value) in enumerate(rows)
    ]
    return "\n".join([*records, f"only showing top {len(rows)} rows"])


def _pandas(rows: Rows, kind: str) -> str:
    lines = [f"{number}  {server:>8}  {value:>9}" for number, (server, value) in enumerate(rows)]
    return "\n".join([f"   serverID  {NAME[kind]:>9}", *lines, "", f"[{len(rows)} rows x 2 columns]"])


def _series(rows: Rows, kind: str) -> str:
    return f"serverID\n{_each('{s}    {v}')(rows, kind)}\nName: {NAME[kind]}, dtype: float64"


def _json(rows: Rows, kind: str) -> str:
    return json.dumps([{"serverID": server, NAME[kind]: float(value)} for server, value in rows])


def _json_lines(rows: Rows, kind: str) -> str:
    return "\n".join(json.dumps({"serverID": server, NAME[kind]: value}) for server, value in rows)


def _mapping(rows: Rows, kind: str) -> str:
    if kind == "volume":
        return json.dumps({server: float(value) for server, value in rows})
    return str([[server, int(value)] for server, value in rows])


def _by_column(rows: Rows, kind: str) -> str:
    return str({"serverID": [server for server, _ in rows], NAME[kind]: [float(value) for _, value in rows]})


def _to_dict(rows: Rows, kind: str) -> str:
    servers = dict(enumerate(server for server, _ in rows))
    return str({"serverID": servers, NAME[kind]: dict(enumerate(float(value) for _, value in rows))})


def _more_columns(rows: Rows, kind: str) -> str:
    if kind == "volume":
        return _under("| serverID | sev2 | units | {name} |\n|:-|-:|-:|-:|", "| {s} | 13 | 10 | {v} |")(rows, kind)
    return _under("| serverID | severity | {name} |\n|:-|-:|-:|", "| {s} | 0 | {v} |")(rows, kind)


def _html(rows: Rows, kind: str) -> str:
    body = "".join(f"<tr><td>{server}</td><td>{value}</td></tr>" for server, value in rows)
    return f"<table border=1><tr><th>serverID</th><th>{NAME[kind]}</th></tr>{body}</table>"


def _row_list(between=", ", form="Row(serverID='{s}', {name}={v})"):
    return lambda rows, kind: f"[{_each(form, between)(rows, kind)}]"


# Forms that write the number as it is, so that it may also be a fraction.
FORMS: dict[str, Callable[[Rows, str], str]] = {
    "blank": _each("{s} {v}"),
    "tab": _each("{s}\t{v}"),
    "comma": _each("{s},{v}"),
    "comma and blank": _each("{s}, {v}"),
    "semicolon": _each("{s};{v}"),
    "colon": _each("{s}: {v}"),
    "equals": _each("{s} = {v}"),
    "dash": _each("{s} - {v}"),
    "long dash": _each("{s} \u2013 {v}"),
    "arrow": _each("{s} -> {v}"),
    "arrow letter": _each("{s} \u2192 {v}"),
    "double arrow": _each("{s} \u21d2 {v}"),
    "arrow entity": _each("{s} &rarr; {v}"),
    "arrow of LaTeX": _each("${s} \\rightarrow {v}$"),
    "brackets": _each("({s}, {v})"),
    "square brackets": _each("[{s}, {v}]"),
    "value in brackets": _each("{s} ({v})"),
    "one line": _each("{s} {v}", ", "),
    "one line of equals": _each("{s}={v}", "; "),
    "one line and": _each("{s} {v}", " and "),
    "breaks": _each("{s} {v}", "<br>"),
    "breaks and lines": _each("{s} {v}", "<br/>\n"),
    "entities": _each("{s}&nbsp;&nbsp;{v}"),
    "quotes": _each('"{s}" "{v}"'),
    "smart quotes": _each("\u201c{s}\u201d \u2018{v}\u2019"),
    "bold": _each("**{s}**: __{v}__"),
    "backticks": _each("`{s}` `{v}`"),
    "bullets": _each("- {s} {v}"),
    "starred": _each("* {s}: {v}"),
    "numbered": _each("{n}. {s} {v}"),
    "lettered": _each("a) {s}: {v}"),
    "quoted": _each("> {s} {v}"),
    "commented": _each("# {s} {v}"),
    "Server": _each("Server {s}: {v}"),
    "sentence end": _each("{s} has {v}."),
    "capitals": lambda rows, kind: _each("{s} {v}")([(server.upper(), value) for server, value in rows], kind),
    "two lines": _each("Server {s}:\n{v}"),
    "head": _under("serverID {name}", "{s} {v}"),
    "csv": _under("serverID,{name}", "{s},{v}"),
    "csv without names": _under("_c0,_c1", "{s},{v}"),
    "csv, turned": _under("{name},serverID", "{v},{s}"),
    "Markdown table": _under("| serverID | {name} |\n|:---|---:|", "| {s} | {v} |"),
    "Markdown table without frame": _under("serverID | {name}\n---|---", "{s} | {v}"),
    "Markdown table with index": _under("|  | serverID | {name} |\n|--|--|--|", "| {n} | {s} | {v} |"),
    "more columns": _more_columns,
    "show": _show(),
    "show, no names": _show(("_c0", "_c1")),
    "show, cut": _show(more="\nonly showing top {} rows"),
    "show, upright": _upright,
    "console": lambda rows, kind: f"{'-' * 43}\nBatch: 1\n{'-' * 43}\n{_show()(rows, kind)}",
    "pandas": _pandas,
    "series": _series,
    "html table": _html,
    "Row list": _row_list(),
    "Row list, lines": _row_list(",\n "),
    "Row list of an output": lambda rows, kind: f"Out[5]: {_row_list()(rows, kind)}",
    "Row list of numpy": _row_list(", ", "Row(serverID='{s}', {name}=np.float64({v}))"),
    "tuples": _row_list(", ", "('{s}', {v})"),
    "lists": _row_list(", ", "['{s}', {v}]"),
    "JSON": _row_list(", ", '{{"serverID": "{s}", "{name}": {v}}}'),
    "JSON lines": _json_lines,
    "JSON or lists": _mapping,
    "strings": _row_list(", ", "'{s} {v}'"),
    "assigned": lambda rows, kind: f"result = {_row_list(', ', '({s!r}, {v})')(rows, kind)}",
    "struck": lambda rows, kind: f"~~s1 99~~\n{_each('{s} {v}')(rows, kind)}",
    "below the question": lambda rows, kind: f"{QUESTION}\n\n{_each('{s}: {v}')(rows, kind)}",
    "with thanks": lambda rows, kind: f"My answer:\n\n{_each('{s} {v}')(rows, kind)}\n\nThank you for 8 great labs!",
}
# Forms in which Python writes the number.
FLOAT_FORMS: dict[str, Callable[[Rows, str], str]] = {"by column": _by_column, "to_dict": _to_dict, "json": _json}
# Forms of a volume only.
VOLUME_FORMS: dict[str, Callable[[Rows, str], str]] = {
    "sentence": _each("server {s} has {v} events per unit"),
    "sentences in a line": _each("{s} has a volume of {v}", " and "),
    "value first": _each("{v} on {s}", " and "),
    "computed": _each("{s} = 13/(10-1+1) = {v}"),
    "with a remark": _each("{s} {v} (SEV2 events per time unit)"),
}
# Forms of a log only.
LOG_FORMS: dict[str, Callable[[Rows, str], str]] = {
    "records": _each("{s},0,{v}"),
    "t": _each("{s} t{v}"),
    "t and colon": _each("{s}: t{v}"),
    "at t": _each("Server {s} had a SEV0 at t{v}"),
    "t equals": _each("{s} (t={v})"),
}
QUESTION = (
    "In Part 1, after you streamed the first two log files, `s115.csv` and `s215.csv`, \nwhat is the produced volume of "
    "`SEV2` on each server?   Put your output in this Markdown cell, and wrap it in <pre> tag."
)


def forms_of(kind: str) -> dict[str, Callable[[Rows, str], str]]:
    """Return all forms of a kind of result, by name."""
    floats = FLOAT_FORMS if kind == "volume" else {}
    return FORMS | floats | (VOLUME_FORMS if kind == "volume" else LOG_FORMS)
