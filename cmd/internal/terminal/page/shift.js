// The shift report: taps by kind, sales, the cash to hand over, alarms; and the end of the shift.

import { get, post } from "./api.js";
import { newestReceipt, print } from "./receipts.js";
import { reloadSession, setSession, signOff } from "./session.js";
import { store, watch } from "./store.js";
import { $, attempt, close, make, notice, onPress, onSend, show } from "./view.js";
import { euros, say, spell, term } from "./words.js";

const SUMS = [["persons"], ["charged", euros], ["tickets"], ["loads"], ["loaded", euros],
  ["cash", euros], ["open"], ["open_cash", euros], ["others", euros], ["alarms"], ["faults"]];

function reportRow(title, numbers, written = String) {
  return make("tr", {}, make("th", { scope: "row", textContent: title }),
    ...numbers.map((n) => make("td", { textContent: n === undefined ? "–" : written(n) })));
}

function draw({ bus, own, total, missing }) {
  $("report-cash").textContent = euros(total.cash);
  $("report-missing").hidden = !missing;
  $("report-missing").textContent =
    (missing || []).map((why) => say("report.missing", spell(why))).join("\n");
  const columns = (of) => [bus && of(bus), own && of(own), of(total)].map((n) => n ?? undefined);
  const taps = Object.keys(total.taps).sort().map((reason) =>
    reportRow(term("reason", reason), columns((tally) => tally.taps[reason] || 0)));
  const sums = SUMS.map(([key, written]) =>
    reportRow(say(`sum.${key}`), columns((tally) => tally[key]), written));
  $("report-rows").replaceChildren(...sums, ...taps);
}

async function open() {
  $("handed-form").hidden = true;
  draw(await get("/api/report"));
  $("report-print").hidden = false;
  show("report");
}

// openHandedOver shows the last driver the cash of their shift, to sign for it.
async function openHandedOver() {
  const { handed: shift } = store.session;
  if (!shift) return;
  draw(await get("/api/handed"));
  $("handed-form").hidden = false;
  $("handed-who").textContent = say("handedover.who", shift.driver);
  $("report-print").hidden = true;
  show("report");
}

async function signForCash() {
  try {
    setSession(await post("/api/handed", { pin: $("handed-pin").value }));
    close("report");
    notice(say("handedover.done"));
  } finally {
    $("handed-pin").value = "";
  }
}

const NOBODY = 401; // the status if the session is not known

let shownShift; // the number of the shift that was handed over and shown

async function endShift() {
  $("handed-form").hidden = true;
  const report = await signOff();
  close("menu");
  draw(report);
  $("report-print").hidden = true; // printing needs a session
  show("report");
}

export function wireShift() {
  onPress("report-open", open);
  onPress("report-print", async () => {
    const receipt = await newestReceipt("report", null);
    if (receipt) await print(receipt);
    else notice(say("receipt.none"));
  });
  onPress("sign-off", endShift);
  onSend("handed-form", "handed-sign", signForCash);
  watch("session", () => {
    const { handed: shift, signed_on: here, locked } = store.session;
    if (!shift || !here || locked || shownShift === shift.number) return;
    shownShift = shift.number;
    attempt(() => openHandedOver().catch(async (refusal) => {
      shownShift = undefined;
      if (refusal.status !== NOBODY) throw refusal;
      await reloadSession(); // so new that the browser had no cookie for it yet
    }));
  });
}
