// Looking at a card: whether it travels, what is on it, its history with what was wrong marked
// for the claim, and whose it is.

import { command } from "./api.js";
import { asked } from "./next.js";
import { newest, print } from "./receipts.js";
import { reader, store, watch } from "./store.js";
import {
  $, chosen, close, make, notice, onPress, onSend, pairs, parts, reasons, shape, show,
} from "./view.js";
import { dayOf, euros, persons, say, spell, term, when } from "./words.js";

let turn; // to one of the dialog's parts
let last; // the card that was looked at last: the devices can be asked of no other

async function check() {
  const device = reader();
  await command(device, { kind: "next_tap", next_tap: { check: true } });
  close("check");
  asked(device, () => say("check"));
}

// looked opens the view as soon as a card was looked at.
export function looked(device, tap) {
  if (tap.look && !(Date.parse(tap.at) < Date.parse(last?.at))) last = tap;
  if (!tap.look || !store.session.signed_on || store.session.locked) return;
  store.look = { device, tap };
  $("birth").value = "";
  answer("");
  turn("look");
  draw();
  show("check");
}

function verdict({ verdict: v }, today) {
  const box = make("p", { id: "verdict", "data-valid": v.valid },
    make("b", { textContent: spell(v.said) || v.finding }));
  box.prepend(shape(v.valid ? "green" : "red"));
  const about = make("dl");
  pairs(about, [[say("ticket"), v.product || ""], [say("zones"), v.zones || ""],
    [say("persons"), v.persons > 1 ? v.persons : ""],
    [say("boarded"), when(v.boarded, today)], [say("valid.until"), when(v.until, today)]]);
  return [box, make("div", {}, about, reasons(v.why))];
}

function seasonText(s, today) {
  const time = s.first ? `${when(s.first, today)} – ${when(s.last, today)}` : say("season.waits");
  return `${s.product} ${s.zones}, ${s.days ? say("days.n", s.days) : ""} ${time}`;
}

function contents(look, today) {
  const about = make("dl");
  pairs(about, [
    [say("card"), `${term("kind", look.kind)} ${look.card}`],
    [say("group"), term("group", look.group)],
    [say("purse"), euros(look.purse)],
    ...(look.seasons || []).map((s) => [say("season"), seasonText(s, today)]),
    [say("school"), look.school ? say("school.trips", look.school) : ""],
    [say("card.until"), when(look.valid_until, today)],
  ]);
  return about;
}

function event(use, n, today) {
  const text = [when(use.at, today), use.fare ? euros(use.fare) : say("free.trip"),
    use.persons > 1 ? persons(use.persons) : "",
    use.until ? say("until", when(use.until, today)) : "",
    say("remaining", euros(use.remaining))].filter(Boolean).join(" · ");
  const button = make("button", { type: "button", id: `mark-${n}`, textContent: say("mark") });
  button.setAttribute("aria-label", `${say("mark")} ${text}`);
  button.addEventListener("click", () => openMark(n, text));
  return make("li", {}, make("span", { textContent: text }), button);
}

function draw() {
  if (!store.look) return;
  const { tap } = store.look;
  const today = dayOf(tap.at);
  $("look").replaceChildren(...verdict(tap.look, today), contents(tap.look, today));
  $("history").replaceChildren(...tap.look.history.map((use, i) => event(use, i + 1, today)));
  $("history-none").hidden = tap.look.history.length > 0;
  const asking = tap.look.birth && tap === last;
  $("birth-form").hidden = !asking;
  $("whose-none").hidden = asking;
  $("history-print").hidden = tap !== last || chosen($("check-part")) !== "history";
  for (const button of $("history").querySelectorAll("button")) button.hidden = tap !== last;
}

let marked; // the event that is being marked, 1 the newest

function openMark(n, text) {
  marked = n;
  $("mark-title").textContent = text;
  $("mark-said").value = "";
  $("mark-say").replaceChildren(...[1, 2, 3, 4].map((i) => {
    const button = make("button", {
      type: "button", id: `mark-say-${i}`, textContent: say(`mark.say.${i}`),
    });
    button.addEventListener("click", () => { $("mark-said").value = say(`mark.say.${i}`); });
    return button;
  }));
  show("mark");
}

async function mark() {
  const said = $("mark-said").value.trim();
  await command(store.look.device, { kind: "mark_error", mark_error: { event: marked, said } });
  close("mark");
  notice(say("mark.done", marked));
}

// day reads a birth date as it stands on an ID, 31.12.1990 or 31121990, or as programs write it.
function day(text) {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  const read = /^(\d{1,2})\.?(\d{1,2})\.?(\d{4})$/.exec(text);
  return read ? `${read[3]}-${read[2].padStart(2, "0")}-${read[1].padStart(2, "0")}` : text;
}

function answer(text, matches) {
  $("birth-answer").textContent = text;
  $("birth-answer").dataset.matches = matches ?? "";
}

async function identify() {
  const birth = day($("birth").value.trim());
  $("birth").value = ""; // the page keeps nobody's birth date
  answer("");
  const { answer: { matches } } = await command(store.look.device, { kind: "identify", birth });
  answer(say(matches ? "birth.matches" : "birth.differs"), matches);
}

export function wireCheck() {
  turn = parts("check-part", (part) => {
    $("history-print").hidden = part !== "history" || store.look?.tap !== last;
  });
  onPress("check-open", check);
  $("taps").addEventListener("click", ({ target }) => {
    const known = store.taps.find(({ key }) => key === target.dataset.look);
    if (known) looked(known.device, known.tap);
  });
  onPress("check-again", check);
  onPress("mark-confirm", mark);
  onPress("history-print", async () => {
    const receipt = await newest("history", null);
    if (receipt) await print(receipt);
    else notice(say("receipt.none"));
  });
  onSend("birth-form", "birth-ask", identify);
  $("check").addEventListener("close", () => { $("birth").value = ""; });
  watch("words", draw);
}
