// The earlier versions of a field, each with its time and its differences, to be put back.

const MOST_COMPARED = 1000;

// The lines of two texts, each with "+" if only the second text has it, "-" if only the first has it.
function difference(before, after) {
  const [a, b] = [before, after].map((text) => text.split("\n").slice(0, MOST_COMPARED));
  // For each pair of positions, the length of the longest common subsequence of the remaining lines.
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
  const lines = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push([" ", a[i++]]);
      j++;
    } else if (j === b.length || (i < a.length && common[i + 1][j] >= common[i][j + 1])) lines.push(["-", a[i++]]);
    else lines.push(["+", b[j++]]);
  }
  return lines;
}

function showDifference(place, before, after) {
  place.replaceChildren();
  for (const [sign, line] of difference(before, after)) {
    const kind = { "+": "lab-editor-added", "-": "lab-editor-gone", " ": "" }[sign];
    // The sign is text, because some people cannot see the colours.
    element("span", kind, place).textContent = `${sign} ${line}\n`;
  }
}

function counted(now, before) {
  const lines = difference(now, before);
  const [back, away] = ["+", "-"].map((sign) => lines.filter(([kind]) => kind === sign).length);
  const parts = [];
  if (back) parts.push(`${back} line${back === 1 ? " comes" : "s come"} back`);
  if (away) parts.push(`${away} ${back ? "" : away === 1 ? "line " : "lines "}${away === 1 ? "goes" : "go"}`);
  return parts.join(", ");
}

function when(at) {
  const time = new Date(at);
  const today = new Date().toDateString() === time.toDateString();
  const day = today ? {} : { day: "numeric", month: "short" };
  return time.toLocaleString("en-GB", { ...day, hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

async function askVersions(owner, name) {
  const answer = await askTexts(owner, name);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return (await answer.json()).versions;
}

class Versions {
  constructor(field) {
    this.field = field;
    this.root = element("details", "lab-editor-versions", field.foot);
    const summary = element("summary", "", this.root);
    summary.textContent = "Earlier versions";
    summary.title = "The last ten texts that stood here, to be put back";
    this.list = element("div", "lab-editor-list", this.root);
    this.root.addEventListener("toggle", () => this.root.open && this.look());
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.root.open = false;
      summary.focus();
    });
  }

  async look() {
    const { draft } = this.field;
    this.list.replaceChildren();
    const said = element("p", "lab-editor-says", this.list);
    said.setAttribute("role", "status");
    said.textContent = "Looking …";
    try {
      await draft.settle();
      const versions = (await askVersions(draft.owner, draft.name)).filter(({ text }) => text !== draft.text);
      said.textContent = versions.length ? "" : "There is none yet: what you replace or delete is kept here.";
      said.hidden = versions.length > 0;
      for (const version of versions) this.draw(version);
    } catch {
      said.textContent = "The lab cannot be asked now. Open this again when the line is back.";
    }
  }

  draw({ text, at }) {
    const now = this.field.draft.text;
    const version = element("details", "lab-editor-version", this.list);
    const time = when(at);
    element("summary", "", version).textContent = `${time} · ${counted(now, text)}`;
    const back = element("button", "lab-editor-button", version);
    back.type = "button";
    back.textContent = "Put this back";
    back.setAttribute("aria-label", `Put back the version of ${time}`);
    back.addEventListener("click", () => {
      this.root.open = false;
      this.field.put(text);
      this.field.focus();
    });
    showDifference(element("pre", "lab-editor-compared", version), now, text);
  }
}
