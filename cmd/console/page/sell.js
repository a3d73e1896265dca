// Single tickets for cash. The console is the till: it sells whether the validator runs or not.

import { command, get } from "./api.js";
import { showReceipt } from "./receipts.js";
import { changed, placed, store } from "./store.js";
import { $, choose, chosen, close, onPress, show } from "./view.js";
import { euros, say, term } from "./words.js";

export const MOST = 6; // tickets with a button of their own

// offered asks what is sold here and now: the bus may have crossed into another zone since.
export async function offered() {
  store.offer = await get("/api/offer");
  changed("offer");
  return store.offer;
}

// here puts the zone runs that hold the bus' own first: they are what is sold most.
export function here(zones) {
  const zone = placed()?.place.zone || "";
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

const prices = () => store.offer?.singles[chosen($("sell-group"))] || {};

function drawZones() {
  const before = chosen($("sell-zones")) || placed()?.place.zones;
  const all = here(Object.keys(prices()));
  const zones = all.includes(before) ? before : all[0];
  choose($("sell-zones"), all.map((run) => ({
    value: run, text: run, note: euros(prices()[run]), id: `sell-zones-${run}`,
  })), zones, drawTotal);
  drawTotal();
}

function drawTotal() {
  const each = prices()[chosen($("sell-zones"))];
  const persons = Number(chosen($("sell-persons")));
  $("sell-confirm").disabled = each === undefined;
  $("sell-total").textContent = each === undefined ? "" : euros(each * persons);
}

let faulty = ""; // number on the card that should have paid

// sellTo opens the sale with what another view already knows of it.
export async function sellTo(group, persons, printed = "") {
  faulty = printed;
  const { groups } = await offered();
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
  if (faulty) selling.printed = faulty;
  const { answer, receipt } = await command("own", { kind: "sell", sell: selling });
  close("sell");
  const { total, until } = answer.ticket;
  showReceipt(receipt, say("sell.done", euros(total), until.slice(11)));
}

export function wireSell() {
  onPress("sell-open", () => sellTo("adult", 1));
  onPress("sell-confirm", sell);
}
