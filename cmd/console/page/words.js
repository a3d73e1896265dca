// Finnish, Swedish and English. The Finnish words are the canonical ones; a key without
// words is shown as itself, so that a test can find it.

import { desk } from "./words-desk.js";
import { drive } from "./words-drive.js";
import { terms } from "./words-terms.js";

export const LANGUAGES = ["fi", "sv", "en"];

const words = { ...drive, ...desk, ...terms };
const KEPT = "leima.language";

let language = LANGUAGES.includes(localStorage.getItem(KEPT)) ? localStorage.getItem(KEPT) : "fi";
document.documentElement.lang = language;

export const spoken = () => language;

export function speak(chosen) {
  language = chosen;
  localStorage.setItem(KEPT, chosen);
  document.documentElement.lang = chosen;
  translate(document);
}

// say is a text in the chosen language; {0}, {1} stand for what is said about.
export function say(key, ...about) {
  const row = words[key];
  const text = row ? row[LANGUAGES.indexOf(language)] : key;
  return text.replace(/\{(\d)\}/g, (_, n) => about[n] ?? "");
}

export const known = (key) => key in words;

// spell is a text that came in all three languages.
export const spell = (said) => said?.[language] || said?.en || "";

export const persons = (n) => (n === 1 ? say("persons.1") : say("persons.n", n));

// term is a word of the program, such as "adult", as people say it.
export const term = (kind, word) => (known(`${kind}.${word}`) ? say(`${kind}.${word}`) : word);

// translate puts the words into the page where it asks for them.
export function translate(root) {
  for (const e of root.querySelectorAll("[data-word]")) e.textContent = say(e.dataset.word);
  for (const e of root.querySelectorAll("[data-label]")) {
    e.setAttribute("aria-label", say(e.dataset.label));
  }
}

export function euros(cents) {
  const text = (cents / 100).toFixed(2);
  return language === "en" ? `${text} €` : `${text.replace(".", ",")} €`;
}

// cents reads an amount as people type it: 20, 20,5 or 20.50. Anything else is NaN.
export function cents(text) {
  const typed = text.trim().replace(",", ".");
  return /^\d{1,5}(\.\d{1,2})?$/.test(typed) ? Math.round(Number(typed) * 100) : NaN;
}

// Finland has one time; the tablet's own zone may be set to any.
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
