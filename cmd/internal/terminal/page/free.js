// Free boardings, counted with their reason.

import { command } from "./api.js";
import { fetchOffer, nearestFirst, personChoices, sellTo } from "./sell.js";
import { clock, placeState, store } from "./store.js";
import { $, choose, chosen, close, notice, onPress, show } from "./view.js";
import { dayOf, say, timeOf } from "./words.js";

async function countFree(free, dialog, reason) {
  await command("own", { kind: "free", free });
  close(dialog);
  notice(say("free.done", free.persons, reason));
}

async function open() {
  const { veterans } = await fetchOffer();
  $("free-veteran").hidden = !veterans;
  choose($("free-persons"), personChoices("free-persons"), "1");
  show("free-dialog");
}

// letIn counts a boarding for one of the reasons that need only a press.
const letIn = (reason) => countFree({ reason, persons: Number(chosen($("free-persons"))) },
  "free-dialog", say(`free.${reason}`));

function openTicket() {
  const zones = nearestFirst(store.offer?.zones || []);
  choose($("ticket-zones"), zones.map((run) =>
    ({ value: run, text: run, id: `ticket-zones-${run}` })), placeState()?.place.zones || zones[0]);
  choose($("ticket-persons"), personChoices("ticket-persons"), "1");
  $("ticket-until").value = "";
  show("ticket");
}

const HALF_DAY = 12; // hours

// ticketUntil is the stamp of the time on a paper ticket: a time past midnight is tomorrow's.
function ticketUntil(text, now) {
  const digits = text.replace(/\D/g, "").padStart(4, "0");
  const time = `${digits.slice(0, 2)}:${digits.slice(2)}`;
  const today = dayOf(now);
  const later = Number(timeOf(now).slice(0, 2)) - Number(time.slice(0, 2)) > HALF_DAY;
  if (!later) return `${today}T${time}`;
  const tomorrow = new Date(`${today}T12:00:00Z`);
  tomorrow.setUTCDate(tomorrow.getUTCDate() + 1);
  return `${tomorrow.toISOString().slice(0, 10)}T${time}`;
}

async function showTicket() {
  const free = { reason: "ticket", persons: Number(chosen($("ticket-persons"))) };
  const typed = $("ticket-until").value.trim();
  if (typed) {
    free.until = ticketUntil(typed, clock("own"));
    free.zones = chosen($("ticket-zones"));
  }
  await countFree(free, "ticket", say("ticket.shown"));
  close("free-dialog");
  close("sell");
}

async function openFaulty() {
  const { faulty_free: free } = await fetchOffer();
  $("faulty-rule").textContent = say(free ? "faulty.rule.free" : "faulty.rule.single");
  $("faulty-number").value = "";
  $("faulty-free").hidden = !free;
  show("faulty");
}

async function countFaulty() {
  const printed = $("faulty-number").value.replace(/\s/g, "");
  const free = { reason: "card", persons: 1 };
  if (printed) free.printed = printed;
  await countFree(free, "faulty", say("faulty"));
}

export function wireFree() {
  onPress("free-open", open);
  for (const reason of ["devices", "veteran", "pram"]) {
    onPress(`free-${reason}`, () => letIn(reason));
  }
  for (const id of ["free-ticket", "ticket-open"]) onPress(id, async () => openTicket());
  onPress("ticket-confirm", showTicket);
  onPress("faulty-open", openFaulty);
  onPress("faulty-free", countFaulty);
  onPress("faulty-sell", async () => {
    const printed = $("faulty-number").value.replace(/\s/g, "");
    close("faulty");
    await sellTo("adult", 1, printed);
  });
}
