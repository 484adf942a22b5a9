// Draws one moment of a run, and lets a person choose another one.

const stages = new WeakMap();
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const PLAY_EVERY = 1300;
// After this time, an answer is no longer waited for.
const PATIENCE = 3000;

function make(tag, className, parent, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

class Stage {
  constructor(parent) {
    this.root = make("div", "lab-stage", parent);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", "Stage: from the log files to the result");
    make("h2", "lab-stage-words", this.root, "Stage: from the log files to the result");
    this.bar = this.button("lab-stage-bar", this.root, "", () => this.toggle());
    make("span", "", this.bar, "▲").setAttribute("aria-hidden", "true");
    this.line = make("span", "", this.bar);
    const time = make("div", "lab-stage-time", this.root);
    this.play = this.button("", time, "▶", () => this.playOn());
    this.play.setAttribute("aria-label", "Play the run from its beginning");
    this.slider = make("input", "", time);
    this.slider.type = "range";
    this.slider.min = 0;
    this.slider.setAttribute("aria-label", "Moment of the run");
    this.slider.addEventListener("input", () => {
      this.stop();
      this.choose(Number(this.slider.value));
    });
    this.live = this.button("", time, "Live", () => {
      this.stop();
      this.choose(this.data.moments.length - 1);
    });
    this.live.title = "Show what is now, and follow it";
    const when = make("div", "lab-stage-when", this.root);
    this.title = make("strong", "", when);
    this.changes = make("span", "", when);
    // Also read out while the stage is closed and everything else in it is hidden.
    this.said = make("p", "lab-stage-words lab-stage-said", this.root);
    this.said.setAttribute("role", "status");
    this.words = make("p", "lab-stage-words", this.root);
    this.picture = make("div", "lab-stage-picture", this.root);
    this.picture.setAttribute("aria-hidden", "true");
    this.lists = ["LogData", "LogDataLive"].map((name, at) => this.place(name, at));
    const column = make("div", "lab-stage-column", this.picture);
    const query = make("div", "lab-stage-box", column);
    make("h4", "", query, "Query");
    this.state = this.fact(query, "", "Query");
    this.state.className = "lab-stage-state";
    this.batch = this.fact(query, "batch ", "Batch");
    this.rowsIn = this.fact(query, "rows in: ", "Rows in");
    this.down = make("div", "lab-stage-arrow", column, "↓");
    const result = make("div", "lab-stage-box", column);
    make("h4", "", result, "Result");
    this.rows = this.fact(result, "rows: ", "Result rows");
    this.chips = new Map();
    this.resized = () => this.rest();
    window.addEventListener("resize", this.resized);
    this.arrows = [...this.picture.querySelectorAll(".lab-stage-arrow")];
  }

  button(className, parent, text, press) {
    const made = make("button", className, parent, text);
    made.type = "button";
    made.addEventListener("click", press);
    return made;
  }

  place(name, at) {
    const box = make("div", "lab-stage-box", this.picture);
    box.dataset.place = name;
    make("h4", "", box, name);
    if (at) this.waiting = this.fact(box, "waiting: ", "Files waiting");
    const list = make("ul", "", box);
    const more = make("p", "", box);
    make("div", "lab-stage-arrow", this.picture, "→");
    return { list, more };
  }

  fact(parent, before, name) {
    const line = make("p", "", parent);
    line.append(before);
    const value = make("span", "", line);
    value.dataset.fact = name;
    return value;
  }

  toggle() {
    const root = document.documentElement;
    const open = root.dataset.labStage !== "open";
    if (open) root.dataset.labStage = "open";
    else delete root.dataset.labStage;
    this.follow();
  }

  // A closed stage is scrolled to its beginning, where the bar is.
  rest() {
    const around = this.root.closest(".st-key-stage");
    const narrow = getComputedStyle(this.bar).display !== "none";
    if (around && narrow && document.documentElement.dataset.labStage !== "open") around.scrollTop = 0;
  }

  // In a narrow window, the bar tells in one line what has changed.
  follow() {
    const open = document.documentElement.dataset.labStage === "open";
    this.bar.setAttribute("aria-expanded", String(open));
    say(this.bar.firstChild, open ? "▼" : "▲");
    this.rest();
    say(this.line, open ? "Close the stage" : `Stage · ${this.data.changes || this.data.moments[this.data.at].title}`);
  }

  update(data, setTriggerValue) {
    const first = !this.data;
    this.setTriggerValue = setTriggerValue;
    const drawn = JSON.stringify(data);
    this.asked = null;
    this.paint();
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      this.data = data;
      this.draw(first);
    }
    if (this.wanted !== undefined) {
      const wanted = this.wanted;
      this.wanted = undefined;
      this.choose(wanted);
    }
  }

  // The container of the stage does not have the theme's colours as variables.
  paint() {
    const theme = getComputedStyle(this.root);
    const { style } = document.documentElement;
    style.setProperty("--lab-stage-background", theme.getPropertyValue("--st-background-color"));
    style.setProperty("--lab-stage-edge", theme.getPropertyValue("--st-border-color"));
  }

  draw(first) {
    const { data } = this;
    const last = data.moments.length - 1;
    this.slider.max = last;
    this.slider.disabled = this.play.disabled = last === 0;
    this.point();
    this.live.setAttribute("aria-pressed", String(data.at === last));
    say(this.changes, data.changes);
    say(this.said, data.changes);
    say(this.words, data.words);
    this.follow();
    for (const [name, value] of Object.entries(data.facts)) say(this.root.querySelector(`[data-fact="${name}"]`), value);
    this.state.dataset.state = data.state;
    this.drawChips(first || STILL.matches);
    if (this.playing) this.dwell();
    if (data.flows && !first && !STILL.matches) this.pulse();
  }

  // Sets the slider and the title to the shown moment. The slider stays if another moment is still wanted.
  point() {
    if (this.wanted === undefined) this.slider.value = this.data.at;
    this.name(this.data.at);
  }

  name(at) {
    const { moments } = this.data;
    const words = moments[at].title;
    say(this.title, moments.length > 1 ? `${words} · ${at + 1} of ${moments.length}` : words);
    this.slider.setAttribute("aria-valuetext", words);
  }

  drawChips(still) {
    const before = new Map([...this.chips].map(([name, chip]) => [name, chip.getBoundingClientRect()]));
    const shown = new Set();
    this.data.places.forEach(({ chips, more }, at) => {
      const { list, more: others } = this.lists[at];
      chips.forEach((data) => {
        shown.add(data.name);
        list.append(this.chip(data).parentElement);
      });
      say(others, more ? `and ${more} more` : "");
    });
    for (const [name, chip] of this.chips) {
      if (shown.has(name)) continue;
      chip.parentElement.remove();
      this.chips.delete(name);
    }
    if (!still) for (const [name, chip] of this.chips) this.move(chip, before.get(name));
  }

  chip({ name, state, says, why, changed }) {
    let chip = this.chips.get(name);
    if (!chip) {
      chip = document.createElement("div");
      chip.className = "lab-stage-chip";
      document.createElement("li").append(chip);
      make("b", "", chip, name);
      make("span", "", chip);
      this.chips.set(name, chip);
    }
    chip.dataset.name = name;
    chip.dataset.state = state;
    chip.dataset.changed = String(changed);
    chip.title = [name, says, why].filter(Boolean).join(": ");
    say(chip.lastChild, state === "to be delivered" ? "" : says.replace("read in ", ""));
    return chip;
  }

  // Animates a file from its old position to its new one.
  move(chip, before) {
    const after = chip.getBoundingClientRect();
    if (!before) {
      chip.animate([{ opacity: 0 }, { opacity: 1 }], 400);
      return;
    }
    const [x, y] = [before.left - after.left, before.top - after.top];
    if (Math.abs(x) < 2 && Math.abs(y) < 2) return;
    chip.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], { duration: 700, easing: "ease-in-out" });
  }

  // Animates the arrows: rows go through the query into the result.
  pulse() {
    this.arrows.slice(1).forEach((arrow, at) => {
      arrow.animate(
        [{ transform: "none" }, { transform: "scale(2)", color: getComputedStyle(this.slider).accentColor }, { transform: "none" }],
        { duration: 600, delay: 500 + 400 * at },
      );
    });
  }

  // Only one moment is requested at a time: dragging the slider passes many.
  choose(at) {
    if (!this.data.moments[at]) return;
    this.slider.value = at;
    this.name(at);
    if (this.asked && Date.now() - this.asked < PATIENCE) {
      this.wanted = at;
      return;
    }
    if (at === this.data.at) return;
    this.asked = Date.now();
    this.setTriggerValue("moment", this.data.moments[at].key);
    setTimeout(() => this.giveUp(), PATIENCE);
  }

  // Streamlit may drop a request when something else is pressed. Then the shown moment stays, and the slider goes back.
  giveUp() {
    if (!this.asked || !this.root.isConnected) return;
    const busy = document.querySelector(".stApp")?.dataset.testScriptState !== "notRunning";
    if (busy || Date.now() - this.asked < PATIENCE) {
      setTimeout(() => this.giveUp(), PATIENCE / 10);
      return;
    }
    this.asked = null;
    this.wanted = undefined;
    this.point();
    if (this.playing) this.stop();
  }

  playOn() {
    if (this.playing) {
      this.stop();
      return;
    }
    this.playing = true;
    say(this.play, "❚❚");
    this.play.setAttribute("aria-label", "Pause");
    if (this.data.at) this.choose(0);
    else this.dwell();
  }

  // Each moment is shown for the same time after it has arrived, however long that took.
  dwell() {
    clearTimeout(this.next);
    if (this.data.at < this.data.moments.length - 1) this.next = setTimeout(() => this.choose(this.data.at + 1), PLAY_EVERY);
    else this.stop();
  }

  stop() {
    clearTimeout(this.next);
    this.playing = false;
    say(this.play, "▶");
    this.play.setAttribute("aria-label", "Play the run from its beginning");
  }

  close() {
    this.stop();
    window.removeEventListener("resize", this.resized);
    this.root.remove();
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let stage = stages.get(parentElement);
  if (!stage) {
    stage = new Stage(parentElement);
    stages.set(parentElement, stage);
  }
  stage.update(data, setTriggerValue);
  return () => {
    // Streamlit also calls this cleanup when it has drawn anew before this module was loaded: then the element stays.
    setTimeout(() => {
      if (parentElement.isConnected || stages.get(parentElement) !== stage) return;
      stages.delete(parentElement);
      stage.close();
    });
  };
}
