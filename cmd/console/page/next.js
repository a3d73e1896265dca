// The next tap: how many travel, where to, on whose ticket. What the driver presses one after
// the other adds up until a card has used it or it has expired: each order replaces the last.

import { beep } from "./alarm.js";
import { command, post } from "./api.js";
import { sellTo } from "./sell.js";
import { changed, clock, reader, serves, store, watch } from "./store.js";
import {
  $, attempt, choose, chosen, close, make, notice, onPress, press, reasons, show,
} from "./view.js";
import { persons, say, term } from "./words.js";

export const MOST = 6; // persons with a button of their own

// groups are those that a card may be of; "holder" is whichever the card is of.
const GROUPS = ["holder", "adult", "child", "youth", "student", "senior", "special"];

// armed is what a device waits for a card with, if anything.
function armed() {
  for (const device of ["bus", "own"]) {
    if (device === "bus" && !store.link) continue;
    const asked = store.states[device]?.asked;
    if (asked) return { device, asked };
  }
  return null;
}

const party = (who) => Object.entries(who)
  .map(([group, n]) => `${n} × ${term("group", group)}`).join(", ");

// words say what is armed; what another console has armed only the device can say.
function words({ persons: who, zones, lent }) {
  return [who ? party(who) : "", zones ? say("zones.n", zones) : "",
    lent ? say("lent") : ""].filter(Boolean).join(" · ");
}

async function arm(change) {
  const next = { ...(store.draft?.next || {}), ...change };
  await command("bus", { kind: "next_tap", next_tap: next });
  store.draft = { device: "bus", next, text: () => words(next) };
  changed("state");
}

// asked keeps what another view has asked of the next card, to say it in the driver's language.
export function asked(device, text) {
  store.draft = { device, text };
  changed("state");
}

async function disarm() {
  const { device } = armed() || { device: reader() };
  await command(device, { kind: "next_tap", next_tap: {} });
  store.draft = null;
  changed("state");
}

let waited = false; // a device said that it waits for a card
let lapsed = false; // … and that none has come in time for what the driver has taken money for

function drawArmed() {
  const now = armed();
  if (waited && !now) store.draft = null; // used, expired or taken back
  waited = Boolean(now);
  $("armed").hidden = $("disarm").hidden = !now;
  const down = !serves("bus") || store.states.bus?.clock === "unknown";
  $("next-plain").hidden = Boolean(now) || down;
  $("down").hidden = Boolean(now) || !down;
  if (now) {
    const own = store.draft?.device === now.device;
    $("armed-text").textContent = [now.asked.lapsed ? say("next.lapsed") : "",
      own ? store.draft.text() : now.asked.what,
      now.device === "own" ? say("own") : "",
      now.asked.begun ? say("next.begun") : ""].filter(Boolean).join(" · ");
  }
  if (now?.asked.lapsed && !lapsed) beep();
  lapsed = Boolean(now?.asked.lapsed);
  $("armed").classList.toggle("lapsed", lapsed);
  $("armed").role = lapsed ? "alert" : "status";
  const next = store.draft?.next || {};
  $("lent").setAttribute("aria-pressed", Boolean(now && next.lent));
  for (const button of $("persons").children) {
    const pressed = Boolean(now) && next.persons?.holder === Number(button.dataset.persons) &&
      Object.keys(next.persons).length === 1;
    button.setAttribute("aria-pressed", pressed);
  }
  countDown();
}

function countDown() {
  const now = armed();
  if (!now) return;
  const left = Math.max(0, Date.parse(now.asked.until) - clock(now.device));
  $("armed-left").textContent = now.asked.lapsed ? "" : `${Math.ceil(left / 1000)} s`;
}

function drawPersons() {
  $("persons").replaceChildren(...Array.from({ length: MOST }, (_, i) => {
    const button = make("button", {
      type: "button", id: `next-persons-${i + 1}`, "data-persons": i + 1, textContent: i + 1,
      "aria-label": persons(i + 1), "aria-pressed": "false",
    });
    button.addEventListener("click", () =>
      press(button, () => arm({ persons: { holder: i + 1 } })));
    return button;
  }));
}

// counts are the persons of a party that is being put together.
let counts = {};

const total = () => Object.values(counts).reduce((sum, n) => sum + n, 0);

