package server

import (
	"compress/gzip"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"leima/validator/depot"
)

// The limits of a request. A device sends at most 128 KiB before compression.
const (
	mostPacked   = 256 << 10
	mostUnpacked = 512 << 10
	deadline     = 30 * time.Second
)

// later is how long a device waits if there is no room, and soon if it sends too much at once.
const (
	later = time.Minute
	soon  = 5 * time.Second
)

// A Server is the handler of what devices send.
type Server struct {
	Receiver *depot.Receiver
	Register Register
	Log      *slog.Logger

	// Heard, if not nil, is called after what was kept. report says that this is all; otherwise so
	// many entries wait on the device, by its own word; 0: it has not said.
	Heard func(device uint16, report bool, waiting uint64)

	turns  turns
	strays refusals // of who is not in the register
	broken refusals // of what is no journal
	unkept refusals // of what could not be kept
}

// TLS is how a depot with a certificate is spoken with: each client shows a key.
func TLS(certificate tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13,
		ClientAuth: tls.RequireAnyClientCert,
	}
}

// Handler serves the paths of devices.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/devices/{device}/journal", s.receive)
	return mux
}

// receive keeps what a device sends.
func (s *Server) receive(w http.ResponseWriter, q *http.Request) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(deadline))
	device, err := device(s.Register, q, q.PathValue("device"))
	if err != nil {
		s.strays.say(s.Log.Warn, s.Receiver.Now(), "a device is refused", "error", err)
		s.refuse(w, http.StatusForbidden, err)
		return
	}
	leave, may := s.turns.enter(device)
	if !may {
		w.Header().Set("Retry-After", strconv.Itoa(int(soon/time.Second)))
		s.refuse(w, http.StatusTooManyRequests, errors.New("the device sends too much at once"))
		return
	}
	defer leave()
	raw, err := unpack(w, q)
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) || errors.Is(err, errLarge) {
		s.refuse(w, http.StatusRequestEntityTooLarge, errLarge)
		return
	}
	items, failed := depot.Items(raw)
	if err = errors.Join(err, failed); err != nil {
		s.refuse(w, http.StatusBadRequest, err)
		return
	}
	head, err := s.Receiver.Receive(q.Context(), device, items, q.URL.Query().Has("oldest"))
	var gap *depot.GapError
	switch {
	case err == nil:
		if s.Heard != nil {
			waiting, _ := strconv.ParseUint(q.Header.Get("Leima-Waiting"), 10, 64)
			s.Heard(device, items[len(items)-1].IsHead(), waiting)
		}
		answer(w, http.StatusOK, position{head.Position, hex.EncodeToString(head.Hash[:])})
	case errors.As(err, &gap):
		heads := []position{}
		for _, h := range gap.Heads {
			heads = append(heads, position{h.Position, hex.EncodeToString(h.Hash[:])})
		}
		answer(w, http.StatusConflict, map[string]any{"heads": heads, "error": err.Error()})
	case errors.Is(err, depot.ErrBroken):
		s.broken.say(s.Log.Error, s.Receiver.Now(), "a device sends what is no journal",
			"device", device, "error", err)
		s.refuse(w, http.StatusBadRequest, err)
	default:
		s.unkept.say(s.Log.Error, s.Receiver.Now(), "nothing could be kept", "device", device,
			"error", err)
		w.Header().Set("Retry-After", strconv.Itoa(int(later/time.Second)))
		s.refuse(w, http.StatusServiceUnavailable, errors.New("the depot cannot keep it now"))
	}
}

var errLarge = errors.New("a device sends at most 128 KiB at once")

// unpack reads a body.
func unpack(w http.ResponseWriter, q *http.Request) ([]byte, error) {
	body := http.MaxBytesReader(w, q.Body, mostPacked)
	if q.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(body)
	}
	packed, err := gzip.NewReader(body)
	if err != nil {
		return nil, fmt.Errorf("it is not packed as it says: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(packed, mostUnpacked+1))
	if err == nil && len(raw) > mostUnpacked {
		err = errLarge
	}
	return raw, err
}

// A position is where a chain ends, as it is answered.
type position struct {
	Position uint64 `json:"position"`
	Hash     string `json:"hash"`
}

func (s *Server) refuse(w http.ResponseWriter, status int, err error) {
	answer(w, status, map[string]string{"error": err.Error()})
}

func answer(w http.ResponseWriter, status int, says any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(says)
}
