// The demo's street: who boards, and what befalls the card and the readers. A real bus has none.

import { post } from "./api.js";
import { streetView } from "./session.js";
import { changed, store, watch } from "./store.js";
import { $, choose, chosen, onPress } from "./view.js";
import { say } from "./words.js";

const READERS = ["bus", "own"];
const idOf = (name) => name.replace(/[^\p{L}\p{N}]+/gu, "-");

function draw() {
  const { cards = [], readers = {} } = store.street || {};
  const card = chosen($("street-card")) || cards[0]?.name;
  choose($("street-card"), cards.map(({ name, says, lies }) => ({
    value: name, text: name, id: `street-card-${idOf(name)}`,
    note: lies ? say("street.lies", say(lies)) : says,
  })), card);
  const reader = chosen($("street-reader")) || "bus";
  choose($("street-reader"), READERS.map((value) => ({
    value, text: say(`reader.${value}`), id: `street-reader-${value}`,
    note: readers[value]?.broken ? say("street.broken") : "",
  })), reader);
}

async function act(kind) {
  const card = chosen($("street-card"));
  store.street = await post("/api/street", { reader: chosen($("street-reader")), act: kind, card });
  changed("street");
}

export function wireStreet() {
  const turn = (shown) => {
    $("street-open").setAttribute("aria-expanded", shown);
    streetView(shown);
  };
  onPress("street-open", async () => turn($("street").hidden));
  onPress("street-shut", async () => {
    turn(false);
    $("street-open").focus();
  });
  for (const kind of ["put", "take", "tear", "break", "mend"]) {
    onPress(`street-${kind}`, () => act(kind));
  }
  watch("street", draw);
}
