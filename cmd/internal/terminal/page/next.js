// The order for the next tap: persons, zones, bearer's ticket. Presses add up until a card has used
// the order or it has expired: each order replaces the last.

import { beep } from "./alarm.js";
import { command, post } from "./api.js";
import { sellTo } from "./sell.js";
import { clock, isServing, notify, reader, store, watch } from "./store.js";
import {
  $, attempt, choose, chosen, close, make, notice, onPress, reasons, runOnce, show,
} from "./view.js";
import { persons, say, spell, term } from "./words.js";

export const MOST = 6; // persons with a button of their own

// GROUPS are the groups of a party; "holder" is the card's own group.
const GROUPS = ["holder", "adult", "child", "youth", "student", "senior", "special"];

// pendingOrder is the order with which a device waits for a card; null if none.
function pendingOrder() {
  for (const device of ["bus", "own"]) {
    if (device === "bus" && !store.link) continue;
    const order = store.states[device]?.asked;
    if (order) return { device, order };
  }
  return null;
}

async function orderNext(change) {
  const next = { ...(store.draft || {}), ...change };
  await command("bus", { kind: "next_tap", next_tap: next });
  store.draft = next;
  notify("state");
}

// clearDraft forgets the draft: another order holds for the next card now.
export function clearDraft() {
  store.draft = null;
  notify("state");
}

async function cancelNext() {
  const { device } = pendingOrder() || { device: reader() };
  await command(device, { kind: "next_tap", next_tap: {} });
  clearDraft();
}

let wasPending = false; // a device waited for a card
let wasExpired = false; // … and none came in time for an order that was paid for

function drawPending() {
  const now = pendingOrder();
  if (wasPending && !now) store.draft = null; // used, expired or taken back
  wasPending = Boolean(now);
  $("armed").hidden = $("disarm").hidden = !now;
  const down = !isServing("bus") || store.states.bus?.clock === "unknown";
  $("next-plain").hidden = Boolean(now) || down;
  $("down").hidden = Boolean(now) || !down;
  if (now) {
    const { lapsed, unheard, what, begun } = now.order;
    $("armed-text").textContent = [lapsed && !unheard && say("next.expired"),
      unheard && say("next.unconfirmed"), spell(what), now.device === "own" && say("own"),
      begun && say("next.begun")].filter(Boolean).join(" · ");
  }
  if (now?.order.lapsed && !wasExpired) beep();
  wasExpired = Boolean(now?.order.lapsed);
  $("armed").classList.toggle("lapsed", wasExpired);
  $("armed").role = wasExpired ? "alert" : "status";
  const next = store.draft || {};
  $("lent").setAttribute("aria-pressed", Boolean(now && next.lent));
  for (const button of $("persons").children) {
    const pressed = Boolean(now) && next.persons?.holder === Number(button.dataset.persons) &&
      Object.keys(next.persons).length === 1;
    button.setAttribute("aria-pressed", pressed);
  }
  countDown();
}

function countDown() {
  const now = pendingOrder();
  if (!now) return;
  const left = Math.max(0, Date.parse(now.order.until) - clock(now.device));
  $("armed-left").textContent = now.order.lapsed ? "" : `${Math.ceil(left / 1000)} s`;
}

function drawPersons() {
  $("persons").replaceChildren(...Array.from({ length: MOST }, (_, i) => {
    const button = make("button", {
      type: "button", id: `next-persons-${i + 1}`, "data-persons": i + 1, textContent: i + 1,
      "aria-label": persons(i + 1), "aria-pressed": "false",
    });
    button.addEventListener("click", () =>
      runOnce(button, () => orderNext({ persons: { holder: i + 1 } })));
    return button;
  }));
}

// partyCounts are the persons, by group, of a party that is being put together.
let partyCounts = {};

const total = () => Object.values(partyCounts).reduce((sum, n) => sum + n, 0);

const MOST_ON_CARD = 63; // cardlayout.MaxPersons; the device refuses more

function add(group, by) {
  const count = (partyCounts[group] || 0) + by;
  if (count < 0 || total() + by > MOST_ON_CARD) return;
  partyCounts[group] = count;
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
    make("output", { id: `party-${group}-count`, textContent: partyCounts[group] || 0 }),
    step(group, "more", 1, "+"))));
  $("party-total").textContent = persons(total());
}

async function orderParty() {
  const travelling = Object.entries(partyCounts).filter(([, n]) => n > 0);
  await orderNext({ persons: Object.fromEntries(travelling) });
  close("party");
}

function openZones() {
  const zones = store.offer?.zones || [];
  $("next-zones").replaceChildren(...zones.map((run) => {
    const button = make("button", { type: "button", id: `next-zones-${run}`, textContent: run });
    button.addEventListener("click", () => runOnce(button, async () => {
      await orderNext({ zones: run });
      close("next-zones-dialog");
    }));
    return button;
  }));
  show("next-zones-dialog");
}

// advice is the device's last answer about infants and a pram.
let advice;
let requestNumber = 0;

async function askCompanions() {
  const mine = ++requestNumber;
  const company = {
    infants: Number(chosen($("pram-infants"))), in_pram: Number(chosen($("pram-prams"))),
    paying: chosen($("pram-paying")) === "yes",
  };
  if (company.infants < company.in_pram) company.infants = company.in_pram;
  const answer = await post("/api/question", { company });
  if (mine !== requestNumber) return; // the driver has changed the question
  advice = answer;
  const due = advice.fares ? say("pram.due", advice.fares) : say("pram.none");
  $("pram-advice").replaceChildren(
    make("p", { textContent: advice.adult_free ? `${say("pram.adult.free")} ${due}` : due }),
    reasons(advice.why));
  $("pram-arm").hidden = !advice.fares || advice.adult_free || !company.paying;
  $("pram-sell").hidden = !advice.fares;
  $("pram-free").hidden = !advice.adult_free;
}

function openCompanions() {
  const ask = () => attempt(askCompanions);
  const numbers = (most) => Array.from({ length: most + 1 }, (_, n) =>
    ({ value: `${n}`, text: `${n}` }));
  choose($("pram-infants"), numbers(MOST).slice(1), "1", ask);
  choose($("pram-prams"), numbers(2), "0", ask);
  choose($("pram-paying"), ["yes", "no"].map((value) => ({ value, text: say(value) })), "yes", ask);
  $("pram-advice").replaceChildren();
  $("pram-arm").hidden = $("pram-sell").hidden = $("pram-free").hidden = true;
  show("pram");
  return askCompanions();
}

function wireCompanions() {
  onPress("pram-open", async () => openCompanions());
  onPress("pram-arm", async () => {
    await orderNext({ persons: { holder: 1, child: advice.fares } });
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
  onPress("disarm", cancelNext);
  onPress("party-open", async () => {
    partyCounts = { holder: 1 };
    drawParty();
    show("party");
  });
  onPress("party-confirm", orderParty);
  onPress("zones-open", async () => openZones());
  onPress("lent", () => (store.draft?.lent ? cancelNext() : useBearer()));
  wireCompanions();
  watch("", drawPersons);
  watch("state", drawPending);
  drawPersons();
  setInterval(countDown, 250);
}

// useBearer has only the bearer's ticket on the next card count.
export const useBearer = () => orderNext({ lent: true });
