// Who drives: signing on, taking over, locking. While nobody is signed on, or the page is locked,
// the taps go on to be shown, and nothing can be told to the devices.

import { get, post, Refusal } from "./api.js";
import { changed, store, watch } from "./store.js";
import { renew } from "./stream.js";
import { $, close, notice, onPress, onSend } from "./view.js";
import { say } from "./words.js";

let handing = false; // over to the next driver, who signs on while the shift is still on
let streetShown = false;
let leaving = false; // the driver signs off; otherwise somebody else has ended the session

export function signedOn(session) {
  const before = store.session;
  store.session = session;
  if (before.signed_on && (!session.signed_on || session.locked)) shut();
  if (before.signed_on !== session.signed_on) {
    $("signed-out").hidden = session.signed_on || leaving;
  }
  changed("session");
}

// signOff ends the shift, and gives its report.
export async function signOff() {
  leaving = true;
  try {
    const { report } = await post("/api/sign-off", {});
    await again();
    return report;
  } finally {
    leaving = false;
  }
}

// shut takes away what a driver who has left was about to do, but never an alarm; and what
// was on passengers' cards, which is for nobody else to see (R-174).
function shut() {
  store.look = null;
  for (const { tap } of store.taps) delete tap.look;
  for (const button of document.querySelectorAll("#taps .look-again")) button.remove();
  for (const id of ["look", "history", "receipt"]) $(id).replaceChildren();
  for (const dialog of document.querySelectorAll("dialog[open]:not(#alarm)")) dialog.close();
}

function view() {
  if (streetShown && store.session.demo) return "street";
  if (!store.session.signed_on || handing) return "sign-on";
  return store.session.locked ? "locked" : "drive";
}

export function streetView(shown) {
  streetShown = shown;
  changed("session");
}

async function signOn(over) {
  const body = {
    driver: Number($("driver").value), pin: $("pin").value, line: $("line").value.trim(),
    departure: Number($("departure").value), over,
  };
  try {
    const session = await post("/api/sign-on", body);
    handing = false;
    $("sign-on-form").reset();
    $("over").hidden = true;
    signedOn(session);
    renew();
    changed("state");
    notice(say("sign.welcome", session.driver));
    $("place-open").focus();
  } catch (refusal) {
    // Whoever may take the shift over is not asked for the PIN twice; else it stays nowhere.
    $("over").hidden = refusal.status !== 409;
    if (refusal.status !== 409) $("pin").value = "";
    throw later(refusal);
  }
}

// later tells how long somebody who tried too often has to wait.
function later(refusal) {
  if (refusal.status !== 429 || !refusal.seconds) return refusal;
  const text = `${refusal.message} ${say("sign.wait", refusal.seconds)}`;
  return new Refusal(429, { error: text });
}

async function unlock() {
  try {
    signedOn(await post("/api/unlock", { pin: $("unlock-pin").value }));
    $("place-open").focus();
  } catch (refusal) {
    if (refusal.status === 401) await again();
    throw later(refusal);
  } finally {
    $("unlock-pin").value = "";
  }
}

// again asks who is signed on: the program may have been started anew, and know nobody.
export const again = async () => signedOn(await get("/api/session"));

export function wireSession() {
  onSend("sign-on-form", "sign-on", () => signOn(handing));
  onPress("over", () => signOn(true));
  onSend("unlock-form", "unlock", unlock);
  onPress("lock", async () => signedOn(await post("/api/lock", {})));
  onPress("hand-over", async () => {
    handing = true;
    close("menu");
    $("line").value = store.session.line || "";
    changed("session");
    $("driver").focus();
  });
  onPress("sign-on-cancel", async () => {
    handing = false;
    $("sign-on-form").reset();
    changed("session");
  });
  watch("session", () => {
    const shown = view();
    document.body.dataset.view = shown;
    document.body.dataset.role = store.session.role || "";
    $("signing").hidden = shown !== "sign-on";
    $("locked").hidden = shown !== "locked";
    $("desk").hidden = shown !== "drive";
    $("street").hidden = shown !== "street";
    $("sign-on-cancel").hidden = !handing;
    $("locked-who").textContent = say("locked.who", store.session.driver ?? "");
    $("place-open").disabled = !store.session.signed_on || store.session.locked ||
      store.session.role === "inspector"; // who moves no bus
  });
}

