package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Read reads a request that is JSON, all of it known, and not too long. Its error is a
// *Refused.
func Read(w http.ResponseWriter, r *http.Request, into any) error {
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); kind != "application/json" {
		return &Refused{http.StatusUnsupportedMediaType, "want application/json"}
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, largest))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return &Refused{http.StatusRequestEntityTooLarge,
			fmt.Sprintf("a request has %d bytes at most", largest)}
	case err != nil:
		return &Refused{http.StatusBadRequest, "the request is not one that is known here"}
	case d.More():
		return &Refused{http.StatusBadRequest, "want one request at a time"}
	}
	return nil
}

// Write answers a request, in JSON; an error that is no *Refused is the server's own fault.
func Write(w http.ResponseWriter, answer any, err error) {
	code := http.StatusOK
	if err != nil {
		refusal := &Refused{http.StatusInternalServerError, err.Error()}
		errors.As(err, &refusal)
		code, answer = refusal.Code, refusal
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer)
}
