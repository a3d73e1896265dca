package main

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"

	"leima/cmd/internal/private"
)

// pemType is the PEM type of a private key in RFC 5958.
const pemType = "PRIVATE KEY"

// writeKey writes a new private key in PKCS #8 and PEM to a new file that only its owner may read.
func writeKey(path string, generate func() (key any, err error)) error {
	if err := absent(path, anotherName); err != nil {
		return err
	}
	key, err := generate()
	if err != nil {
		return err
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return replace(path, 0o600, func(w io.Writer) error {
		return pem.Encode(w, &pem.Block{Type: pemType, Bytes: raw})
	})
}

// readKey reads a private key of one kind. No error shows any of it.
func readKey[K any](path, kind, maker string) (key K, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return key, unreadable(path, err)
	}
	if err := private.OwnersAlone(path, info.Mode()); err != nil {
		return key, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return key, unreadable(path, err)
	}
	if key, err = private.Key[K](path, text, kind, maker); err != nil {
		err = mistake(err)
	}
	return key, err
}
