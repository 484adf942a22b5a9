// Typed text until the lab has saved it: a draft for each field of this tab, which outlives the field's element.
//
// A draft is sent after a pause in typing, when the field is left, before a press, and when the page is left; a failed
// request is retried. Meanwhile the draft is in the browser's storage, by learner, field and tab. It is not sent by
// Streamlit's websocket: there it would cause a script run, and a run can lose a press or a change of page.
//
// The lab saves a text only if it is based on the saved one: each draft names the texts that this tab knows of.

const PAUSE = 400;
const PATIENCE = 10000;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;
// A living tab renews its drafts' time this often; a hidden tab may be woken only once a minute.
const BEAT = 20000;
const ABANDONED = 90000;
// Browsers accept no more bytes for a request that outlives its page (`keepalive`).
const MOST_KEPT_ALIVE = 60000;
const MOST_KNOWN = 4;

const drafts = new Map();
// The channel of each learner, for requests; it changes after a restart of the lab.
const channels = new Map();

function askTexts(owner, name, message) {
  const body = message && JSON.stringify(message);
  return fetch(new URL(`lab/texts/${name}`, document.baseURI), {
    method: message ? "POST" : "GET",
    headers: { "Content-Type": "application/json", "Lab-Channel": channels.get(owner) },
    body,
    keepalive: Boolean(body) && body.length < MOST_KEPT_ALIVE,
    signal: AbortSignal.timeout(PATIENCE),
  });
}

async function post(owner, name, message) {
  const answer = await askTexts(owner, name, message);
  const said = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
  return { status: answer.status, said };
}

class Draft {
  static of(owner, name) {
    const id = `${owner} ${name}`;
    if (!drafts.has(id)) drafts.set(id, new Draft(owner, name));
    return drafts.get(id);
  }

  constructor(owner, name) {
    this.owner = owner;
    this.name = name;
    this.stored = storedKey(owner, name);
    this.text = null;
    // The texts that the lab may have saved, as far as this tab knows.
    this.known = [];
    this.at = "";
    this.dirty = false;
    this.keep = false;
    this.wait = FIRST_WAIT;
    this.state = "kept";
    this.error = "";
    this.other = null;
    this.flush = this.flush.bind(this);
    const stored = readStored(this.stored);
    if (stored) {
      this.text = stored.text;
      this.known = stored.known;
      this.keep = stored.keep;
      this.dirty = true;
      this.state = "waiting";
    }
  }

  // ---- from the lab

  // Each drawing of the page brings the text that the lab had at that time.
  learn(text, at) {
    const [life, count] = this.at.split(":");
    const [itsLife, itsCount] = at.split(":");
    if (life === itsLife && Number(itsCount) < Number(count)) return;
    this.at = at;
    if (this.state === "conflict") {
      if (text === this.text) {
        this.dirty = false;
        this.arrived(text, at);
      } else this.other = text;
    } else if (!this.dirty && !this.sending) {
      this.known = [text];
      this.text = text.replace(/\r\n?/g, "\n");
    } else if (!this.sending) {
      // There is a connection.
      this.flush();
    }
    this.tell();
  }

  arrived(text, at) {
    this.at = at;
    this.known = [text];
    this.other = null;
    this.error = "";
    this.wait = FIRST_WAIT;
    this.state = this.dirty ? "waiting" : "kept";
    if (this.dirty) this.store();
    else dropStored(this.stored);
  }

  // ---- from the person

  // With `keep`, the text before becomes an earlier version.
  typed(text, keep = false) {
    if (text === this.text) return;
    this.text = text;
    this.dirty = true;
    this.keep ||= keep;
    this.store();
    if (this.state === "conflict") return;
    if (this.state !== "away") this.state = "waiting";
    clearTimeout(this.pausing);
    this.pausing = setTimeout(this.flush, PAUSE);
    this.tell();
  }

  // Keeps this one of two texts; the other one becomes an earlier version.
  async keepMine() {
    this.known = [this.other];
    this.other = null;
    this.state = "waiting";
    this.dirty = true;
    this.keep = true;
    this.store();
    this.tell();
    await this.settle();
  }

