// Keys on the page, for a tablet without any: digits for numbers and amounts, letters for text.
// They type into the field that was touched last, and are out of the way of a real keyboard: in
// a dialog they show while a field has the focus, and no tab stops at them.

import { make } from "./view.js";
import { translate } from "./words.js";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];
// what a kind of field needs beside digits; lines have letters such as these
const EXTRA = {
  digits: [], money: [","], date: ["."], time: [":"], line: ["A", "B", "H", "K", "N", "T"],
};
const LETTERED = ["text", "line"];
const LETTERS = ["1234567890", "qwertyuiopå", "asdfghjklöä", "zxcvbnm.- "];
const BACK = "⌫";

const fields = new WeakMap(); // which field a block of keys types into

function type(field, key) {
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
  // The field keeps the focus: a key is no place of its own.
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => type(fields.get(block), text));
  return button;
}

function fill(block, kind) {
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

let pressing = false;

// typing shows a dialog's keys while one of its fields has the focus. Nothing moves while a finger
// is down: the button that it is on would slip away from under it.
function typing() {
  if (pressing) return;
  for (const dialog of document.querySelectorAll("dialog")) {
    const typed = Boolean(dialog.querySelector("[data-keys]:focus"));
    if (dialog.hasAttribute("data-typing") === typed) continue;
    dialog.toggleAttribute("data-typing", typed);
    if (typed) document.activeElement.scrollIntoView({ block: "nearest" });
  }
}

function released() {
  // The click comes after the finger has gone.
  setTimeout(() => {
    pressing = false;
    typing();
  });
}

export function wireKeys() {
  addEventListener("pointerdown", () => { pressing = true; }, true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, released, true);
  for (const moved of ["focusin", "focusout"]) addEventListener(moved, () => setTimeout(typing));
  for (const block of document.querySelectorAll(".keys")) {
    const owner = document.getElementById(block.dataset.keysFor);
    const own = [...owner.querySelectorAll("input[data-keys]")];
    for (const field of own) {
      // Where these keys are enough, a telephone need not show its own.
      if (!LETTERED.includes(field.dataset.keys)) field.inputMode = "none";
      field.addEventListener("focus", () => {
        fields.set(block, field);
        fill(block, field.dataset.keys);
      });
    }
    fields.set(block, own[0]);
    fill(block, own[0].dataset.keys);
  }
}
