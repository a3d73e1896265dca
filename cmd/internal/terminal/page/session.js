// The driver's session: signing on, taking over, locking. Without a session, or while it is locked,
// the page shows taps but sends no commands.

import { PIN_PATIENCE, get, post } from "./api.js";
import { drawDepartures } from "./departures.js";
import { notify, store, watch } from "./store.js";
import { reconnect } from "./stream.js";
import { $, close, notice, onPress, onSend } from "./view.js";
import { say } from "./words.js";

let handingOver = false; // the next driver signs on while the shift is still open
let emulatedShown = false;
let signingOff = false; // the driver ends the session here, not another one elsewhere

export function setSession(session) {
  const before = store.session;
  store.session = session;
  if (before.signed_on && (!session.signed_on || session.locked)) clearPage();
  if (before.signed_on !== session.signed_on) {
    $("signed-out").hidden = session.signed_on || signingOff;
  }
  notify("session");
}

// signOff ends the shift and returns its report.
export async function signOff() {
  signingOff = true;
  try {
    const { report } = await post("/api/sign-off", {});
    await reloadSession();
    return report;
  } finally {
    signingOff = false;
  }
}

// clearPage closes every dialog but an alarm, and removes the content of passengers' cards, which
// the next driver may not see.
function clearPage() {
  store.look = null;
  for (const { tap } of store.taps) delete tap.look;
  for (const button of document.querySelectorAll("#taps .look-again")) button.remove();
  for (const id of ["look", "history", "receipt"]) $(id).replaceChildren();
  for (const dialog of document.querySelectorAll("dialog[open]:not(#alarm)")) dialog.close();
}

function currentView() {
  if (emulatedShown && store.session.demo) return "emulated";
  if (!store.session.signed_on || handingOver) return "sign-on";
  return store.session.locked ? "locked" : "drive";
}

export function showEmulated(shown) {
  emulatedShown = shown;
  notify("session");
}

async function signOn(over) {
  const body = {
    driver: Number($("driver").value), pin: $("pin").value, line: $("line").value.trim(),
    departure: Number($("departure").value), over,
  };
  try {
    const session = await post("/api/sign-on", body, PIN_PATIENCE);
    handingOver = false;
    $("sign-on-form").reset();
    $("over").hidden = true;
    setSession(session);
    reconnect();
    notify("state");
    notice(say("sign.welcome", session.driver));
    $("place-open").focus();
  } catch (refusal) {
    // A driver who may take over the shift need not type the PIN twice; otherwise it is cleared.
    $("over").hidden = refusal.status !== 409;
    if (refusal.status !== 409) $("pin").value = "";
    throw refusal;
  }
}

async function unlock() {
  try {
    setSession(await post("/api/unlock", { pin: $("unlock-pin").value }, PIN_PATIENCE));
    $("place-open").focus();
  } catch (refusal) {
    if (refusal.status === 401) await reloadSession();
    throw refusal;
  } finally {
    $("unlock-pin").value = "";
  }
}

// reloadSession fetches the session: a program that was restarted has none.
export const reloadSession = async () => setSession(await get("/api/session"));

// offerDepartures shows the next departures of the line that is typed; without one, those of all.
const offerDepartures = () => drawDepartures("departures", $("line").value.trim(), (departure) => {
  $("line").value = departure.line;
  $("departure").value = departure.trip;
  $("sign-on").focus();
});

export function wireSession() {
  $("line").addEventListener("input", offerDepartures);
  onSend("sign-on-form", "sign-on", () => signOn(handingOver));
  onPress("over", () => signOn(true));
  onSend("unlock-form", "unlock", unlock);
  onPress("lock", async () => setSession(await post("/api/lock", {})));
  onPress("hand-over", async () => {
    handingOver = true;
    close("menu");
    $("line").value = store.session.line || "";
    notify("session");
    $("driver").focus();
  });
  onPress("sign-on-cancel", async () => {
    handingOver = false;
    $("sign-on-form").reset();
    notify("session");
  });
  watch("session", () => {
    const shown = currentView();
    document.body.dataset.view = shown;
    document.body.dataset.role = store.session.role || "";
    if ($("signing").hidden && shown === "sign-on") offerDepartures();
    $("signing").hidden = shown !== "sign-on";
    $("locked").hidden = shown !== "locked";
    $("tasks").hidden = shown !== "drive";
    $("emulated").hidden = shown !== "emulated";
    $("sign-on-cancel").hidden = !handingOver;
    $("locked-who").textContent = say("locked.who", store.session.driver ?? "");
    $("place-open").disabled = !store.session.signed_on || store.session.locked ||
      store.session.role === "inspector"; // may not move the bus
  });
}

