package private

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// keyType is the PEM type of a private key in RFC 5958.
const keyType = "PRIVATE KEY"

// Key reads a private key of one kind from the text of a file, which maker makes. No error shows
// any of it.
func Key[K any](path string, text []byte, kind, maker string) (key K, err error) {
	block, _ := pem.Decode(bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))) // an editor's mark
	if block != nil && block.Type == keyType {
		if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
			if key, is := parsed.(K); is {
				return key, nil
			}
		}
	}
	return key, fmt.Errorf("%s is no key of %s in PEM: make one with %s", path, kind, maker)
}
