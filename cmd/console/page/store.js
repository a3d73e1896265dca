// What the page knows at this moment. This is its only state: every view reads it and is drawn
// again when the topic it watches has changed, so that no two views can disagree.

export const store = {
  session: { signed_on: false, locked: false },
  silent: false, // the console's own program does not answer
  link: true, // of the console to the validator
  cause: "", // why it is not linked
  states: { bus: null, own: null },
  heard: { bus: 0, own: 0 }, // performance.now() at which each state came
  taps: [], // the newest first
  look: null, // { device, tap } of the card that was looked at last
  offer: null,
  street: null,
  reader: null, // that the driver has chosen; null: as fits
  draft: null, // what this page has asked of the next card
};

const watchers = [];

// watch calls draw whenever one of the topics has changed. Everything watches "words".
export function watch(topics, draw) {
  watchers.push([new Set([...topics.split(" "), "words"]), draw]);
}

export function changed(...topics) {
  for (const [watched, draw] of watchers) {
    if (topics.some((topic) => watched.has(topic))) draw();
  }
}

// serves tells whether a card that is held at a device's reader would be served.
export function serves(device) {
  if (store.silent || (device === "bus" && !store.link)) return false;
  return Boolean(store.states[device]?.healthy);
}

// reader is the device whose reader is used for what the driver does with a card.
export function reader() {
  if (store.reader) return store.reader;
  return serves("bus") || !serves("own") ? "bus" : "own";
}

// placed is the state that says where the bus is: the console's own stands in for the bus'.
export function placed() {
  return (store.link && store.states.bus) || store.states.own;
}

// clock is the time at a device now, in milliseconds. Its own clock counts, not the page's:
// what is armed expires by it.
export function clock(device) {
  const state = store.states[device];
  return state ? Date.parse(state.now) + performance.now() - store.heard[device] : Date.now();
}
