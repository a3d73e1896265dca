// Where the bus is, and whether the validator answers. Both are in the head of the page; the driver
// can correct the place.

import { command } from "./api.js";
import { drawDepartures } from "./departures.js";
import { clock, isServing, notify, placeState, reader, store, watch } from "./store.js";
import { $, choose, chosen, close, make, notice, onPress, runOnce, show } from "./view.js";
import { say, spell, timeOf } from "./words.js";

const LETTERS = [..."ABCDEFGHIJ"]; // a card knows these zones

// nameOf is a stop's name, if the timetable has it, or else its id.
const nameOf = (located, stop) =>
  located?.calls?.find((call) => call.stop === stop)?.name || stop;

function drawPlace() {
  const state = placeState();
  const { line = "", stop = "", zone = "", next_zone: next = "", zones = "" } = state?.place || {};
  $("line-shown").textContent = line;
  $("stop").textContent = state?.paused ? say("dead.run") : nameOf(state?.located, stop);
  const here = next && next !== zone ? `${zone}→${next}` : zone;
  $("zones").textContent = zones && zones !== zone ? `${here} (${zones})` : here;
}

function drawDoubt() {
  const { doubt = "", minutes = 0, question = "" } = placeState()?.located || {};
  $("doubt").hidden = !doubt;
  const text = doubt && say("doubt", say(`doubt.${doubt}`, minutes), [...question].join(", "));
  if ($("doubt").textContent !== text) $("doubt").textContent = text;
}

// drawWay draws the trip's stops in a row, with their zones. One press says that the bus is there.
function drawWay() {
  const { calls = [], call: here = -1, between } = placeState()?.located || {};
  $("way").hidden = calls.length === 0;
  $("way").replaceChildren(...calls.map(({ stop, name, zone = "" }, n) => {
    const button = make("button", { type: "button" },
      make("b", { textContent: zone }), make("span", { textContent: name || stop }));
    button.addEventListener("click", () => runOnce(button, () => moveTo({ stop, ...known(zone) })));
    const at = n !== here ? {}
      : { "data-here": between ? "left" : "at", "aria-current": "location" };
    return make("li", { ...at, "data-zone": zone }, button);
  }));
  $("way").querySelector("[data-here]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

async function moveTo(change) {
  const { line, trip, vehicle, direction, zone } = placeState().place;
  const move = { line, trip, vehicle, direction, zone, next_zone: "", ...change };
  await command("both", { kind: "move", move: { ...move, zones: move.zone } });
  close("place");
  notice(say("place.done"));
}

const known = (zone) => (zone ? { zone } : {}); // a stop of the timetable may have none

const depart = ({ line, trip, direction, stop, zone }, button) => runOnce(button, () =>
  moveTo({ line, trip, direction, stop, ...known(zone) }));

function drawClock() {
  const state = placeState();
  if (state) $("clock").textContent = timeOf(clock(state === store.states.own ? "own" : "bus"));
}

// linkState is the state of the validator: its name, in a word, and in full.
function linkState() {
  if (store.offline) return ["silent", say("link.silent"), say("down.silent")];
  if (!store.link) return ["down", say("link.down"), say("down.link", spell(store.cause))];
  if (!isServing("bus")) {
    return ["broken", say("link.broken"), say("down.bus", spell(store.states.bus?.cause))];
  }
  const state = store.states.bus;
  if (state?.clock === "unknown") {
    return ["clock", say("link.clock"), say("down.clock", say(`clock.${state.clock_fault}`))];
  }
  return ["up", say("link.up"), ""];
}

function drawLink() {
  const [state, word, full] = linkState();
  if ($("link").dataset.link !== state || $("link").textContent !== word) {
    $("link").dataset.link = state;
    $("link").textContent = word;
  }
  const up = state === "up" || state === "clock"; // passengers travel whatever the clock says
  const both = !up && !isServing("own");
  const text = both && !store.offline ? `${say("down.both")} ${full}` : full;
  if ($("down-text").textContent !== text) $("down-text").textContent = text;
  $("own-reader").hidden = up || both || Boolean(store.states.own?.asked);
  $("count-free").hidden = !both || store.offline;
  const own = reader() === "own";
  $("reader").setAttribute("aria-pressed", own);
  $("reader").textContent = say(own ? "reader.own" : "reader.bus");
}

function open() {
  const place = placeState()?.place || {};
  $("place-line").value = place.line || "";
  $("place-trip").value = place.trip || "";
  $("place-stop").value = place.stop || "";
  const options = (select, values, value) => {
    const all = values.includes(value) ? values : [value, ...values];
    select.replaceChildren(...all.map((text) =>
      make("option", { value: text, textContent: text || "–", selected: text === value })));
  };
  options($("place-zone"), LETTERS, place.zone || "A");
  options($("place-next"), ["", ...LETTERS], place.next_zone || "");
  options($("place-zones"), ["", ...(store.offer?.zones || [])], place.zones || "");
  choose($("place-direction"), ["0", "1"].map((value) =>
    ({ value, text: say(`direction.${value}`) })), `${place.direction || 0}`);
  show("place");
  drawWay();
  drawDepartures("next-departures", place.line || "", depart);
}

async function sendPlace() {
  const zone = $("place-zone").value;
  const move = {
    line: $("place-line").value.trim(), stop: $("place-stop").value.trim(),
    vehicle: placeState()?.place.vehicle || 0, direction: Number(chosen($("place-direction"))),
    trip: Number($("place-trip").value) || 0, zone, next_zone: $("place-next").value,
    zones: $("place-zones").value || zone,
  };
  await command("both", { kind: "move", move });
  close("place");
  notice(say("place.done"));
}

// On a dead run the validator serves no card.
async function setService(kind) {
  await command("bus", { kind });
  close("place");
}

export function wirePlace() {
  onPress("place-open", async () => open());
  onPress("place-confirm", sendPlace);
  onPress("dead-run", () => setService("pause"));
  onPress("in-service", () => setService("resume"));
  onPress("reader", async () => {
    store.reader = reader() === "own" ? "bus" : "own";
    notify("state");
  });
  onPress("own-reader", async () => {
    store.reader = "own";
    notify("state");
    $("check-open").click();
  });
  onPress("count-free", async () => $("free-open").click());
  watch("state", () => {
    drawPlace();
    drawDoubt();
    drawClock();
    drawLink();
    const paused = Boolean(store.states.bus?.paused);
    $("dead-run").hidden = paused;
    $("in-service").hidden = !paused;
  });
  setInterval(drawClock, 1000);
}
