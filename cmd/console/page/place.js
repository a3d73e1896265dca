// Where the bus is, and whether the console hears the validator. Both stand in the head of the
// page, and the driver can put right what the bus itself has not noticed.

import { command } from "./api.js";
import { clock, placed, reader, serves, store, changed, watch } from "./store.js";
import { $, choose, chosen, close, make, notice, onPress, show } from "./view.js";
import { say, timeOf } from "./words.js";

const LETTERS = [..."ABCDEFGHIJ"]; // a card knows no more zones

function drawPlace() {
  const state = placed();
  const { line = "", stop = "", zone = "", next_zone: next = "", zones = "" } = state?.place || {};
  $("line-shown").textContent = line;
  $("stop").textContent = state?.paused ? say("dead.run") : stop;
  const here = next && next !== zone ? `${zone}→${next}` : zone;
  $("zones").textContent = zones && zones !== zone ? `${here} (${zones})` : here;
}

function drawClock() {
  const state = placed();
  if (state) $("clock").textContent = timeOf(clock(state === store.states.own ? "own" : "bus"));
}

// link is how it is with the validator, in a word and in full.
function link() {
  if (store.silent) return ["silent", say("link.silent"), say("down.silent")];
  if (!store.link) return ["down", say("link.down"), say("down.link", store.cause)];
  if (!serves("bus")) {
    return ["broken", say("link.broken"), say("down.bus", store.states.bus?.cause || "")];
  }
  const state = store.states.bus;
  if (state?.clock === "unknown") {
    return ["clock", say("link.clock"), say("down.clock", say(`clock.${state.clock_fault}`))];
  }
  return ["up", say("link.up"), ""];
}

function drawLink() {
  const [state, word, full] = link();
  if ($("link").dataset.link !== state || $("link").textContent !== word) {
    $("link").dataset.link = state;
    $("link").textContent = word;
  }
  const up = state === "up" || state === "clock"; // a wrong clock keeps nobody from travelling
  const both = !up && !serves("own");
  const text = both && !store.silent ? `${say("down.both")} ${full}` : full;
  if ($("down-text").textContent !== text) $("down-text").textContent = text;
  $("own-reader").hidden = up || both || Boolean(store.states.own?.asked);
  $("count-free").hidden = !both || store.silent;
  const own = reader() === "own";
  $("reader").setAttribute("aria-pressed", own);
  $("reader").textContent = say(own ? "reader.own" : "reader.bus");
}

function open() {
  const place = placed()?.place || {};
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
}

async function move() {
  const zone = $("place-zone").value;
  const move = {
    line: $("place-line").value.trim(), stop: $("place-stop").value.trim(),
    vehicle: placed()?.place.vehicle || 0, direction: Number(chosen($("place-direction"))),
    trip: Number($("place-trip").value) || 0, zone, next_zone: $("place-next").value,
    zones: $("place-zones").value || zone,
  };
  await command("both", { kind: "move", move });
  close("place");
  notice(say("place.done"));
}

// A dead run takes no passengers: the validator says so, and serves no card until it ends.
async function run(kind) {
  await command("bus", { kind });
  close("place");
}

export function wirePlace() {
  onPress("place-open", async () => open());
  onPress("place-confirm", move);
  onPress("dead-run", () => run("pause"));
  onPress("in-service", () => run("resume"));
  onPress("reader", async () => {
    store.reader = reader() === "own" ? "bus" : "own";
    changed("state");
  });
  onPress("own-reader", async () => {
    store.reader = "own";
    changed("state");
    $("check-open").click();
  });
  onPress("count-free", async () => $("free-open").click());
  watch("state", () => {
    drawPlace();
    drawClock();
    drawLink();
    const paused = Boolean(store.states.bus?.paused);
    $("dead-run").hidden = paused;
    $("in-service").hidden = !paused;
  });
  setInterval(drawClock, 1000);
}
