// Finnish, Swedish and English, from the table that the program serves with the page. Finnish is
// canonical. A key without words is shown as it is, so that a test finds it.

import { messages } from "./messages.js";

export const LANGUAGES = ["fi", "sv", "en"];

const LANGUAGE_KEY = "leima.language";

const saved = localStorage.getItem(LANGUAGE_KEY);
let language = LANGUAGES.includes(saved) ? saved : "fi";
document.documentElement.lang = language;

export const currentLanguage = () => language;

export function setLanguage(chosen) {
  language = chosen;
  localStorage.setItem(LANGUAGE_KEY, chosen);
  document.documentElement.lang = chosen;
  translate(document);
}

// say is a text in the chosen language; %v, %[1]v, %[2]v stand for the arguments.
export function say(key, ...about) {
  const row = messages[key];
  const text = row ? row[LANGUAGES.indexOf(language)] : key;
  let next = 0;
  return text.replace(/%(?:\[(\d)\])?v/g, (_, n) => about[n ? n - 1 : next++] ?? "");
}

// spell picks the chosen language of a text that came in all three.
export const spell = (said) => said?.[language] || said?.en || "";

// count is a number of things, such as "1 henkilö" or "3 henkilöä".
export const count = (n, unit) => (n === 1 ? say(`one.${unit}`) : say(`many.${unit}`, n));

export const persons = (n) => count(n, "person");

// term is a label for a word of the program, such as "adult".
export function term(kind, word) {
  const text = `${kind}.${word}` in messages ? say(`${kind}.${word}`) : word;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// translate fills in the words of the elements that name a key.
export function translate(root) {
  for (const e of root.querySelectorAll("[data-word]")) e.textContent = say(e.dataset.word);
  for (const e of root.querySelectorAll("[data-label]")) {
    e.setAttribute("aria-label", say(e.dataset.label));
  }
}

export function euros(cents) {
  return `${(cents / 100).toFixed(2).replace(".", ",")} €`;
}

// cents reads an amount as typed: 20, 20,5 or 20.50. Anything else is NaN.
export function cents(text) {
  const typed = text.trim().replace(",", ".");
  return /^\d{1,5}(\.\d{1,2})?$/.test(typed) ? Math.round(Number(typed) * 100) : NaN;
}

// Finland has one time zone; the tablet may be set to another.
const helsinki = new Intl.DateTimeFormat("fi-FI", {
  timeZone: "Europe/Helsinki", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

// A stamp without an offset is local already.
const local = (at) => typeof at === "string" && /^[\d-]{10}T[\d:]{5,8}$/.test(at);

export const timeOf = (at) =>
  (local(at) ? at.slice(11, 16) : helsinki.format(new Date(at)).replace(".", ":"));

const days = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Helsinki" });

// dayOf is the day of an instant or a stamp as 2006-01-02.
export const dayOf = (at) => (local(at) ? at.slice(0, 10) : days.format(new Date(at)));

// when writes a local stamp, 2006-01-02T15:04, as "15:04" today and as "2.1. 15:04" otherwise.
export function when(stamp, today) {
  if (!stamp) return "";
  const [day, time] = stamp.split("T");
  const [, month, date] = day.split("-");
  if (!time) return `${Number(date)}.${Number(month)}.${day.slice(0, 4)}`;
  return day === today ? time : `${Number(date)}.${Number(month)}. ${time}`;
}
