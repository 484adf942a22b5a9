// Has Streamlit look for what is new when the server says, by a websocket, that something has changed.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30000;

class Follower {
  constructor(channel) {
    this.channel = channel;
    this.wait = FIRST_WAIT;
    this.count = 0;
    this.connect();
  }

  connect() {
    const address = new URL(`lab/changes/${this.channel}`, document.baseURI);
    address.protocol = address.protocol.replace("http", "ws");
    this.socket = new WebSocket(address);
    this.socket.addEventListener("open", () => {
      // What has changed while there was no connection, nobody has told.
      if (this.wait > FIRST_WAIT) this.tell();
      this.wait = FIRST_WAIT;
    });
    this.socket.addEventListener("message", () => this.tell());
    this.socket.addEventListener("close", () => {
      if (this.closed) return;
      this.retry = setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
    });
  }

  tell() {
    this.count += 1;
    this.setTriggerValue("changed", this.count);
  }

  close() {
    this.closed = true;
    clearTimeout(this.retry);
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
  follower.setTriggerValue = setTriggerValue;
  return () => {
    // Streamlit also calls this when it draws anew: then the element stays.
    setTimeout(() => {
      if (parentElement.isConnected || followers.get(parentElement) !== follower) return;
      followers.delete(parentElement);
      follower.close();
    });
  };
}
