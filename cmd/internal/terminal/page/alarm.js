// The alarm of a blocked card. It covers the page and sounds until the driver has
// acknowledged it; further alarms wait behind it.

import { clock } from "./store.js";
import { keyOf } from "./taps.js";
import { $, close, make } from "./view.js";
import { say, spell, timeOf } from "./words.js";

const RECENT = 120000; // milliseconds: an older one was before this page
const ACKNOWLEDGED = "leima.alarms";
const BEEPS = 5;
const REPEAT = 3000; // milliseconds

const pendingAlarms = [];
let audio; // browsers allow none before the driver has touched the page
let repeatTimer;

const acknowledgedKeys = () => JSON.parse(sessionStorage.getItem(ACKNOWLEDGED) || "[]");

export function onAlarm(device, tap) {
  const key = keyOf(device, tap);
  if (!tap.alarm || acknowledgedKeys().includes(key)) return;
  if (clock(device) - Date.parse(tap.at) > RECENT) return;
  pendingAlarms.push({ key, tap });
  showAlarm();
}

function showAlarm() {
  const [{ tap }] = pendingAlarms;
  $("alarm-text").replaceChildren(make("b", { textContent: spell(tap.said) }),
    ` ${tap.card || ""} · ${timeOf(tap.at)}`,
    pendingAlarms.length > 1 ? ` · ${say("alarm.more", pendingAlarms.length - 1)}` : "");
  if (!$("alarm").open) {
    $("alarm").showModal();
    beep();
    repeatTimer = setInterval(beep, REPEAT);
  }
  $("alarm-ok").focus();
}

function acknowledge() {
  const { key } = pendingAlarms.shift();
  sessionStorage.setItem(ACKNOWLEDGED, JSON.stringify([key, ...acknowledgedKeys()].slice(0, 40)));
  clearInterval(repeatTimer);
  close("alarm");
}

// beep calls for the driver's attention.
export function beep() {
  if (!audio) return;
  for (let n = 0; n < BEEPS; n++) {
    const at = audio.currentTime + n * 0.25; // seconds
    const tone = new OscillatorNode(audio, { type: "square", frequency: n % 2 ? 1400 : 1800 });
    const volume = new GainNode(audio, { gain: 0.2 });
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.15);
  }
}

export function wireAlarm() {
  const unlock = () => { audio ??= new AudioContext(); };
  addEventListener("pointerdown", unlock, { once: true });
  addEventListener("keydown", unlock, { once: true });
  $("alarm-ok").addEventListener("click", acknowledge);
  $("alarm").addEventListener("cancel", (event) => event.preventDefault());
  // However it was closed, an alarm that was not acknowledged rings again.
  $("alarm").addEventListener("close", () => {
    clearInterval(repeatTimer);
    if (pendingAlarms.length) showAlarm();
  });
}
