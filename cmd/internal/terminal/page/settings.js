// The menu: language, day and night theme, health of the devices. Without a session the settings
// are on the sign-on view, so that the next driver finds the language at once.

import { isServing, notify, store, watch } from "./store.js";
import { $, fillPairs, onPress, show } from "./view.js";
import { count, currentLanguage, LANGUAGES, say, setLanguage, spell } from "./words.js";

const THEME_KEY = "leima.theme";

const dark = matchMedia("(prefers-color-scheme: dark)");

function theme(chosen) {
  document.documentElement.dataset.theme = chosen;
}

function healthText(device) {
  const state = store.states[device];
  if (!state || (device === "bus" && !store.link)) return say("health.none", spell(store.cause));
  const how = isServing(device) ? say("health.good") : spell(state.cause) || say("health.bad");
  const time = say(`health.clock.${state.clock}`,
    state.clock_fault ? say(`clock.${state.clock_fault}`) : "");
  const journal = say("health.journal", count(state.journal.events, "event"), state.journal.open);
  const tariff = say("health.tariff", state.tariff || "–", state.list || 0);
  return [how, tariff, journal, time].join(" · ");
}

export function wireSettings() {
  theme(localStorage.getItem(THEME_KEY) || (dark.matches ? "night" : "day"));
  for (const language of LANGUAGES) {
    onPress(`lang-${language}`, async () => {
      setLanguage(language);
      notify("words");
    });
  }
  onPress("theme", async () => {
    const other = document.documentElement.dataset.theme === "day" ? "night" : "day";
    localStorage.setItem(THEME_KEY, other);
    theme(other);
    notify("words");
  });
  onPress("menu-open", async () => show("menu"));
  watch("session state", () => {
    const { signed_on: on, locked, driver, line, demo } = store.session;
    const home = $(on ? "settings-menu" : "settings-signed-off");
    if ($("settings").parentElement !== home) home.append($("settings"));
    $("menu-open").hidden = !on;
    $("shift-grid").hidden = !on || locked;
    $("emulated-open").hidden = !demo;
    $("menu-who").textContent = on ? say("menu.who", driver, line) : "";
    fillPairs($("health"), ["bus", "own"].map((device) => [say(device), healthText(device)]));
    const night = document.documentElement.dataset.theme === "night";
    $("theme").textContent = say(night ? "theme.day" : "theme.night");
    for (const language of LANGUAGES) {
      $(`lang-${language}`).setAttribute("aria-pressed", language === currentLanguage());
    }
  });
}
