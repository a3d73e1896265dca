package panel

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"sync"
	"time"

	"leima/hw"
)

// A Page is a panel that a browser shows in full screen: the passenger's display. It keeps only the
// newest signal and the newest result, so a browser that does not read holds up nothing. The result
// is kept because the idle lamp may follow it at once.
type Page struct {
	Words Words            // the page's own words
	Now   func() time.Time // the machine's clock, which need not be the bus's

	mu      sync.Mutex
	count   uint64        // the number of all signals
	newest  numbered      // the newest signal
	result  numbered      // the newest signal but for the idle lamp
	changed chan struct{} // closed at the next signal
}

var _ hw.Panel = (*Page)(nil)

// Words are the page's own words: those beside the amounts, and the notice that the validator is
// gone.
type Words struct {
	Language string    `json:"language"` // fi, sv or en
	Charge   string    `json:"charge"`
	Balance  string    `json:"balance"`
	Until    string    `json:"until"`
	Gone     [2]string `json:"gone"`
}

// shown is a signal as the page receives it.
type shown struct {
	Lamp    string    `json:"lamp"`
	Tone    string    `json:"tone"`
	Lines   [2]string `json:"lines"`
	Charge  string    `json:"charge"`
	Balance string    `json:"balance"`
	Until   string    `json:"until"`
	At      int64     `json:"at"` // when the lamp was lit, in milliseconds since 1970
}

// Show implements hw.Panel.
func (p *Page) Show(s hw.Signal) error {
	s = legible(s)
	text, err := json.Marshal(shown{
		s.Lamp.String(), s.Tone.String(), s.Lines,
		s.Charge, s.Balance, s.Until, p.Now().UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("%w: %w", hw.ErrPanel, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	p.newest = numbered{p.count, text}
	if s.Lamp != hw.LampIdle {
		p.result = p.newest
	}
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
	return nil
}

// A numbered signal, encoded as JSON.
type numbered struct {
	number uint64
	text   []byte
}

// after returns the signal that follows the one a browser has shown, and a channel that is closed
// when there is another.
func (p *Page) after(shown uint64) (next numbered, changed chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	if shown != 0 && p.result.number > shown {
		return p.result, p.changed
	}
	return p.newest, p.changed
}

//go:embed page
var assets embed.FS

// policy lets the page load nothing but its own files.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ServeHTTP serves the display at the root, and its signals as server-sent events.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		http.Error(w, "the display only shows", http.StatusMethodNotAllowed)
	case r.URL.Path == "/events":
		p.stream(w, r)
	case r.URL.Path == "/words.js":
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		text, _ := json.Marshal(p.Words) // texts always can be marshalled
		_, _ = w.Write(append([]byte("const words = "), text...))
	default:
		files, _ := fs.Sub(assets, "page") // the folder is embedded
		http.FileServerFS(files).ServeHTTP(w, r)
	}
}

// The pulse of the stream: soon after a missing one the page knows that the validator is gone. A
// browser that takes longer than the deadline over one signal is gone itself.
const (
	pulse    = time.Second
	deadline = 5 * time.Second
)

func (p *Page) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // the request has no more to read
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	for shown := uint64(0); ; {
		next, changed := p.after(shown)
		line := ": \n\n"
		if next.number > shown {
			line = "data: " + string(next.text) + "\n\n"
			shown = next.number
		}
		_ = control.SetWriteDeadline(p.Now().Add(deadline))
		if _, err := w.Write([]byte(line)); err != nil || control.Flush() != nil {
			return
		}
		if later, _ := p.after(shown); later.number > shown {
			continue
		}
		select {
		case <-r.Context().Done():
			return
		case <-changed:
		case <-beat.C:
		}
	}
}
