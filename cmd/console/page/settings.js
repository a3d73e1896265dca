// The menu: language, day and night, how the devices are. The settings stand on the sign-on view
// while nobody is signed on, so that the next driver finds the own language at once.

import { serves, store, changed, watch } from "./store.js";
import { $, onPress, pairs, show } from "./view.js";
import { LANGUAGES, say, speak, spoken } from "./words.js";

const KEPT = "leima.theme";

const dark = matchMedia("(prefers-color-scheme: dark)");

function theme(chosen) {
  document.documentElement.dataset.theme = chosen;
}

function health(device) {
  const state = store.states[device];
  if (!state || (device === "bus" && !store.link)) return say("health.none", store.cause);
  const how = serves(device) ? say("health.good") : state.cause || say("health.bad");
  const time = say(`health.clock.${state.clock}`, say(`clock.${state.clock_fault || "none"}`));
  const journal = say("health.journal", state.journal.events, state.journal.open);
  return [how, say("health.tariff", state.tariff || "–", state.list || 0), journal, time].join(" · ");
}

export function wireSettings() {
  theme(localStorage.getItem(KEPT) || (dark.matches ? "night" : "day"));
  for (const language of LANGUAGES) {
    onPress(`lang-${language}`, async () => {
      speak(language);
      changed("words");
    });
  }
  onPress("theme", async () => {
    const other = document.documentElement.dataset.theme === "day" ? "night" : "day";
    localStorage.setItem(KEPT, other);
    theme(other);
    changed("words");
  });
  onPress("menu-open", async () => show("menu"));
  watch("session state", () => {
    const { signed_on: on, locked, driver, line, demo } = store.session;
    const home = $(on ? "settings-menu" : "settings-signed-off");
    if ($("settings").parentElement !== home) home.append($("settings"));
    $("menu-open").hidden = !on;
    $("shift-grid").hidden = !on || locked;
    $("street-open").hidden = !demo;
    $("menu-who").textContent = on ? say("menu.who", driver, line) : "";
    pairs($("health"), ["bus", "own"].map((device) => [say(device), health(device)]));
    const night = document.documentElement.dataset.theme === "night";
    $("theme").textContent = say(night ? "theme.day" : "theme.night");
    for (const language of LANGUAGES) {
      $(`lang-${language}`).setAttribute("aria-pressed", language === spoken());
    }
  });
}
