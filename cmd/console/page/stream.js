// The stream of what happens. EventSource would do, but it does not tell of the comment that
// comes each second, and its silence is how the page learns that the program has gone.

const SILENCE = 1700; // milliseconds: one comment may be late, two may not
const RETRY = 500; // milliseconds

let stop; // ends the stream that is read now
let renewed = false;

// renew begins the stream anew. What it may tell, the program knows by the cookie with which it
// began: whoever signs on would not be shown what is on a card.
export function renew() {
  renewed = true;
  stop?.abort();
}

// listen calls heard with each message, and silent(true or false) when the stream falls silent
// and when it speaks again. It never ends.
export async function listen(heard, silent) {
  for (;;) {
    stop = new AbortController();
    renewed = false;
    let timer = setTimeout(() => stop.abort(), SILENCE);
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), SILENCE);
    };
    try {
      const response = await fetch("/api/events", { signal: stop.signal, cache: "no-store" });
      if (!response.ok) throw new Error(`${response.status}`);
      silent(false);
      await read(response.body, heard, alive);
    } catch {
      // A stream that breaks is begun again, whatever broke it.
    }
    clearTimeout(timer);
    if (renewed) continue;
    silent(true);
    await new Promise((done) => setTimeout(done, RETRY));
  }
}

// read takes a stream of server-sent events apart. The program writes each as one data line.
async function read(body, heard, alive) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data:")) continue;
      try {
        heard(JSON.parse(line.slice(5)));
      } catch (wrong) { // with one message, not with the stream
        console.error(wrong);
      }
    }
  }
}
