// What the views are made of: elements, dialogs, choices, and the one place where a refusal is
// shown. Text from outside becomes text alone: nothing here writes markup.

import { Refusal } from "./api.js";
import { say, spell } from "./words.js";

export const $ = (id) => document.getElementById(id);

// make is an element with properties, data-* and aria-* attributes, and what is in it.
export function make(tag, properties = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...inside.filter((part) => part !== "" && part !== null && part !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

// shape is a drawing of the page's sheet of symbols; a word always stands beside it.
export function shape(name) {
  const drawing = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#shape-${name}`);
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(use);
  return drawing;
}

// choose fills a group with choices of which one holds. Each is { value, text, note, id }.
export function choose(group, choices, chosen, picked = () => {}) {
  const name = `${group.id}-choice`;
  group.replaceChildren(...choices.map(({ value, text, note, id }) => {
    const input = make("input", {
      type: "radio", name, value, id: id || `${group.id}-${value}`, checked: value === chosen,
    });
    input.addEventListener("change", () => picked(value));
    return make("label", { className: "choice" }, input,
      make("span", { textContent: text }), note ? make("small", { textContent: note }) : "");
  }));
}

export const chosen = (group) => group.querySelector("input:checked")?.value ?? "";

// onChoice is for the choices that stand in the page itself.
export function onChoice(group, picked) {
  group.addEventListener("change", () => picked(chosen(group)));
}

// The refusal stands in the dialog that is open, else on the desk: where the driver looks.
function place(banner) {
  const open = [...document.querySelectorAll("dialog[open]:not(#alarm)")].pop();
  const slot = (open || document).querySelector("[data-says]:not([hidden] *)");
  if (slot && banner.parentElement !== slot) slot.append(banner);
}

export function refuse(text) {
  $("refusal-text").textContent = text;
  place($("refusal"));
  $("refusal").hidden = false;
}

function forgive() {
  $("refusal").hidden = true;
  $("refusal-text").textContent = "";
}

const NOTICE = 6000; // milliseconds for which what was done is shown
let noticed;

export function notice(text) {
  clearTimeout(noticed);
  $("notice").textContent = text;
  place($("notice"));
  noticed = setTimeout(() => { $("notice").textContent = ""; }, NOTICE);
}

// attempt does what the driver wants, and shows where they look why it could not be done.
export async function attempt(act) {
  try {
    await act();
    forgive();
  } catch (wrong) {
    if (!(wrong instanceof Refusal)) console.error(wrong);
    refuse(wrong instanceof Refusal ? wrong.message : say("no.page", wrong.message));
  }
}

let pressed; // the button that was pressed last, to which the focus returns from a dialog

// press runs what a button does, once at a time.
export async function press(button, act) {
  if (button.disabled) return;
  pressed = button;
  const focused = document.activeElement === button;
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    await attempt(act);
  } finally {
    button.disabled = false;
    button.removeAttribute("aria-busy");
    if (focused && document.activeElement === document.body) button.focus();
  }
}

export function onPress(id, act) {
  $(id).addEventListener("click", () => press($(id), act));
}

// A form is sent by its button and by Enter alike.
export function onSend(form, button, act) {
  $(form).addEventListener("submit", (event) => {
    event.preventDefault();
    press($(button), act);
  });
}

const openers = new Map(); // the button that opened each dialog

export function show(dialog) {
  forgive();
  if (!$(dialog).open) {
    openers.set($(dialog), pressed);
    $(dialog).showModal();
  }
  $(dialog).querySelector(".body")?.scrollTo(0, 0);
}

export const close = (dialog) => $(dialog).close();

// dialogs lets every dialog be closed by its cross and by the way out of a form, and brings a
// refusal back to the desk when the dialog it stood in is gone.
export function dialogs() {
  for (const cross of document.querySelectorAll("[data-close]")) {
    cross.addEventListener("click", () => cross.closest("dialog").close());
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => {
      place($("notice"));
      forgive();
      // A button that was disabled while it worked is not where the browser goes back to.
      const focused = document.activeElement;
      if (focused === document.body || dialog.contains(focused)) openers.get(dialog)?.focus();
    });
  }
}

// parts shows of a dialog's parts only the one that is chosen.
export function parts(group, shown = () => {}) {
  const turn = () => {
    const part = chosen($(group));
    for (const section of document.querySelectorAll(`[data-part-of="${group}"]`)) {
      section.hidden = section.dataset.part !== part;
    }
    shown(part);
  };
  $(group).addEventListener("change", turn);
  turn();
  return (part) => {
    $(`${group}-${part}`).checked = true;
    turn();
  };
}

// pairs fills a description list; what has nothing to say is left out.
export function pairs(list, entries) {
  list.replaceChildren(...entries.filter(([, text]) => text !== "" && text !== undefined)
    .map(([name, text]) => make("div", {},
      make("dt", { textContent: name }), make("dd", { textContent: text }))));
}

// reasons is the list of the rules of travel behind a decision, each in words.
export const reasons = (why) => make("ul", { className: "why" }, ...(why || []).map((rule) =>
  make("li", { title: rule.id, textContent: spell(rule) || rule.id })));
