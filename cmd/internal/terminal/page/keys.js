// Keys on the page, for a tablet without a keyboard: digits for numbers and amounts, letters for
// text. They type into the field that was touched last. In a dialog they show while a field has
// the focus, and Tab skips them.

import { make } from "./view.js";
import { translate } from "./words.js";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];
// the keys of a kind of field beside digits; these letters occur in names of lines
const EXTRA = {
  digits: [], money: [","], date: ["."], time: [":"], line: ["A", "B", "H", "K", "N", "T"],
};
const LETTERED = ["text", "line"];
const LETTERS = ["1234567890", "qwertyuiopå", "asdfghjklöä", "zxcvbnm.- "];
const BACK = "⌫";

const fields = new WeakMap(); // the field that a block of keys types into

function typeKey(field, key) {
  if (!field) return;
  const end = field.value.length;
  if (key === BACK) field.setRangeText("", Math.max(0, end - 1), end, "end");
  else if (field.maxLength < 0 || end < field.maxLength) field.setRangeText(key, end, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function key(block, text) {
  const button = make("button", {
    type: "button", tabIndex: -1, textContent: text === " " ? "␣" : text,
  });
  if (text === BACK) button.dataset.label = "keys.back";
  if (text === " ") button.dataset.label = "keys.space";
  // The field keeps the focus.
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => typeKey(fields.get(block), text));
  return button;
}

function drawKeys(block, kind) {
  if (block.dataset.kind === kind) return;
  block.dataset.kind = kind;
  const rows = kind === "text" ? LETTERS.map((row) => [...row]) : [[...DIGITS, ...EXTRA[kind]]];
  rows[rows.length - 1].push(BACK);
  block.replaceChildren(...rows.map((row) =>
    make("div", { className: "key-row" }, ...row.map((text) => key(block, text)))));
  block.setAttribute("role", "group");
  block.dataset.label = "keys";
  translate(block.parentElement);
}

let pointerDown = false;

// showKeys shows a dialog's keys while one of its fields has the focus. Nothing moves while a
// finger is down: the button below it would slip away.
function showKeys() {
  if (pointerDown) return;
  for (const dialog of document.querySelectorAll("dialog")) {
    const typed = Boolean(dialog.querySelector("[data-keys]:focus"));
    if (dialog.hasAttribute("data-typing") === typed) continue;
    dialog.toggleAttribute("data-typing", typed);
    if (typed) document.activeElement.scrollIntoView({ block: "nearest" });
  }
}

function onRelease() {
  // The click comes after the pointer is up.
  setTimeout(() => {
    pointerDown = false;
    showKeys();
  });
}

export function wireKeys() {
  addEventListener("pointerdown", () => { pointerDown = true; }, true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, onRelease, true);
  for (const moved of ["focusin", "focusout"]) addEventListener(moved, () => setTimeout(showKeys));
  for (const block of document.querySelectorAll(".keys")) {
    const owner = document.getElementById(block.dataset.keysFor);
    const own = [...owner.querySelectorAll("input[data-keys]")];
    for (const field of own) {
      // If these keys are enough, a telephone need not show its own.
      if (!LETTERED.includes(field.dataset.keys)) field.inputMode = "none";
      field.addEventListener("focus", () => {
        fields.set(block, field);
        drawKeys(block, field.dataset.keys);
      });
    }
    fields.set(block, own[0]);
    drawKeys(block, own[0].dataset.keys);
  }
}
