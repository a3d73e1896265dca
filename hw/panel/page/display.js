// The passenger's display shows the newest signal of the validator, and a notice of its own when
// the validator is gone. Its words come from words.js, which the validator writes.
/* global words */
'use strict';

// A result stays this long if only the idle lamp follows: the card is taken away before the
// passenger has read the text.
const readingTime = 2000; // milliseconds
// The validator sends something every second; after this long it is gone.
const silenceLimit = 2000; // milliseconds

const byId = (id) => document.getElementById(id);
let holdUntil = 0;
let idleTimer = null;

function setText(id, text) {
  byId(id).textContent = text;
  const row = byId(id).closest('div');
  if (row && row.parentElement.id === 'facts') row.hidden = text === '';
}

// show puts a signal on the page at once.
function show(s) {
  for (const fact of ['charge', 'balance', 'until']) {
    setText(fact, s[fact]);
    byId(fact + '-word').textContent = words[fact];
  }
  setText('what', s.lines[0]);
  setText('do', s.lines[1]);
  document.body.dataset.lamp = s.lamp;
  play(s.tone);
  // For measuring how long the lamp took to get here.
  requestAnimationFrame(() => { document.body.dataset.shown = `${s.at} ${Date.now()}`; });
}

// onSignal shows a result at once; the idle lamp waits until the passenger has read the result.
function onSignal(s) {
  clearTimeout(idleTimer);
  const now = performance.now();
  if (s.lamp === 'idle' && now < holdUntil) {
    idleTimer = setTimeout(() => show(s), holdUntil - now);
    return;
  }
  holdUntil = s.lamp === 'idle' ? 0 : now + readingTime;
  show(s);
}

// Each tone is a list of notes: pitch in hertz (0 is a rest) and length in seconds.
const tones = {
  high: [[1320, 0.18]],
  twice: [[660, 0.12], [0, 0.08], [660, 0.12]],
  rising: [[660, 0.12], [1320, 0.18]],
  done: [[660, 0.18]],
  low: [[220, 0.6]],
  alarm: [[990, 0.1], [0, 0.06], [990, 0.1], [0, 0.06], [990, 0.1], [0, 0.06], [990, 0.1],
    [0, 0.06], [990, 0.1]],
};
let sound = null;

function play(tone) {
  document.body.dataset.tone = tone;
  if (!tones[tone] || !window.AudioContext) return;
  sound = sound || new AudioContext();
  let start = sound.currentTime;
  for (const [pitch, seconds] of tones[tone]) {
    if (pitch) {
      const note = sound.createOscillator();
      note.frequency.value = pitch;
      note.connect(sound.destination);
      note.start(start);
      note.stop(start + seconds);
    }
    start += seconds;
  }
}

function onLost() {
  clearTimeout(idleTimer);
  holdUntil = 0;
  show({ lamp: 'none', tone: 'none', lines: words.gone,
    charge: '', balance: '', until: '', at: Date.now() });
}

// listen reads the validator's stream, and begins again when it breaks. It does not use EventSource,
// which hides the pulse that comes each second.
async function listen() {
  for (;;) {
    const stop = new AbortController();
    let timer = setTimeout(() => stop.abort(), silenceLimit);
    try {
      const answer = await fetch('events', { signal: stop.signal });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        clearTimeout(timer);
        timer = setTimeout(() => stop.abort(), silenceLimit);
        const parts = (rest + value).split('\n\n');
        rest = parts.pop();
        for (const part of parts) {
          if (part.startsWith('data: ')) onSignal(JSON.parse(part.slice(6)));
        }
      }
    } catch { /* the display says that the validator is gone */ }
    clearTimeout(timer);
    onLost();
    await new Promise((again) => setTimeout(again, 500));
  }
}

document.documentElement.lang = words.language;
listen();
