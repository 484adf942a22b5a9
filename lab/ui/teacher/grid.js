// Draws one of the tables of the class board. An unchanged table is not drawn again.

const grids = new WeakMap();
// Rows must not move away under a pointer, or under a key that is being pressed.
const HOLD = 1500;

function make(tag, className, parent, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

class Grid {
  constructor(parent) {
    this.around = make("div", "lab-grid", parent);
    // Focusable, so that keys can scroll it sideways where there is no room for all steps.
    this.around.tabIndex = 0;
    this.around.setAttribute("role", "region");
    this.table = make("table", "", this.around);
    this.touched = 0;
    for (const kind of ["pointermove", "pointerdown", "keydown"]) {
      this.around.addEventListener(kind, () => {
        this.touched = Date.now();
      });
    }
  }

  update(data, setTriggerValue) {
    this.setTriggerValue = setTriggerValue;
    const next = JSON.stringify(data);
    if (next === this.next) return;
    this.next = next;
    this.data = data;
    clearTimeout(this.later);
    this.settle();
  }

  settle() {
    const rest = this.drawn === undefined ? 0 : this.touched + HOLD - Date.now();
    if (rest > 0) this.later = setTimeout(() => this.settle(), rest);
    else this.draw();
  }

  draw() {
    this.drawn = this.next;
    const { label, large, head, rows, foot } = this.data;
    this.around.dataset.large = String(Boolean(large));
    const focused = this.table.contains(document.activeElement) ? document.activeElement.dataset.learner : undefined;
    this.around.setAttribute("aria-label", label);
    this.table.replaceChildren();
    make("caption", "", this.table, label);
    const titles = make("tr", "", make("thead", "", this.table));
    for (const title of head) make("th", "", titles, title).scope = "col";
    const body = make("tbody", "", this.table);
    for (const row of rows) this.row(body, row);
    if (foot) {
      const line = make("tr", "", make("tfoot", "", this.table));
      foot.forEach((text, at) => {
        const cell = make(at ? "td" : "th", "", line, text);
        if (!at) cell.scope = "row";
      });
    }
    if (focused) [...this.table.querySelectorAll("button")].find((button) => button.dataset.learner === focused)?.focus();
  }

  row(body, { key, name, note, away, cells }) {
    const line = make("tr", "", body);
    line.dataset.away = String(Boolean(away));
    const title = make("th", "", line);
    title.scope = "row";
    if (key) {
      const button = make("button", "", title, name);
      button.type = "button";
      button.dataset.learner = key;
      button.addEventListener("click", () => this.setTriggerValue("chosen", key));
    } else {
      title.textContent = name;
    }
    if (note) make("span", "", title, note);
    for (const { state, text, says } of cells) {
      const cell = make("td", "", line);
      cell.dataset.state = state;
      if (says && says !== text) {
        // A screen reader reads the words, not the symbols.
        make("span", "", cell, text).setAttribute("aria-hidden", "true");
        make("span", "lab-grid-says", cell, says);
        cell.title = says;
      } else {
        cell.textContent = text;
      }
    }
  }

  close() {
    clearTimeout(this.later);
    this.around.remove();
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let grid = grids.get(parentElement);
  if (!grid) {
    grid = new Grid(parentElement);
    grids.set(parentElement, grid);
  }
  grid.update(data, setTriggerValue);
  return () => {
    // Streamlit also calls this cleanup when it draws anew: then the element stays.
    setTimeout(() => {
      if (parentElement.isConnected || grids.get(parentElement) !== grid) return;
      grids.delete(parentElement);
      grid.close();
    });
  };
}
