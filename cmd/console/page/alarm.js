// The alarm of a blocked card. It covers the page, sounds, and goes on until the driver
// has acknowledged it; those that come meanwhile wait behind it.

import { clock } from "./store.js";
import { headline, keyOf } from "./taps.js";
import { $, close, make } from "./view.js";
import { say, timeOf } from "./words.js";

const RECENT = 120000; // milliseconds: an older one was somebody else's, before this page
const ACKNOWLEDGED = "leima.alarms";
const BEEPS = 5;
const REPEAT = 3000; // milliseconds

const waiting = [];
let sound; // there is none before the driver has touched the page: browsers want it so
let repeating;

const acknowledged = () => JSON.parse(sessionStorage.getItem(ACKNOWLEDGED) || "[]");

export function alarmed(device, tap) {
  const key = keyOf(device, tap);
  if (!tap.alarm || acknowledged().includes(key)) return;
  if (clock(device) - Date.parse(tap.at) > RECENT) return;
  waiting.push({ key, tap });
  ring();
}

function ring() {
  const [{ tap }] = waiting;
  $("alarm-text").replaceChildren(make("b", { textContent: headline(tap) }),
    ` ${tap.card || ""} · ${timeOf(tap.at)}`,
    waiting.length > 1 ? ` · ${say("alarm.more", waiting.length - 1)}` : "");
  if (!$("alarm").open) {
    $("alarm").showModal();
    beep();
    repeating = setInterval(beep, REPEAT);
  }
  $("alarm-ok").focus();
}

function acknowledge() {
  const { key } = waiting.shift();
  sessionStorage.setItem(ACKNOWLEDGED, JSON.stringify([key, ...acknowledged()].slice(0, 40)));
  clearInterval(repeating);
  close("alarm");
}

// beep wants the driver's attention.
export function beep() {
  if (!sound) return;
  for (let n = 0; n < BEEPS; n++) {
    const at = sound.currentTime + n * 0.25; // seconds
    const tone = new OscillatorNode(sound, { type: "square", frequency: n % 2 ? 1400 : 1800 });
    const volume = new GainNode(sound, { gain: 0.2 });
    tone.connect(volume).connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.15);
  }
}

export function wireAlarm() {
  const unlock = () => { sound ??= new AudioContext(); };
  addEventListener("pointerdown", unlock, { once: true });
  addEventListener("keydown", unlock, { once: true });
  $("alarm-ok").addEventListener("click", acknowledge);
  $("alarm").addEventListener("cancel", (event) => event.preventDefault());
  // Whatever closed it, one that was not acknowledged rings again.
  $("alarm").addEventListener("close", () => {
    clearInterval(repeating);
    if (waiting.length) ring();
  });
}
