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

// A Page is a panel that a browser shows in full screen: the passenger's display. It keeps
// the newest signal and the newest result, which a card that is pulled away would otherwise
// never leave time for; so a browser which does not read holds up nobody.
type Page struct {
	Language string           // of the words beside the amounts: fi, sv or en
	Now      func() time.Time // of the machine, which need not be the bus's

	mu      sync.Mutex
	count   uint64        // of all signals
	newest  numbered      // of them
	result  numbered      // the newest that is not the idle lamp
	changed chan struct{} // closed at the next one
}

var _ hw.Panel = (*Page)(nil)

// shown is a signal as the page knows it.
type shown struct {
	Language string    `json:"language"`
	Lamp     string    `json:"lamp"`
	Tone     string    `json:"tone"`
	Lines    [2]string `json:"lines"`
	Charge   string    `json:"charge"`
	Balance  string    `json:"balance"`
	Until    string    `json:"until"`
	At       int64     `json:"at"` // when the lamp was lit, milliseconds since 1970
}

// Show implements hw.Panel.
func (p *Page) Show(s hw.Signal) error {
	text, err := json.Marshal(shown{p.Language, s.Lamp.String(), s.Tone.String(), s.Lines,
		s.Charge, s.Balance, s.Until, p.Now().UnixMilli()})
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

// A numbered signal is in JSON.
type numbered struct {
	number uint64
	text   []byte
}

// after is what is to be shown next to a browser that has shown a signal, and what is closed
// when there is more.
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
	default:
		files, _ := fs.Sub(assets, "page") // which is embedded
		http.FileServerFS(files).ServeHTTP(w, r)
	}
}

// The pulse of the stream: the page knows after a little more that the validator is gone.
// A browser that takes longer than the deadline over one signal is gone itself.
const (
	pulse    = time.Second
	deadline = 5 * time.Second
)

func (p *Page) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	control := http.NewResponseController(w)
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
