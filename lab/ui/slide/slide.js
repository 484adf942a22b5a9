// Draws one part of a slide as large as possible, and cuts content that does not fit. All content is inserted as text.

const slides = new WeakMap();
// Font sizes in pixels. Below SMALLEST_LINES, code is wrapped instead; below SMALLEST, it is cut instead.
const LARGEST = 34;
const SMALLEST_LINES = 19;
const SMALLEST = 16;
const NARROW = 17;
// In letters.
const INDENT = 4;

function make(tag, parent, text) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

// Text in backticks is code.
function words(parent, text) {
  text.split("`").forEach((part, at) => {
    if (part) make(at % 2 ? "code" : "span", parent, part);
  });
}

function lines(text, limit) {
  const all = text.split("\n");
  if (all.length <= limit) return text;
  const rest = all.length - limit;
  return [...all.slice(0, limit), `… ${rest} more line${rest === 1 ? "" : "s"}`].join("\n");
}

class Slide {
  constructor(parent) {
    this.root = make("section", parent);
    this.root.className = "lab-slide";
    this.inner = make("div", this.root);
    this.observer = new ResizeObserver(() => this.settle());
    this.observer.observe(this.root);
    this.again = () => this.fit();
    document.fonts.addEventListener("loadingdone", this.again);
  }

  update(data) {
    this.paint();
    const next = JSON.stringify(data);
    if (next === this.drawn) return;
    this.drawn = next;
    this.data = data;
    this.root.setAttribute("aria-label", data.label);
    this.fit();
  }

  // Elements beside the slide do not have the theme's colours as variables.
  paint() {
    const theme = getComputedStyle(this.root);
    const { style } = document.documentElement;
    style.setProperty("--lab-stage-background", theme.getPropertyValue("--st-background-color"));
    style.setProperty("--lab-stage-edge", theme.getPropertyValue("--st-border-color"));
  }

  settle() {
    const room = `${this.root.clientWidth} ${this.root.clientHeight}`;
    if (room !== this.room && this.data) this.fit();
  }

  fit() {
    this.draw(Infinity, Infinity);
    // In a narrow window, the page's style lets the slide be as high as it needs.
    if (getComputedStyle(this.root).overflowY !== "hidden") this.size(NARROW, true);
    else if (!this.largest(SMALLEST_LINES, false) && !this.largest(SMALLEST, true)) this.cut();
    this.room = `${this.root.clientWidth} ${this.root.clientHeight}`;
  }

  // First cuts printed lines and rows, then also code.
  cut() {
    const { blocks } = this.data;
    const most = Math.max(...blocks.map(({ text, rows }) => Math.max(text.split("\n").length, rows?.length ?? 0)));
    for (let rest = most; rest > 2; rest -= 1) {
      this.draw(Infinity, rest);
      if (this.fits()) return;
    }
    for (let code = most; code > 0; code -= 1) {
      this.draw(code, 2);
      if (this.fits()) return;
    }
  }

  largest(smallest, wraps) {
    for (let size = LARGEST; size >= smallest; size -= 1) {
      this.size(size, wraps);
      if (this.fits()) return true;
    }
    return false;
  }

  size(pixels, wraps) {
    this.root.style.fontSize = `${pixels}px`;
    this.root.dataset.wraps = String(wraps);
  }

  fits() {
    const isWide = [...this.inner.querySelectorAll("pre")].some((pre) => pre.scrollWidth > pre.clientWidth);
    return !isWide && this.inner.offsetHeight <= this.root.clientHeight && this.inner.scrollWidth <= this.root.clientWidth;
  }

  // Draws at most `code` lines of code, and `rest` lines of other long content.
  draw(code, rest) {
    const said = this.inner.querySelector("[data-kind='verdict']");
    this.inner.replaceChildren();
    for (const block of this.data.blocks) {
      const { kind, text } = block;
      if (kind === "verdict") this.verdict(said, block);
      else if (!text) continue;
      else if (kind === "table") this.table(block, rest);
      else if (kind === "code" || kind === "printed") {
        const pre = this.kind("pre", kind);
        for (const line of lines(text, kind === "code" ? code : rest).split("\n")) this.line(pre, line);
        pre.setAttribute("role", "group");
        pre.setAttribute("aria-label", block.name);
      } else words(this.kind(kind === "title" ? "h2" : "p", kind), text);
    }
  }

  kind(tag, kind) {
    const made = make(tag, this.inner);
    made.dataset.kind = kind;
    return made;
  }

  // The continuation of a wrapped line is indented more than its beginning.
  line(pre, text) {
    const indent = text.search(/\S|$/);
    const line = make("span", pre, `${text.slice(indent)}\n`);
    line.style.paddingLeft = `${indent + INDENT}ch`;
    line.style.textIndent = `-${INDENT}ch`;
  }

  // Keeps the same element, so that a screen reader says what has changed in it.
  verdict(said, { text, outcome }) {
    const line = said ?? document.createElement("p");
    this.inner.append(line);
    line.dataset.kind = "verdict";
    line.dataset.outcome = outcome;
    line.setAttribute("role", "status");
    line.hidden = !text;
    if (this.verdictText === text) return;
    this.verdictText = text;
    line.replaceChildren();
    words(line, text);
  }

  table({ text, columns, rows, more }, limit) {
    if (!columns.length) {
      words(this.kind("p", "note"), text);
      return;
    }
    const table = this.kind("table", "table");
    make("caption", table, text);
    const head = make("tr", make("thead", table));
    // A column without a title gets no header cell.
    for (const title of columns) {
      if (title) make("th", head, title).scope = "col";
      else make("td", head);
    }
    const body = make("tbody", table);
    for (const row of rows.slice(0, limit)) {
      const line = make("tr", body);
      for (const value of row) make("td", line, value);
    }
    const cut = rows.length - Math.min(rows.length, limit);
    const word = cut ? `and ${cut} more row${cut === 1 ? "" : "s"} that have no room here` : more;
    if (word) make("p", this.inner, word).className = "lab-slide-more";
  }

  close() {
    this.observer.disconnect();
    document.fonts.removeEventListener("loadingdone", this.again);
    this.root.remove();
  }
}

export default function ({ data, parentElement }) {
  let slide = slides.get(parentElement);
  if (!slide) {
    slide = new Slide(parentElement);
    slides.set(parentElement, slide);
  }
  slide.update(data);
  return () => {
    // Streamlit also calls this cleanup when it draws anew: then the element stays.
    setTimeout(() => {
      if (parentElement.isConnected || slides.get(parentElement) !== slide) return;
      slides.delete(parentElement);
      slide.close();
    });
  };
}
