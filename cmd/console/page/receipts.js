// Receipts, as text: on the page, and for the printer.

import { get, post } from "./api.js";
import { $, make, notice, onPress, press, show } from "./view.js";
import { euros, say, spoken, term, timeOf } from "./words.js";

let shown; // the receipt that is read now

export const receipts = () => get(`/api/receipts?lang=${spoken()}`);

export function showReceipt(receipt, title) {
  shown = receipt;
  $("receipt-title").textContent = title || say("receipt");
  $("receipt").textContent = receipt?.text || say("receipt.none");
  $("receipt-print").hidden = !receipt;
  show("receipt-view");
}

// newest is the last receipt of a kind, once the program has written one that was not there.
export async function newest(kind, after) {
  for (let n = 0; ; n++) {
    const found = (await receipts()).find((receipt) => `${receipt.kind}`.includes(kind));
    if (found && found.id !== after) return found;
    if (n === 3) return undefined; // none has come
    await new Promise((done) => setTimeout(done, 200));
  }
}

export async function print(receipt) {
  await post("/api/print", { id: receipt.id });
  notice(say("printed"));
}

async function open() {
  const all = await receipts();
  $("receipts").replaceChildren(...all.map((receipt) => {
    const title = [timeOf(receipt.at), term("receipt", receipt.kind),
      receipt.total ? euros(receipt.total) : ""].filter(Boolean).join(" · ");
    const button = make("button", { type: "button", textContent: title });
    button.addEventListener("click", () => press(button, async () => showReceipt(receipt)));
    return button;
  }));
  $("receipts-none").hidden = all.length > 0;
  show("receipts-dialog");
}

export function wireReceipts() {
  onPress("receipts-open", open);
  onPress("receipt-print", () => print(shown));
}
