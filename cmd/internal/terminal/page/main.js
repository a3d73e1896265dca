// The driver's page begins here: it wires the views and then follows the stream of events.

import { get } from "./api.js";
import { onAlarm, wireAlarm } from "./alarm.js";
import { onLook, wireCheck } from "./check.js";
import { wireFree } from "./free.js";
import { wireKeys } from "./keys.js";
import { onLoad, wireLoad } from "./load.js";
import { wireMisuse } from "./misuse.js";
import { wireNext } from "./next.js";
import { wirePlace } from "./place.js";
import { wireReceipts } from "./receipts.js";
import { wireSell } from "./sell.js";
import { setSession, wireSession } from "./session.js";
import { wireSettings } from "./settings.js";
import { wireShift } from "./shift.js";
import { clock, notify, store } from "./store.js";
import { wireEmulated } from "./emulated.js";
import { listen } from "./stream.js";
import { addTap, MAX_TAPS, wireTaps } from "./taps.js";
import { wireDialogs } from "./view.js";
import { translate } from "./words.js";

// onTap shows a tap, unless it came before the stream broke.
function onTap(device, tap) {
  if (!addTap(device, tap)) return;
  notify("taps");
  onAlarm(device, tap);
  onLook(device, tap);
  onLoad(device, tap);
}

function onMessage(message) {
  const { device, tap, state, session, emulated } = message;
  if (tap) onTap(device, tap);
  if (state) {
    const tariff = store.states[device]?.tariff;
    store.states[device] = state;
    store.receivedAt[device] = performance.now();
    if (tariff !== state.tariff) loadOffer();
    notify("state");
  }
  if ("link" in message) {
    store.link = message.link;
    store.cause = message.cause || "";
    store.reader = null; // what fits may be another reader now
    notify("state");
  }
  if (session) onSession(session);
  if (emulated) {
    store.emulated = emulated;
    notify("emulated");
  }
}

// onSession takes a session from the stream. Our own may come before the answer to signing on has
// brought its token, without which the program refuses requests. A token is not kept for the next
// session.
function onSession(session) {
  const token = session.token || (store.session.signed_on && store.session.token);
  if (!session.signed_on) setSession(session);
  else if (token) setSession({ ...session, token });
}

// loadOffer fetches what is sold; without an answer the last offer stays.
async function loadOffer() {
  store.offer = await get("/api/offer").catch(() => store.offer);
  notify("offer");
}

// deviceName is the name of a device; only a tap may carry its number instead.
const deviceName = (device) => (typeof device === "string" ? device
  : device === store.states.own?.device ? "own" : "bus");

// JUST_NOW is the greatest age of a tap whose result the driver still waits for.
const JUST_NOW = 5000; // milliseconds

// catchUp fetches what the page has missed without a stream: an alarm must not be lost, nor a card
// that was looked at just as the stream began.
async function catchUp() {
  const before = store.session;
  const [session, taps] = await Promise.all([get("/api/session"), get("/api/taps")]);
  if (store.session === before) setSession(session); // else a driver has just signed on
  for (const tap of taps.slice(0, MAX_TAPS).reverse()) {
    const device = deviceName(tap.device);
    if (clock(device) - Date.parse(tap.at) < JUST_NOW) onTap(device, tap);
    else if (addTap(device, tap)) onAlarm(device, tap);
  }
  notify("taps");
  loadOffer();
  if (session.demo) {
    store.emulated = await get("/api/emulated").catch(() => null);
    notify("emulated");
  }
}

function onSilence(is) {
  store.offline = is;
  notify("state");
  if (!is) catchUp().catch(() => {}); // a lasting fault breaks the stream too
}

wireDialogs();
wireKeys();
for (const wire of [wireSettings, wireSession, wireTaps, wireAlarm, wireNext, wirePlace, wireSell,
  wireReceipts, wireLoad, wireCheck, wireFree, wireMisuse, wireShift, wireEmulated]) wire();
translate(document);
notify("state", "session", "taps");
listen(onMessage, onSilence);
