// Makes Streamlit rerun a fragment when the server says, by a websocket, that something has changed.

// A page that has caused the change itself is already being drawn anew.
const SETTLE = 150;
// No rerun right after a press or a key: of a press and a rerun that come together, Streamlit 1.67 may lose the press.
const HOLD = 1000;
const TOUCHES = ["pointerdown", "keydown"];
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;

// While the app is being drawn, the page may be changing. If the old page asks for a rerun then, Streamlit 1.67 sends
// elements that have no position on the new page, and the browser fails: "Cannot set a node at a delta path".
const isDrawn = () =>
  (document.querySelector(".stApp")?.dataset.testScriptState ?? "notRunning") === "notRunning";

class Follower {
  constructor(channel) {
    this.channel = channel;
    this.wait = FIRST_WAIT;
    this.count = 0;
    this.touched = 0;
    this.touch = () => {
      this.touched = Date.now();
    };
    for (const kind of TOUCHES) window.addEventListener(kind, this.touch, true);
    this.connect();
  }

  connect() {
    const address = new URL(`lab/changes/${this.channel}`, document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    this.socket = new WebSocket(address);
    this.socket.addEventListener("open", () => {
      this.wait = FIRST_WAIT;
    });
    this.socket.addEventListener("message", (message) => {
      this.told = message.data;
      this.settle(SETTLE);
    });
    this.socket.addEventListener("close", () => {
      if (this.closed) return;
      this.retry = setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
    });
  }

  settle(wait) {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.compare(), wait);
  }

  compare() {
    if (this.told === this.drawn) return;
    const rest = this.touched + HOLD - Date.now();
    if (rest > 0 || !isDrawn()) {
      this.settle(Math.max(rest, SETTLE));
      return;
    }
    this.count += 1;
    this.setTriggerValue("changed", this.count);
  }

  close() {
    this.closed = true;
    for (const kind of TOUCHES) window.removeEventListener(kind, this.touch, true);
    clearTimeout(this.retry);
    clearTimeout(this.settling);
    this.socket.close();
  }
}

const followers = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let follower = followers.get(parentElement);
  if (!follower || follower.channel !== data.channel) {
    follower?.close();
    follower = new Follower(data.channel);
    followers.set(parentElement, follower);
  }
  follower.drawn = data.drawn;
  follower.setTriggerValue = setTriggerValue;
  return () => {
    // Streamlit also calls this cleanup when it draws anew: then the element stays.
    setTimeout(() => {
      if (parentElement.isConnected) return;
      followers.delete(parentElement);
      follower.close();
    });
  };
}
