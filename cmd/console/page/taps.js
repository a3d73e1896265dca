// The last taps as they happen: lamp in colour, shape and word, product, price, and why.

import { store, watch } from "./store.js";
import { $, make, reasons, shape } from "./view.js";
import { dayOf, euros, persons, say, spell, timeOf, when } from "./words.js";

export const KEPT = 40; // as many as the program keeps

// keyOf tells one tap from all others, those that left no event too.
export const keyOf = (device, tap) => `${device} ${tap.serial} ${tap.at}`;

// tapped keeps a tap, and tells whether it was not known yet.
export function tapped(device, tap) {
  const key = keyOf(device, tap);
  if (store.taps.some((known) => known.key === key)) return false;
  store.taps.unshift({ key, device, tap });
  store.taps.length = Math.min(store.taps.length, KEPT);
  return true;
}

const ENDINGS = {
  "try again": "ending.again", uncertain: "ending.uncertain", fault: "ending.fault",
};

// headline is what is said of a tap; one that did not come to a decision says how it ended.
export const headline = (tap) => spell(tap.said) || say(ENDINGS[tap.ending] || "ending.fault");

const sum = (lines) => lines.reduce((total, { amount }) => total + amount, 0);

// paid is the customer's part of a season's price, or all of it where others pay that too.
function paid({ receipt = [] }) {
  const own = receipt.filter(({ payer }) => payer === "customer");
  return sum(own.length ? own : receipt);
}

const QUIET = ["checked", "unheard", "load unheard"]; // nothing changes hands at these

// price is what changed hands: a load adds, a trip takes.
function price(tap) {
  if (tap.reason === "season loaded") return euros(paid(tap));
  if (tap.added) return (tap.added > 0 ? "+" : "") + euros(tap.added);
  if (tap.ending !== "accepted" || QUIET.includes(tap.reason)) return "";
  return tap.fare || tap.charge ? euros(tap.charge) : say("free.trip");
}

function facts(tap) {
  const today = dayOf(tap.at);
  return [tap.product, tap.persons > 1 ? persons(tap.persons) : "", tap.zones,
    tap.until ? say("until", when(tap.until, today)) : "",
    tap.ending === "accepted" || tap.reason === "balance low"
      ? say("balance", euros(tap.balance)) : ""].filter(Boolean).join(" · ");
}

function draw({ key, device, tap }, newest) {
  const lamp = make("span", { className: "lamp" }, shape(tap.lamp),
    make("span", { textContent: say(`lamp.${tap.lamp}`) }));
  const line = make("summary", {}, lamp,
    make("span", { className: "said", textContent: headline(tap) }),
    make("span", { className: "price", textContent: price(tap) }));
  const detail = [tap.refused, tap.fault].filter(Boolean)
    .map((text) => make("p", { className: "wrong", textContent: text }));
  const about = `${timeOf(tap.at)} ${tap.card || ""} ${device === "own" ? say("own") : ""}`;
  const again = tap.look ? make("button", {
    type: "button", className: "look-again", textContent: say("check.title"), "data-look": key,
  }) : "";
  const details = make("details", { open: newest }, line,
    make("p", { className: "facts", textContent: facts(tap) }), ...detail, reasons(tap.why),
    make("p", { className: "card", textContent: about.trim() }), again);
  return make("li", {
    "data-key": key, "data-lamp": tap.lamp, "data-reason": tap.reason || "",
    "data-ending": tap.ending, "data-device": device, "data-alarm": Boolean(tap.alarm),
  }, details);
}

export function wireTaps() {
  let language;
  watch("taps", () => {
    const list = $("taps");
    // Only what is new is drawn: what the driver has opened to read stays as it is.
    const drawn = language === document.documentElement.lang
      ? new Map([...list.children].map((li) => [li.dataset.key, li])) : new Map();
    const lines = store.taps.map((known, n) => drawn.get(known.key) || draw(known, n === 0));
    lines.slice(1).forEach((line) => {
      if (!line.contains(document.activeElement)) line.firstChild.open = false;
    });
    list.replaceChildren(...lines);
    language = document.documentElement.lang;
    $("taps-none").hidden = store.taps.length > 0;
  });
}
