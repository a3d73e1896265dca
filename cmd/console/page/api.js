// The requests to the console's program. A refusal is thrown as a Refusal with the text that the
// program gave; the views show that text as it is.

import { store } from "./store.js";
import { say, spoken } from "./words.js";

export class Refusal extends Error {
  constructor(status, body) {
    super(body.error || `${status}`);
    this.status = status;
    this.seconds = body.retry_seconds;
  }
}

// A driver does not wait longer for an answer than for a passenger's next word.
const PATIENCE = 4000; // milliseconds
const TRIES = 3;
const PAUSE = 400; // milliseconds between two tries

// An identical press within this time of one that got no answer is the same one again: the
// program keeps the ids of orders for two minutes, so that nothing is sold twice.
const SAME_PRESS = 60000; // milliseconds

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    throw new Refusal(0, { error: say("no.answer") });
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, body);
  return body;
}

export const get = (path) => request(path, { cache: "no-store" });

export function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  if (store.session.token) headers["X-Leima-Token"] = store.session.token;
  return request(path, { method: "POST", headers, body: JSON.stringify(body) });
}

const lost = new Map(); // presses without an answer, by what was pressed

// UNKNOWN is said when the validator was asked and nobody knows what came of it.
const UNKNOWN = 504;

// sameness leaves out when a payment was made: it is the same press a second later.
const sameness = (key, value) => (key === "at" ? undefined : value);

// command carries out a driver's command once, however often it has to be sent.
export async function command(device, order) {
  const pressed = JSON.stringify([device, order], sameness);
  const before = lost.get(pressed);
  const again = before && performance.now() - before.at < SAME_PRESS;
  const { id, body } = again ? before : { id: newID(), body: order };
  for (let n = 1; ; n++) {
    try {
      const answer = await post(`/api/command?lang=${spoken()}`, { id, device, command: body });
      lost.delete(pressed);
      return answer;
    } catch (refusal) {
      if (refusal.status !== 0 && refusal.status !== UNKNOWN) {
        lost.delete(pressed);
        throw refusal;
      }
      lost.set(pressed, { id, body, at: performance.now() });
      if (n === TRIES || refusal.status === UNKNOWN) throw refusal;
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
}

// crypto.randomUUID is not there on a bus network without TLS; getRandomValues is.
function newID() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
