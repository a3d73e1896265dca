// The next departures of a line, of which a driver picks one by one press.

import { get } from "./api.js";
import { $, make } from "./view.js";
import { say } from "./words.js";

let asked = 0; // the newest request, whose answer counts

// drawDepartures fills an element with the next departures of a line; pick takes the one that is
// pressed. Without a timetable it stays empty.
export async function drawDepartures(id, line, pick) {
  const mine = ++asked;
  const none = { lines: [], next: [] };
  const { lines, next } = await get(`/api/departures?line=${encodeURIComponent(line)}`)
    .catch(() => none);
  if (mine !== asked) return;
  $("lines").replaceChildren(...(lines || []).map((value) => make("option", { value })));
  $(id).hidden = !next?.length;
  $(id).replaceChildren(...(next || []).map((departure) => {
    const { line: of, at, to } = departure;
    const button = make("button", { type: "button", "data-trip": `${departure.trip}` },
      make("b", { textContent: `${of} ${at}` }), make("span", { textContent: say("towards", to) }));
    button.addEventListener("click", () => pick(departure, button));
    return button;
  }));
}