const MOST_ON_CARD = 63; // cardlayout.MaxPersons; the device refuses more

function add(group, by) {
  const count = (counts[group] || 0) + by;
  if (count < 0 || total() + by > MOST_ON_CARD) return;
  counts[group] = count;
  $(`party-${group}-count`).textContent = count;
  $("party-total").textContent = persons(total());
}

function drawParty() {
  const step = (group, name, by, sign) => {
    const button = make("button", {
      type: "button", id: `party-${group}-${name}`, textContent: sign,
      "aria-label": say(`party.${name}`, term("group", group)),
    });
    button.addEventListener("click", () => add(group, by));
    return button;
  };
  $("party-groups").replaceChildren(...GROUPS.map((group) => make("div", { className: "step" },
    make("span", { textContent: term("group", group) }), step(group, "less", -1, "−"),
    make("output", { id: `party-${group}-count`, textContent: counts[group] || 0 }),
    step(group, "more", 1, "+"))));
  $("party-total").textContent = persons(total());
}

async function armParty() {
  const who = Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0));
  await arm({ persons: who });
  close("party");
}

function openZones() {
  const zones = store.offer?.zones || [];
  $("next-zones").replaceChildren(...zones.map((run) => {
    const button = make("button", { type: "button", id: `next-zones-${run}`, textContent: run });
    button.addEventListener("click", () => press(button, async () => {
      await arm({ zones: run });
      close("next-zones-dialog");
    }));
    return button;
  }));
  show("next-zones-dialog");
}

// advice is who pays beside infants and a pram, as the device answered last.
let advice;
let asking = 0;

async function askPram() {
  const mine = ++asking;
  const company = {
    infants: Number(chosen($("pram-infants"))), in_pram: Number(chosen($("pram-prams"))),
    paying: chosen($("pram-paying")) === "yes",
  };
  if (company.infants < company.in_pram) company.infants = company.in_pram;
  const answer = await post("/api/question", { company });
  if (mine !== asking) return; // the driver has changed the question meanwhile
  advice = answer;
  const due = advice.fares ? say("pram.due", advice.fares) : say("pram.none");
  $("pram-advice").replaceChildren(
    make("p", { textContent: advice.adult_free ? `${say("pram.adult.free")} ${due}` : due }),
    reasons(advice.why));
  $("pram-arm").hidden = !advice.fares || advice.adult_free || !company.paying;
  $("pram-sell").hidden = !advice.fares;
  $("pram-free").hidden = !advice.adult_free;
}

function openPram() {
  const ask = () => attempt(askPram);
  const numbers = (most) => Array.from({ length: most + 1 }, (_, n) =>
    ({ value: `${n}`, text: `${n}` }));
  choose($("pram-infants"), numbers(MOST).slice(1), "1", ask);
  choose($("pram-prams"), numbers(2), "0", ask);
  choose($("pram-paying"), ["yes", "no"].map((value) => ({ value, text: say(value) })), "yes", ask);
  $("pram-advice").replaceChildren();
  $("pram-arm").hidden = $("pram-sell").hidden = $("pram-free").hidden = true;
  show("pram");
  return askPram();
}

function wirePram() {
  onPress("pram-open", async () => openPram());
  onPress("pram-arm", async () => {
    await arm({ persons: { holder: 1, child: advice.fares } });
    close("pram");
  });
  onPress("pram-sell", async () => {
    close("pram");
    await sellTo("child", advice.fares);
  });
  onPress("pram-free", async () => {
    await command("own", { kind: "free", free: { reason: "pram", persons: 1 } });
    close("pram");
    notice(say("free.done", 1, say("free.pram")));
  });
}

export function wireNext() {
  onPress("disarm", disarm);
  onPress("party-open", async () => {
    counts = { holder: 1 };
    drawParty();
    show("party");
  });
  onPress("party-confirm", armParty);
  onPress("zones-open", async () => openZones());
  onPress("lent", () => (store.draft?.next?.lent ? disarm() : useBearer()));
  wirePram();
  watch("", drawPersons);
  watch("state", drawArmed);
  drawPersons();
  setInterval(countDown, 250);
}

// useBearer lets only the bearer's ticket on the next card count.
export const useBearer = () => arm({ lent: true });
