// The stream of events. It is read without EventSource, which hides the comment that comes each
// second: without it the page knows that the program has gone.

const SILENCE = 1700; // milliseconds: one comment may be late, two may not
const RETRY = 500; // milliseconds

let stop; // ends the present stream
let reconnecting = false;

// reconnect begins a new stream. The cookie with which a stream began decides what it may show: an
// old stream would not show a new driver the content of cards.
export function reconnect() {
  reconnecting = true;
  stop?.abort();
}

// listen calls onMessage with each message, onSilence(true) when the stream breaks, and
// onSilence(false) when it is back. It never ends.
export async function listen(onMessage, onSilence) {
  for (;;) {
    stop = new AbortController();
    reconnecting = false;
    let timer = setTimeout(() => stop.abort(), SILENCE);
    const onData = () => {
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), SILENCE);
    };
    try {
      const response = await fetch("/api/events", { signal: stop.signal, cache: "no-store" });
      if (!response.ok) throw new Error(`${response.status}`);
      onSilence(false);
      await read(response.body, onMessage, onData);
    } catch {
      // A broken stream begins again.
    }
    clearTimeout(timer);
    if (reconnecting) continue;
    onSilence(true);
    await new Promise((done) => setTimeout(done, RETRY));
  }
}

// read parses a stream of server-sent events. The program writes each as one data line.
async function read(body, onMessage, onData) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onData();
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data:")) continue;
      try {
        onMessage(JSON.parse(line.slice(5)));
      } catch (wrong) { // the message is at fault, not the stream
        console.error(wrong);
      }
    }
  }
}
