// Single tickets for cash. The console is the till: it sells whether the validator runs or not.

import { command, get } from "./api.js";
import { showReceipt } from "./receipts.js";
import { notify, placeState, store } from "./store.js";
import { $, choose, chosen, close, onPress, show } from "./view.js";
import { euros, say, term } from "./words.js";

export const MOST = 6; // the largest number of tickets with a button

// fetchOffer fetches the offer: the bus may have crossed into another zone.
export async function fetchOffer() {
  store.offer = await get("/api/offer");
  notify("offer");
  return store.offer;
}

// nearestFirst puts the zone runs with the bus's own zone first: they are sold most.
export function nearestFirst(zones) {
  const zone = placeState()?.place.zone || "";
  const holds = (run) => {
    const [first, last = first] = run.split("-");
    return first <= zone && zone <= last;
  };
  return [...zones].sort((a, b) => holds(b) - holds(a) || a.length - b.length);
}

export const personChoices = (group) => Array.from({ length: MOST }, (_, i) =>
  ({ value: `${i + 1}`, text: `${i + 1}`, id: `${group}-${i + 1}` }));

export const groupChoices = (groups, id, note = () => "") => groups.map((value) =>
  ({ value, text: term("group", value), note: note(value), id: `${id}-${value}` }));

const groupPrices = () => store.offer?.singles[chosen($("sell-group"))] || {};

function drawZones() {
  const before = chosen($("sell-zones")) || placeState()?.place.zones;
  const all = nearestFirst(Object.keys(groupPrices()));
  const zones = all.includes(before) ? before : all[0];
  choose($("sell-zones"), all.map((run) => ({
    value: run, text: run, note: euros(groupPrices()[run]), id: `sell-zones-${run}`,
  })), zones, drawTotal);
  drawTotal();
}

function drawTotal() {
  const each = groupPrices()[chosen($("sell-zones"))];
  const persons = Number(chosen($("sell-persons")));
  $("sell-confirm").disabled = each === undefined;
  $("sell-total").textContent = each === undefined ? "" : euros(each * persons);
}

let faultyNumber = ""; // number on the card that should have paid

// sellTo opens the sale with what another view knows of it.
export async function sellTo(group, persons, printed = "") {
  faultyNumber = printed;
  const { groups } = await fetchOffer();
  choose($("sell-group"), groupChoices(groups, "sell"),
    groups.includes(group) ? group : groups[0], drawZones);
  choose($("sell-persons"), personChoices("sell-persons"),
    `${Math.min(persons, MOST)}`, drawTotal);
  $("sell-zones").replaceChildren();
  drawZones();
  show("sell");
}

async function sell() {
  const selling = {
    group: chosen($("sell-group")), zones: chosen($("sell-zones")),
    persons: Number(chosen($("sell-persons"))),
  };
  if (faultyNumber) selling.printed = faultyNumber;
  const { answer, receipt } = await command("own", { kind: "sell", sell: selling });
  close("sell");
  const { total, until } = answer.ticket;
  showReceipt(receipt, say("sell.done", euros(total), until.slice(11)));
}

export function wireSell() {
  onPress("sell-open", () => sellTo("adult", 1));
  onPress("sell-confirm", sell);
}
