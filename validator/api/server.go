package api

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"leima/validator/listener"
)

// NewServer serves a device over HTTP. If there is a token, callers without it are refused.
func NewServer(d Device, token string) *http.Server {
	return listener.NewServer(requireToken(newHandler(d), token))
}

// largest is the longest request; an order has some hundred bytes.
const largest = 16 << 10

// copying is the longest time for a copy, over the slowest network of a bus.
const copying = 5 * time.Minute

// A server answers requests about a device.
type server struct {
	device Device
	seats  listener.Streams
}

// newHandler serves every path of openapi.yaml.
func newHandler(d Device) http.Handler {
	s := &server{device: d}
	mux := http.NewServeMux()
	for pattern, answer := range s.paths() {
		mux.HandleFunc(pattern, answer)
	}
	return mux
}

func (s *server) paths() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /v1/state":      s.state,
		"GET /v1/offer":      s.offer,
		"GET /v1/taps":       s.taps,
		"GET /v1/departures": s.departures,
		"GET /v1/events":     s.events,
		"POST /v1/orders":    s.order,
		"POST /v1/questions": s.question,
		"GET /v1/shifts/{driver}/{device}/{number}": s.tally,
		"GET /v1/mirror/{what}":                     s.mirror,
		"GET /openapi.yaml":                         s.description,
	}
}

func (s *server) description(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(openAPI)
}

// requireToken lets callers with the token through. The time of the comparison reveals nothing of
// it.
func requireToken(next http.Handler, token string) http.Handler {
	if token == "" {
		return next
	}
	want := sha256.Sum256([]byte("Bearer " + token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
			Write(w, nil, Refuse(http.StatusUnauthorized, "the token of the bus is missing"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) state(w http.ResponseWriter, r *http.Request) {
	state, err := s.device.State(r.Context())
	Write(w, state, err)
}

func (s *server) offer(w http.ResponseWriter, r *http.Request) {
	offer, err := s.device.Offer(r.Context())
	Write(w, offer, err)
}

func (s *server) departures(w http.ResponseWriter, r *http.Request) {
	departures, err := s.device.Departures(r.Context(), r.FormValue("line"))
	Write(w, departures, err)
}

func (s *server) taps(w http.ResponseWriter, r *http.Request) {
	taps, err := s.device.Taps(r.Context())
	Write(w, taps, err)
}

func (s *server) order(w http.ResponseWriter, r *http.Request) {
	var o Order
	if err := Read(w, r, &o); err != nil {
		Write(w, nil, err)
		return
	}
	answer, err := s.device.Do(r.Context(), o)
	Write(w, answer, err)
}

func (s *server) question(w http.ResponseWriter, r *http.Request) {
	var q Question
	if err := Read(w, r, &q); err != nil {
		Write(w, nil, err)
		return
	}
	advice, err := s.device.Ask(r.Context(), q)
	Write(w, advice, err)
}

func (s *server) tally(w http.ResponseWriter, r *http.Request) {
	driver, wrong1 := strconv.ParseUint(r.PathValue("driver"), 10, 32)
	device, wrong2 := strconv.ParseUint(r.PathValue("device"), 10, 14)
	number, wrong3 := strconv.ParseUint(r.PathValue("number"), 10, 32)
	if err := errors.Join(wrong1, wrong2, wrong3); err != nil {
		Write(w, nil, Refuse(http.StatusBadRequest, "a shift has three numbers"))
		return
	}
	tally, err := s.device.Tally(r.Context(), Shift{uint32(driver), uint16(device), uint32(number)})
	Write(w, tally, err)
}

func (s *server) mirror(w http.ResponseWriter, r *http.Request) {
	copied, err := s.device.Mirror(r.Context(), r.PathValue("what"))
	if errors.Is(err, fs.ErrNotExist) {
		err = Refuse(http.StatusNotFound, "there is no such thing to copy")
	}
	if err != nil {
		Write(w, nil, err)
		return
	}
	defer copied.Close()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(copying))
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = io.Copy(w, copied)
}

// events streams what Watch sends. An empty line goes out every second, so that the other end knows
// within two that the device is lost. A peer that does not read is cut off; if too many watch, so
// is the oldest (listener.Streams).
func (s *server) events(w http.ResponseWriter, r *http.Request) {
	ctx, leave := s.seats.Open(r)
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	Stream(ctx, w, func(ctx context.Context, tell func([]byte) error) error {
		return s.device.Watch(ctx, func(m Message) {
			if text, err := json.Marshal(m); err == nil {
				_ = tell(text)
			}
		})
	})
}
