// Receipts, as text: on the page, and for the printer.

import { get, post } from "./api.js";
import { $, make, notice, onPress, runOnce, show } from "./view.js";
import { currentLanguage, euros, say, term, timeOf } from "./words.js";

let shownReceipt; // the receipt in the dialog

export const fetchReceipts = () => get(`/api/receipts?lang=${currentLanguage()}`);

export function showReceipt(receipt, title) {
  shownReceipt = receipt;
  $("receipt-title").textContent = title || say("receipt");
  $("receipt").textContent = receipt?.text || say("receipt.none");
  $("receipt-print").hidden = !receipt;
  show("receipt-view");
}

// newestReceipt is the last receipt of a kind after the one with the given id; it waits a little.
export async function newestReceipt(kind, after) {
  for (let n = 0; ; n++) {
    const found = (await fetchReceipts()).find((receipt) => `${receipt.kind}`.includes(kind));
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
  const all = await fetchReceipts();
  $("receipts").replaceChildren(...all.map((receipt) => {
    const title = [timeOf(receipt.at), term("receipt", receipt.kind),
      receipt.total ? euros(receipt.total) : ""].filter(Boolean).join(" · ");
    const button = make("button", { type: "button", textContent: title });
    button.addEventListener("click", () => runOnce(button, async () => showReceipt(receipt)));
    return button;
  }));
  $("receipts-none").hidden = all.length > 0;
  show("receipts-dialog");
}

export function wireReceipts() {
  onPress("receipts-open", open);
  onPress("receipt-print", () => print(shownReceipt));
}
