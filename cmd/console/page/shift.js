// The shift report: taps by kind, sales, the cash to hand over, alarms; and the end of the shift.

import { get } from "./api.js";
import { newest, print } from "./receipts.js";
import { signOff } from "./session.js";
import { $, close, make, notice, onPress, show } from "./view.js";
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
  draw(await get("/api/report"));
  $("report-print").hidden = false;
  show("report");
}

async function end() {
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
}
