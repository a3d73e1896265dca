package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"leima/cardlayout/plain"
)

// Read reads a JSON request: without unknown fields, not too long, and without text that would
// command a terminal or a printer. Its error is a *Refused.
func Read(w http.ResponseWriter, r *http.Request, into any) error {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
		return Refuse(http.StatusUnsupportedMediaType, "want application/json")
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, largest))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return Refuse(http.StatusRequestEntityTooLarge,
			"a request has %d bytes at most", largest)
	case err != nil:
		return Refuse(http.StatusBadRequest, "the request is not what the API describes")
	case d.More():
		return Refuse(http.StatusBadRequest, "want one request at a time")
	}
	if err := plain.Strings(into); err != nil {
		return Refuse(http.StatusBadRequest, "a text cannot be shown: %v", err)
	}
	return nil
}

// Write answers a request in JSON; an error that is no *Refused is the server's fault.
func Write(w http.ResponseWriter, answer any, err error) {
	code := http.StatusOK
	if err != nil {
		refusal := Refuse(http.StatusInternalServerError, "%v", err)
		errors.As(err, &refusal)
		code, answer = refusal.Code, refusal
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer)
}
