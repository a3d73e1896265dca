// The building blocks of the views: elements, dialogs, choices, and the one place for a refusal.
// Text from outside stays text: nothing here writes markup.

import { Refusal } from "./api.js";
import { say, spell } from "./words.js";

export const $ = (id) => document.getElementById(id);

// make is an element with properties, data-* and aria-* attributes, and content.
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

// choose fills a group with radio buttons. Each choice is { value, text, note, id }.
export function choose(group, choices, chosenValue, onPick = () => {}) {
  const name = `${group.id}-choice`;
  group.replaceChildren(...choices.map(({ value, text, note, id }) => {
    const input = make("input", {
      type: "radio", name, value, id: id || `${group.id}-${value}`, checked: value === chosenValue,
    });
    input.addEventListener("change", () => onPick(value));
    return make("label", { className: "choice" }, input,
      make("span", { textContent: text }), note ? make("small", { textContent: note }) : "");
  }));
}

export const chosen = (group) => group.querySelector("input:checked")?.value ?? "";

// A banner is shown in the open dialog, or on the view: where the driver looks.
function moveBanner(banner) {
  const open = [...document.querySelectorAll("dialog[open]:not(#alarm)")].pop();
  const slot = (open || document).querySelector("[data-says]:not([hidden] *)");
  if (slot && banner.parentElement !== slot) slot.append(banner);
}

export function showRefusal(text) {
  $("refusal-text").textContent = text;
  moveBanner($("refusal"));
  $("refusal").hidden = false;
}

function clearRefusal() {
  $("refusal").hidden = true;
  $("refusal-text").textContent = "";
}

const NOTICE = 6000; // milliseconds
let noticeTimer;

export function notice(text) {
  clearTimeout(noticeTimer);
  $("notice").textContent = text;
  moveBanner($("notice"));
  noticeTimer = setTimeout(() => { $("notice").textContent = ""; }, NOTICE);
}

// attempt carries out an action of the driver, and shows a refusal.
export async function attempt(act) {
  try {
    await act();
    clearRefusal();
  } catch (wrong) {
    if (!(wrong instanceof Refusal)) console.error(wrong);
    showRefusal(wrong instanceof Refusal ? wrong.message : say("no.page", wrong.message));
  }
}

let lastButton; // to which the focus returns from a dialog

// runOnce runs a button's action, one at a time.
export async function runOnce(button, act) {
  if (button.disabled) return;
  lastButton = button;
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
  $(id).addEventListener("click", () => runOnce($(id), act));
}

// A form is sent by its button or by Enter.
export function onSend(form, button, act) {
  $(form).addEventListener("submit", (event) => {
    event.preventDefault();
    runOnce($(button), act);
  });
}

const openers = new Map(); // the button that opened each dialog

export function show(dialog) {
  clearRefusal();
  if (!$(dialog).open) {
    openers.set($(dialog), lastButton);
    $(dialog).showModal();
  }
  $(dialog).querySelector(".body")?.scrollTo(0, 0);
}

export const close = (dialog) => $(dialog).close();

// wireDialogs lets every dialog be closed by its button, and moves a refusal back to the view when
// its dialog has closed.
export function wireDialogs() {
  for (const cross of document.querySelectorAll("[data-close]")) {
    cross.addEventListener("click", () => cross.closest("dialog").close());
  }
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => {
      moveBanner($("notice"));
      clearRefusal();
      // The browser does not return the focus to a button that was disabled while it worked.
      const focused = document.activeElement;
      if (focused === document.body || dialog.contains(focused)) openers.get(dialog)?.focus();
    });
  }
}

// tabs shows only the chosen part of a dialog, and returns a function that shows another.
export function tabs(group, onShow = () => {}) {
  const turn = () => {
    const part = chosen($(group));
    for (const section of document.querySelectorAll(`[data-part-of="${group}"]`)) {
      section.hidden = section.dataset.part !== part;
    }
    onShow(part);
  };
  $(group).addEventListener("change", turn);
  turn();
  return (part) => {
    $(`${group}-${part}`).checked = true;
    turn();
  };
}

// fillPairs fills a description list, without empty entries.
export function fillPairs(list, entries) {
  list.replaceChildren(...entries.filter(([, text]) => text !== "" && text !== undefined)
    .map(([name, text]) => make("div", {},
      make("dt", { textContent: name }), make("dd", { textContent: text }))));
}

// reasons lists the rules of travel behind a decision, in words.
export const reasons = (why) => make("ul", { className: "why" }, ...(why || []).map((rule) =>
  make("li", { title: rule.id, textContent: spell(rule) || rule.id })));
