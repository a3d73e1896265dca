// The passenger's display: shows the newest signal of the validator, and says so itself when
// the validator is gone.
'use strict';

const words = {
  fi: { charge: 'Hinta', balance: 'Arvoa jäljellä', until: 'Voimassa',
        gone: ['Laite ei toimi', 'Kysy kuljettajalta'] },
  sv: { charge: 'Pris', balance: 'Värde kvar', until: 'Giltig till',
        gone: ['Apparaten fungerar inte', 'Fråga föraren'] },
  en: { charge: 'Fare', balance: 'Balance', until: 'Valid until',
        gone: ['Out of order', 'Ask the driver'] },
};

// A result stays this long when nothing but the idle lamp follows: a card is gone sooner
// than its holder has read.
const readingTime = 2000;
// The validator sends something every second; after this long it is gone.
const silence = 2000;

const at = (id) => document.getElementById(id);
let language = 'fi';
let heldUntil = 0;
let later = null;

function put(id, text) {
  at(id).textContent = text;
  const row = at(id).closest('div');
  if (row && row.parentElement.id === 'facts') row.hidden = text === '';
}

// show puts a signal on the page at once.
function show(s) {
  language = words[s.language] ? s.language : language;
  document.documentElement.lang = language;
  for (const fact of ['charge', 'balance', 'until']) {
    put(fact, s[fact]);
    at(fact + '-word').textContent = words[language][fact];
  }
  put('what', s.lines[0]);
  put('do', s.lines[1]);
  document.body.dataset.lamp = s.lamp;
  play(s.tone);
  // How long the lamp took to get here, for who measures it.
  requestAnimationFrame(() => { document.body.dataset.shown = `${s.at} ${Date.now()}`; });
}

// hear is told of a signal: a result goes before everything, the idle lamp waits until the
// result was read.
function hear(s) {
  clearTimeout(later);
  const now = performance.now();
  if (s.lamp === 'idle' && now < heldUntil) {
    later = setTimeout(() => show(s), heldUntil - now);
    return;
  }
  heldUntil = s.lamp === 'idle' ? 0 : now + readingTime;
  show(s);
}

// The tones, for who does not look: each is notes of a pitch in hertz and seconds.
const tones = {
  high: [[1320, 0.18]],
  twice: [[660, 0.12], [0, 0.08], [660, 0.12]],
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

function gone() {
  clearTimeout(later);
  heldUntil = 0;
  show({ language, lamp: 'none', tone: 'none', lines: words[language].gone,
    charge: '', balance: '', until: '', at: Date.now() });
}

// listen hears the validator, and begins anew when it was gone. A pulse carries nothing; an
// EventSource does not tell of it, and so the stream is read here.
async function listen() {
  for (;;) {
    const stop = new AbortController();
    let timer = setTimeout(() => stop.abort(), silence);
    try {
      const answer = await fetch('events', { signal: stop.signal });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        clearTimeout(timer);
        timer = setTimeout(() => stop.abort(), silence);
        const parts = (rest + value).split('\n\n');
        rest = parts.pop();
        for (const part of parts) {
          if (part.startsWith('data: ')) hear(JSON.parse(part.slice(6)));
        }
      }
    } catch { /* it is gone, and what is shown says so */ }
    clearTimeout(timer);
    gone();
    await new Promise((again) => setTimeout(again, 500));
  }
}

listen();
