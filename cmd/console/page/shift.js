// The shift report: taps by kind, sales, the cash to hand over, alarms; and the end of the shift.

import { get, post } from "./api.js";
import { newest, print } from "./receipts.js";
import { signedOn, signOff } from "./session.js";
import { store, watch } from "./store.js";
import { $, attempt, close, make, notice, onPress, onSend, show } from "./view.js";
import { euros, say, term } from "./words.js";

const SUMS = [["persons"], ["charged", euros], ["tickets"], ["loads"], ["loaded", euros],
  ["cash", euros], ["open"], ["open_cash", euros], ["others", euros], ["alarms"], ["faults"]];

function row(title, numbers, written = String) {
  return make("tr", {}, make("th", { scope: "row", textContent: title }),
    ...numbers.map((n) => make("td", { textContent: n === undefined ? "–" : written(n) })));
}

function draw({ bus, own, total, missing }) {
  $("report-cash").textContent = euros(total.cash);
  $("report-missing").hidden = !missing;
  $("report-missing").textContent = missing ? say("report.missing", missing) : "";
  const columns = (of) => [bus && of(bus), own && of(own), of(total)].map((n) => n ?? undefined);
  const taps = Object.keys(total.taps).sort().map((reason) =>
    row(term("reason", reason), columns((tally) => tally.taps[reason] || 0)));
  const sums = SUMS.map(([key, written]) =>
    row(say(`sum.${key}`), columns((tally) => tally[key]), written));
  $("report-rows").replaceChildren(...sums, ...taps);
}

async function open() {
  $("handed-form").hidden = true;
  draw(await get("/api/report"));
  $("report-print").hidden = false;
  show("report");
}

// handed shows the driver who has left what there is to hand over, to sign for it.
async function handed() {
  const { handed: shift } = store.session;
  if (!shift) return;
  draw(await get("/api/handed"));
  $("handed-form").hidden = false;
  $("handed-who").textContent = say("handed.who", shift.driver);
  $("report-print").hidden = true;
  show("report");
}

async function sign() {
  try {
    signedOn(await post("/api/handed", { pin: $("handed-pin").value }));
    close("report");
    notice(say("handed.done"));
  } finally {
    $("handed-pin").value = "";
  }
}

let shown; // the shift whose report the driver who has left was shown

async function end() {
  $("handed-form").hidden = true;
  const report = await signOff();
  close("menu");
  draw(report);
  $("report-print").hidden = true; // nobody is signed on who could
  show("report");
}

export function wireShift() {
  onPress("report-open", open);
  onPress("report-print", async () => {
    const receipt = await newest("report", null);
    if (receipt) await print(receipt);
    else notice(say("receipt.none"));
  });
  onPress("sign-off", end);
  onSend("handed-form", "handed-sign", sign);
  watch("session", () => {
    const shift = store.session.locked ? null : store.session.handed;
    if (!shift || shown === shift.number) return;
    shown = shift.number;
    attempt(handed);
  });
}
