// The requests to the console's program. A refusal is thrown as a Refusal with the text that the
// program gave, in the driver's language where it has words; the views show that text as it is.

import { store } from "./store.js";
import { currentLanguage, say, spell } from "./words.js";

export class Refusal extends Error {
  constructor(status, body) {
    super(spell(body.said) || body.error || `${status}`);
    this.status = status;
  }
}

// A driver waits no longer for an answer.
const PATIENCE = 4000; // milliseconds
// A PIN is made slow to guess: a small computer takes seconds for one, and checks one at a time.
export const PIN_PATIENCE = 20000; // milliseconds
const TRIES = 3;
const PAUSE = 400; // milliseconds between two tries

// An identical command within this time of one without an answer is a repetition: the program keeps
// the ids of orders for two minutes, so that nothing is sold twice.
const RETRY_WINDOW = 60000; // milliseconds

async function request(path, options, patience = PATIENCE) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(patience) });
  } catch {
    throw new Refusal(0, { error: say("no.answer") });
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(response.status, body);
  return body;
}

export const get = (path) => request(path, { cache: "no-store" });

export function post(path, body, patience) {
  const headers = { "Content-Type": "application/json" };
  if (store.session.token) headers["X-Leima-Token"] = store.session.token;
  return request(path, { method: "POST", headers, body: JSON.stringify(body) }, patience);
}

const unanswered = new Map(); // commands without an answer, by device and content

// UNKNOWN is the status if the validator was asked and its answer was lost.
const UNKNOWN = 504;

// withoutTime leaves out the time of a payment: a second later it is the same command.
const withoutTime = (key, value) => (key === "at" ? undefined : value);

// command has a driver's command carried out once, however often it is sent.
export async function command(device, order) {
  const commandKey = JSON.stringify([device, order], withoutTime);
  const before = unanswered.get(commandKey);
  const again = before && performance.now() - before.at < RETRY_WINDOW;
  const { id, body } = again ? before : { id: newID(), body: order };
  for (let n = 1; ; n++) {
    try {
      const path = `/api/command?lang=${currentLanguage()}`;
      const answer = await post(path, { id, device, command: body });
      unanswered.delete(commandKey);
      return answer;
    } catch (refusal) {
      if (refusal.status !== 0 && refusal.status !== UNKNOWN) {
        unanswered.delete(commandKey);
        throw refusal;
      }
      unanswered.set(commandKey, { id, body, at: performance.now() });
      if (n === TRIES || refusal.status === UNKNOWN) throw refusal;
    }
    await new Promise((done) => setTimeout(done, PAUSE));
  }
}

// Browsers have crypto.randomUUID only over TLS; getRandomValues is always there.
function newID() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}