  // Keeps the other text; this one becomes an earlier version, so it is sent first.
  async takeOther() {
    const mine = this.text;
    try {
      const { status, said } = await post(this.owner, this.name, { text: mine, known: [], keep: false });
      if (status !== 409 && status !== 200) throw new Error(`${status}`);
      this.dirty = false;
      this.text = said.text;
      this.arrived(said.text, said.at);
    } catch {
      this.error = "The lab cannot be reached. Both texts stay until it can.";
    }
    this.tell();
  }

  // ---- to the lab

  flush() {
    clearTimeout(this.pausing);
    if (this.dirty && this.state !== "conflict") this.send();
  }

  // Waits until the lab has the newest text; returns whether it has.
  async settle() {
    while ((this.dirty || this.sending) && this.state !== "conflict") if (!(await this.send())) return false;
    return this.state === "kept";
  }

  send() {
    this.sending ??= this.sendOnce().finally(() => {
      this.sending = null;
      // Typed meanwhile.
      if (this.dirty && this.state === "waiting") {
        clearTimeout(this.pausing);
        this.pausing = setTimeout(this.flush, PAUSE);
      }
      this.tell();
    });
    return this.sending;
  }

  async sendOnce() {
    clearTimeout(this.pausing);
    clearTimeout(this.retrying);
    const { text, keep } = this;
    const message = { text, known: this.known, keep };
    this.dirty = this.keep = false;
    // The text may arrive even if no answer comes, so it counts as known.
    this.known = [this.known[0] ?? "", ...this.known.slice(1).slice(2 - MOST_KNOWN), text];
    let answer;
    try {
      answer = await post(this.owner, this.name, message);
    } catch {
      return this.missed(keep, "");
    }
    const { status, said } = answer;
    if (status === 200) {
      this.arrived(text, said.at);
      return true;
    }
    this.dirty = true;
    this.keep ||= keep;
    if (status === 409) {
      this.state = "conflict";
      this.other = said.text;
      this.at = said.at;
    } else if (status === 422) {
      this.state = "refused";
      this.error = said.error;
      // The lab has not saved a refused text, so it is not known there.
      this.known = message.known;
    } else {
      // The lab was restarted, its store is unreachable, or a proxy has answered.
      return this.missed(keep, said.error ?? "");
    }
    this.store();
    return false;
  }

  missed(keep, error) {
    this.dirty = true;
    this.keep ||= keep;
    this.state = "away";
    this.error = error;
    this.store();
    clearTimeout(this.retrying);
    this.retrying = setTimeout(this.flush, this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
    return false;
  }

  tell() {
    this.field?.follow();
  }

  store() {
    const { text, known, keep } = this;
    writeStored(this.stored, { text, known, keep, when: Date.now() });
  }
}

// Sends stored drafts of this learner that no field handles: of this tab before a reload, or of a closed tab.
async function adopt(owner) {
  for (const key of allStored()) {
    const [, itsOwner, name, itsTab] = key.split(" ");
    if (itsOwner !== owner) continue;
    if (itsTab === tab) {
      Draft.of(owner, name).flush();
      continue;
    }
    const stored = readStored(key);
    if (stored && Date.now() - stored.when < ABANDONED) continue;
    try {
      // If the lab has a newer text, the draft becomes an earlier version.
      const { status } = stored ? await post(owner, name, stored) : { status: 422 };
      if ([200, 409, 422].includes(status)) dropStored(key);
    } catch {
      return;
    }
  }
}

function flushAll() {
  for (const draft of drafts.values()) draft.flush();
}

setInterval(() => {
  for (const draft of drafts.values()) if (draft.dirty) draft.store();
  for (const owner of channels.keys()) adopt(owner);
}, BEAT);
window.addEventListener("online", flushAll);
window.addEventListener("pagehide", () => {
  putDownTab();
  for (const draft of drafts.values()) if (draft.dirty) draft.send();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) takeTab();
});
// A phone may end a hidden tab without any further event.
document.addEventListener("visibilitychange", () => document.hidden && flushAll());
