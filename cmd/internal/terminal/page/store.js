// The page's only state. Every view reads it, and is drawn again when a topic that it watches has
// changed, so that no two views disagree.

export const store = {
  session: { signed_on: false, locked: false },
  offline: false, // the console's program does not answer
  link: true, // the console reaches the validator
  cause: "", // why it does not
  states: { bus: null, own: null },
  receivedAt: { bus: 0, own: 0 }, // performance.now() when each state came
  taps: [], // the newest first
  look: null, // { device, tap } of the last card that was looked at
  offer: null,
  emulated: null,
  reader: null, // the driver's choice; null: the one that works
  draft: null, // this page's order for the next card, but for loads and looks
};

const watchers = [];

// watch calls draw when one of the topics has changed. Every view watches "words".
export function watch(topics, draw) {
  watchers.push([new Set([...topics.split(" "), "words"]), draw]);
}

export function notify(...topics) {
  for (const [watchedTopics, draw] of watchers) {
    if (topics.some((topic) => watchedTopics.has(topic))) draw();
  }
}

// isServing reports whether a device would serve a card now.
export function isServing(device) {
  if (store.offline || (device === "bus" && !store.link)) return false;
  return Boolean(store.states[device]?.healthy);
}

// reader is the device whose reader the driver uses.
export function reader() {
  if (store.reader) return store.reader;
  return isServing("bus") || !isServing("own") ? "bus" : "own";
}

// placeState is the state with the bus's place: the console's own while the bus does not answer.
export function placeState() {
  return (store.link && store.states.bus) || store.states.own;
}

// clock is the time of a device, in milliseconds. Orders expire by the device's clock, not by the
// page's.
export function clock(device) {
  const state = store.states[device];
  return state ? Date.parse(state.now) + performance.now() - store.receivedAt[device] : Date.now();
}
