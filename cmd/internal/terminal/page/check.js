// Looking at a card: whether it is valid, its content, its history with errors marked for the
// claim, and whether the birth date is its holder's.

import { command } from "./api.js";
import { clearDraft } from "./next.js";
import { newestReceipt, print } from "./receipts.js";
import { reader, store, watch } from "./store.js";
import {
  $, chosen, close, fillPairs, make, notice, onPress, onSend, reasons, shape, show, tabs,
} from "./view.js";
import { count, dayOf, euros, persons, say, spell, term, when } from "./words.js";

let showPart; // shows one of the dialog's parts
let lastLook; // the last look: the devices answer questions about no other card

async function armCheck() {
  const device = reader();
  await command(device, { kind: "next_tap", next_tap: { check: true } });
  close("check");
  clearDraft();
}

// onLook opens the view as soon as a card was read.
export function onLook(device, tap) {
  if (tap.look && !(Date.parse(tap.at) < Date.parse(lastLook?.at))) lastLook = tap;
  if (!tap.look || !store.session.signed_on || store.session.locked) return;
  store.look = { device, tap };
  $("birth").value = "";
  showAnswer("");
  showPart("look");
  drawLook();
  show("check");
}

function verdictBox({ verdict: v }, today) {
  const box = make("p", { id: "verdict", "data-valid": v.valid },
    make("b", { textContent: spell(v.said) || v.finding }));
  box.prepend(shape(v.valid ? "green" : "red"));
  const about = make("dl");
  fillPairs(about, [[say("ticket"), spell(v.product)], [say("zones"), v.zones || ""],
    [say("persons"), v.persons > 1 ? v.persons : ""],
    [say("boarded"), when(v.boarded, today)], [say("valid.until"), when(v.until, today)]]);
  return [box, make("div", {}, about, reasons(v.why))];
}

function seasonText(s, today) {
  const time = s.first ? `${when(s.first, today)} – ${when(s.last, today)}` : say("season.waits");
  return `${spell(s.product)} ${s.zones}, ${s.days ? count(s.days, "day") : ""} ${time}`;
}

function contentsList(look, today) {
  const about = make("dl");
  fillPairs(about, [
    [say("card"), `${term("kind", look.kind)} ${look.card}`],
    [say("group"), term("group", look.group)],
    [say("purse"), euros(look.purse)],
    ...(look.seasons || []).map((s) => [say("season"), seasonText(s, today)]),
    [say("school"), look.school ? say("school.trips", count(look.school, "trip")) : ""],
    [say("card.until"), when(look.valid_until, today)],
  ]);
  return about;
}

function eventItem(use, n, today) {
  const text = [when(use.at, today), use.fare ? euros(use.fare) : say("free.trip"),
    use.persons > 1 ? persons(use.persons) : "",
    use.until ? say("until", when(use.until, today)) : "",
    say("remaining", euros(use.remaining))].filter(Boolean).join(" · ");
  const button = make("button", { type: "button", id: `mark-${n}`, textContent: say("mark") });
  button.setAttribute("aria-label", `${say("mark")} ${text}`);
  button.addEventListener("click", () => openMark(n, text));
  return make("li", {}, make("span", { textContent: text }), button);
}

function drawLook() {
  if (!store.look) return;
  const { tap } = store.look;
  const today = dayOf(tap.at);
  $("look").replaceChildren(...verdictBox(tap.look, today), contentsList(tap.look, today));
  $("history").replaceChildren(...tap.look.history.map((use, i) => eventItem(use, i + 1, today)));
  $("history-none").hidden = tap.look.history.length > 0;
  const asking = tap.look.birth && tap === lastLook;
  $("birth-form").hidden = !asking;
  $("whose-none").hidden = asking;
  $("history-print").hidden = tap !== lastLook || chosen($("check-part")) !== "history";
  for (const button of $("history").querySelectorAll("button")) button.hidden = tap !== lastLook;
}

let markedEvent; // the event that is being marked; 1 is the newest

function openMark(n, text) {
  markedEvent = n;
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

async function markEvent() {
  const said = $("mark-said").value.trim();
  const mark = { event: markedEvent, said };
  await command(store.look.device, { kind: "mark_error", mark_error: mark });
  close("mark");
  notice(say("mark.done", markedEvent));
}

// parseDay reads a birth date as on an ID, 31.12.1990 or 31121990, or as 1990-12-31.
function parseDay(text) {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  const read = /^(\d{1,2})\.?(\d{1,2})\.?(\d{4})$/.exec(text);
  return read ? `${read[3]}-${read[2].padStart(2, "0")}-${read[1].padStart(2, "0")}` : text;
}

function showAnswer(text, matches) {
  $("birth-answer").textContent = text;
  $("birth-answer").dataset.matches = matches ?? "";
}

async function identify() {
  const birth = parseDay($("birth").value.trim());
  $("birth").value = ""; // the page keeps no birth date
  showAnswer("");
  const { answer: { matches } } = await command(store.look.device, { kind: "identify", birth });
  showAnswer(say(matches ? "birth.matches" : "birth.differs"), matches);
}

export function wireCheck() {
  showPart = tabs("check-part", (part) => {
    $("history-print").hidden = part !== "history" || store.look?.tap !== lastLook;
  });
  onPress("check-open", armCheck);
  $("taps").addEventListener("click", ({ target }) => {
    const known = store.taps.find(({ key }) => key === target.dataset.look);
    if (known) onLook(known.device, known.tap);
  });
  onPress("check-again", armCheck);
  onPress("mark-confirm", markEvent);
  onPress("history-print", async () => {
    const receipt = await newestReceipt("history", null);
    if (receipt) await print(receipt);
    else notice(say("receipt.none"));
  });
  onSend("birth-form", "birth-ask", identify);
  $("check").addEventListener("close", () => { $("birth").value = ""; });
  watch("words", drawLook);
}
