package journal

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"leima/hw/disk"
)

// keyType is the PEM type of a private key in RFC 5958.
const keyType = "PRIVATE KEY"

// DeviceKey reads the key with which a device signs the heads of its journal. If there is none it
// makes one that only its owner may read. No error shows any of it.
func DeviceKey(path string) (ed25519.PrivateKey, error) {
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) {
		key, err = makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("the device's key: %w", err)
	}
	return key, nil
}

func readKey(path string) (ed25519.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch mode := info.Mode().Perm(); {
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file: put the device's key there", path)
	case mode&0o077 != 0:
		return nil, fmt.Errorf("%s may be read or changed by others than its owner (mode %04o): "+
			"chmod 600 %s", path, mode, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	damaged := fmt.Errorf("%s is no key of Ed25519 in PEM: put the device's key there; or "+
		"give this file another name, and the next start makes another key, whose public part "+
		"the back office then needs", path)
	block, _ := pem.Decode(text)
	if block == nil || block.Type != keyType {
		return nil, damaged
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, damaged
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, damaged
	}
	return key, nil
}

// makeKey writes a key beside its place and renames it: half a key would be lost.
func makeKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, disk.Sync.Replace(path, 0o600, func(w io.Writer) error {
		return pem.Encode(w, &pem.Block{Type: keyType, Bytes: raw})
	})
}

// PublicText is the public key as verifiers take it: the base64 of its 32 bytes.
func PublicText(key ed25519.PrivateKey) string {
	return base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
}
