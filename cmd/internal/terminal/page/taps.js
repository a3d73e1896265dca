// The last taps: lamp in colour, shape and word, product, price, and the reasons.

import { store, watch } from "./store.js";
import { $, make, reasons, shape } from "./view.js";
import { dayOf, euros, persons, say, spell, timeOf, when } from "./words.js";

export const MAX_TAPS = 40; // as many as the program keeps

// keyOf identifies a tap, also one without an event.
export const keyOf = (device, tap) => `${device} ${tap.serial} ${tap.at}`;

// addTap adds a tap to the list and reports whether it is new.
export function addTap(device, tap) {
  const key = keyOf(device, tap);
  if (store.taps.some((known) => known.key === key)) return false;
  store.taps.unshift({ key, device, tap });
  store.taps.length = Math.min(store.taps.length, MAX_TAPS);
  return true;
}

const sum = (lines) => lines.reduce((total, { amount }) => total + amount, 0);

// paidAmount is the customer's part of a season's price, or the whole if others pay all of it.
function paidAmount({ receipt = [] }) {
  const own = receipt.filter(({ payer }) => payer === "customer");
  return sum(own.length ? own : receipt);
}

const NO_PRICE = ["checked", "unheard", "load unheard"]; // no money changes hands at these

// priceText is the amount that changed hands: a load adds, a trip takes.
function priceText(tap) {
  if (tap.reason === "season loaded") return euros(paidAmount(tap));
  if (tap.added) return (tap.added > 0 ? "+" : "") + euros(tap.added);
  if (tap.ending !== "accepted" || NO_PRICE.includes(tap.reason)) return "";
  return tap.fare || tap.charge ? euros(tap.charge) : say("free.trip");
}

function factsText(tap) {
  const today = dayOf(tap.at);
  return [spell(tap.product), tap.persons > 1 ? persons(tap.persons) : "", tap.zones,
    tap.until ? say("until", when(tap.until, today)) : "",
    tap.ending === "accepted" || tap.reason === "balance low"
      ? say("balance", euros(tap.balance)) : ""].filter(Boolean).join(" · ");
}

function draw({ key, device, tap }, newest) {
  const lamp = make("span", { className: "lamp" }, shape(tap.lamp),
    make("span", { textContent: say(`lamp.${tap.lamp}`) }));
  const line = make("summary", {}, lamp,
    make("span", { className: "said", textContent: spell(tap.said) }),
    make("span", { className: "price", textContent: priceText(tap) }));
  const detail = [spell(tap.refused), spell(tap.fault)].filter(Boolean)
    .map((text) => make("p", { className: "wrong", textContent: text }));
  const about = `${timeOf(tap.at)} ${tap.card || ""} ${device === "own" ? say("own") : ""}`;
  const again = tap.look ? make("button", {
    type: "button", className: "look-again", textContent: say("check.title"), "data-look": key,
  }) : "";
  const details = make("details", { open: newest }, line,
    make("p", { className: "facts", textContent: factsText(tap) }), ...detail, reasons(tap.why),
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
    // Only new taps are drawn: one that the driver has opened stays as it is.
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
