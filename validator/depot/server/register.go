package server

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// A Register knows the devices.
type Register interface {
	// Key is the public key of a device; known is false if there is none, or if it was withdrawn.
	Key(device uint16) (key ed25519.PublicKey, known bool)
}

// Known lets the devices of a register ask a handler, whichever of them it is: each says its number
// in its certificate.
func Known(register Register, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		number := ""
		if q.TLS != nil && len(q.TLS.PeerCertificates) > 0 {
			number = q.TLS.PeerCertificates[0].Subject.CommonName
		}
		if _, err := device(register, q, number); err != nil {
			answer(w, http.StatusForbidden, map[string]string{"error": err.Error()})
			return
		}
		next.ServeHTTP(w, q)
	})
}

// device is a number that a client says is its own, if the register has the client's key for it.
func device(register Register, q *http.Request, says string) (uint16, error) {
	number, err := strconv.ParseUint(says, 10, 16)
	if err != nil || q.TLS == nil || len(q.TLS.PeerCertificates) == 0 {
		return 0, errors.New("this is not how a device is asked for")
	}
	key, known := register.Key(uint16(number))
	if !known {
		return 0, fmt.Errorf("device %d is not in the register, or was withdrawn: let a person "+
			"add it (depot device add)", number)
	}
	if !key.Equal(q.TLS.PeerCertificates[0].PublicKey) {
		return 0, fmt.Errorf("this is not the key of device %d: if the device has a new one, "+
			"let a person withdraw and add it again (depot device)", number)
	}
	return uint16(number), nil
}
