// The demo's emulated cards and readers: a card is put on a reader, torn away, a reader breaks. A
// real bus has none.

import { post } from "./api.js";
import { showEmulated } from "./session.js";
import { notify, store, watch } from "./store.js";
import { $, choose, chosen, onPress } from "./view.js";
import { say } from "./words.js";

const READERS = ["bus", "own"];
const idOf = (name) => name.replace(/[^\p{L}\p{N}]+/gu, "-");

function draw() {
  const { cards = [], readers = {} } = store.emulated || {};
  const card = chosen($("emulated-card")) || cards[0]?.name;
  choose($("emulated-card"), cards.map(({ name, summary, on_reader: onReader }) => ({
    value: name, text: name, id: `emulated-card-${idOf(name)}`,
    note: onReader ? say("emulated.on.reader", say(onReader)) : summary,
  })), card);
  const reader = chosen($("emulated-reader")) || "bus";
  choose($("emulated-reader"), READERS.map((value) => ({
    value, text: say(`reader.${value}`), id: `emulated-reader-${value}`,
    note: readers[value]?.broken ? say("emulated.broken") : "",
  })), reader);
}

async function operate(kind) {
  const [card, reader] = ["card", "reader"].map((what) => chosen($(`emulated-${what}`)));
  store.emulated = await post("/api/emulated", { reader, kind, card });
  notify("emulated");
}

export function wireEmulated() {
  const turn = (shown) => {
    $("emulated-open").setAttribute("aria-expanded", shown);
    showEmulated(shown);
  };
  onPress("emulated-open", async () => turn($("emulated").hidden));
  onPress("emulated-shut", async () => {
    turn(false);
    $("emulated-open").focus();
  });
  for (const kind of ["put", "take", "tear", "break", "mend"]) {
    onPress(`emulated-${kind}`, () => operate(kind));
  }
  watch("emulated", draw);
}
