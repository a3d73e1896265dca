// The driver's page begins here: it wires the views and then listens to what happens.

import { get } from "./api.js";
import { wireAlarm, alarmed } from "./alarm.js";
import { wireCheck, looked } from "./check.js";
import { wireFree } from "./free.js";
import { wireKeys } from "./keys.js";
import { wireLoad, loaded } from "./load.js";
import { wireMisuse } from "./misuse.js";
import { wireNext } from "./next.js";
import { wirePlace } from "./place.js";
import { wireReceipts } from "./receipts.js";
import { wireSell } from "./sell.js";
import { signedOn, wireSession } from "./session.js";
import { wireSettings } from "./settings.js";
import { wireShift } from "./shift.js";
import { changed, clock, store } from "./store.js";
import { wireStreet } from "./street.js";
import { listen } from "./stream.js";
import { KEPT, tapped, wireTaps } from "./taps.js";
import { dialogs } from "./view.js";
import { translate } from "./words.js";

// happened takes in a tap, unless it was heard before the stream broke.
function happened(device, tap) {
  if (!tapped(device, tap)) return;
  changed("taps");
  alarmed(device, tap);
  looked(device, tap);
  loaded(device, tap);
}

function heard(message) {
  const { device, tap, state, session, street } = message;
  if (tap) happened(device, tap);
  if (state) {
    const tariff = store.states[device]?.tariff;
    store.states[device] = state;
    store.heard[device] = performance.now();
    if (tariff !== state.tariff) offered();
    changed("state");
  }
  if ("link" in message) {
    store.link = message.link;
    store.cause = message.cause || "";
    store.reader = null; // what fits may be another reader now
    changed("state");
  }
  if (session) shifted(session);
  if (street) {
    store.street = street;
    changed("street");
  }
}

// shifted takes in a session that the stream tells of. It may tell of our own before the answer
// to signing on has brought the token, without which nothing can be asked; and the token of a
// session that has ended is none of the next one's.
function shifted(session) {
  const token = session.token || (store.session.signed_on && store.session.token);
  if (!session.signed_on) signedOn(session);
  else if (token) signedOn({ ...session, token });
}

// offered asks anew what is sold; without an answer what was offered last still stands.
async function offered() {
  store.offer = await get("/api/offer").catch(() => store.offer);
  changed("offer");
}

// named is a device by its name; a tap alone may carry its number.
const named = (device) => (typeof device === "string" ? device
  : device === store.states.own?.device ? "own" : "bus");

// JUST_NOW is how old a tap may be, in milliseconds, for a driver to wait for what came of it.
const JUST_NOW = 5000;

// missed takes in what happened while nobody listened: an alarm must not be lost with it, nor a
// card that was looked at just as the stream began.
async function missed() {
  const before = store.session;
  const [session, taps] = await Promise.all([get("/api/session"), get("/api/taps")]);
  if (store.session === before) signedOn(session); // else somebody has signed on meanwhile
  for (const tap of taps.slice(0, KEPT).reverse()) {
    const device = named(tap.device);
    if (clock(device) - Date.parse(tap.at) < JUST_NOW) happened(device, tap);
    else if (tapped(device, tap)) alarmed(device, tap);
  }
  changed("taps");
  offered();
  if (session.demo) {
    store.street = await get("/api/street").catch(() => null);
    changed("street");
  }
}

function silent(is) {
  store.silent = is;
  changed("state");
  if (!is) missed().catch(() => {}); // the stream breaks too if this was no passing trouble
}

dialogs();
wireKeys();
for (const wire of [wireSettings, wireSession, wireTaps, wireAlarm, wireNext, wirePlace, wireSell,
  wireReceipts, wireLoad, wireCheck, wireFree, wireMisuse, wireShift, wireStreet]) wire();
translate(document);
changed("state", "session", "taps");
listen(heard, silent);
