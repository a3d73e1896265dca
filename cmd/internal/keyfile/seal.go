package keyfile

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	clean "leima/cmd/internal/text"
)

const (
	sealedType = "LEIMA SEALED KEYS"

	// iterations of PBKDF2 with HMAC-SHA-256, as OWASP's Password Storage Cheat Sheet of 2023
	// recommends. They take a bus a second at its start.
	iterations     = 600_000
	mostIterations = 10_000_000 // a file must not delay a start for ever

	saltSize      = 16
	keySize       = 32 // AES-256
	minPassphrase = 12 // bytes
)

// errSealed means that a sealed key file could not be opened: the passphrase is wrong, or the file
// was changed. The two cannot be told apart.
var errSealed = errors.New("it does not open: the passphrase is another one, or the file was " +
	"changed: look for the right passphrase, or take the copy of the file from the safe")

// IsSealed reports whether the text of a key file is sealed.
func IsSealed(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(text), []byte("-----BEGIN "+sealedType))
}

// Seal seals the text of a key file with a passphrase. Salt and nonce come from random.
func Seal(name string, text, passphrase []byte, random io.Reader) ([]byte, error) {
	if _, _, err := parse(name, text); err != nil {
		return nil, err
	}
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, fmt.Errorf("drawing a salt: %w", err)
	}
	aead, err := sealing(passphrase, salt, iterations)
	if err != nil {
		return nil, err
	}
	content := make([]byte, aead.NonceSize(), aead.NonceSize()+len(text)+aead.Overhead())
	if _, err := io.ReadFull(random, content); err != nil {
		return nil, fmt.Errorf("drawing a nonce: %w", err)
	}
	content = aead.Seal(content, content, text, []byte(sealedType))
	return pem.EncodeToMemory(&pem.Block{Type: sealedType, Headers: map[string]string{
		"Format": "1", "Iterations": strconv.Itoa(iterations), "Salt": hex.EncodeToString(salt),
	}, Bytes: content}), nil
}

// unseal opens the result of Seal.
func unseal(sealed, passphrase []byte) ([]byte, error) {
	block, rest := pem.Decode(sealed)
	if block == nil || block.Type != sealedType || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("it is damaged: take the copy of the file from the safe")
	}
	if block.Headers["Format"] != "1" {
		return nil, errors.New("it is of a later format: renew the program")
	}
	salt, err := hex.DecodeString(block.Headers["Salt"])
	rounds, bad := strconv.Atoi(block.Headers["Iterations"])
	if err != nil || bad != nil || len(salt) != saltSize || rounds < 1 || rounds > mostIterations {
		return nil, errSealed
	}
	aead, err := sealing(passphrase, salt, rounds)
	if err != nil {
		return nil, err
	}
	if len(block.Bytes) < aead.NonceSize() {
		return nil, errSealed
	}
	nonce, content := block.Bytes[:aead.NonceSize()], block.Bytes[aead.NonceSize():]
	text, err := aead.Open(nil, nonce, content, []byte(sealedType))
	if err != nil {
		return nil, errSealed
	}
	return text, nil
}

// sealing is AES-256-GCM under a key derived from the passphrase (RFC 8018, 5.2).
func sealing(passphrase, salt []byte, rounds int) (cipher.AEAD, error) {
	key, err := pbkdf2.Key(sha256.New, string(passphrase), salt, rounds, keySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Where a passphrase is looked for by default.
const (
	passphraseVariable = "LEIMA_PASSPHRASE" // names the file
	pinCredential      = "leima-pin"
	credential         = "leima-passphrase" // in the folder of systemd's credentials
)

// Passphrase reads a passphrase from a file that only its owner may read, without a line break at
// its end. The default file is the one that LEIMA_PASSPHRASE names, or leima-passphrase in
// CREDENTIALS_DIRECTORY, where systemd puts it (systemd.exec(5), LoadCredential).
func Passphrase(path string) ([]byte, error) {
	if path == "" {
		path = os.Getenv(passphraseVariable)
	}
	if folder := os.Getenv("CREDENTIALS_DIRECTORY"); path == "" && folder != "" {
		path = filepath.Join(folder, credential)
	}
	if path == "" {
		return nil, errors.New("it is sealed, and no passphrase is there: name the passphrase's " +
			"file in LEIMA_PASSPHRASE, or give it to the service as the credential " + credential)
	}
	text, err := typed(path)
	if err != nil {
		return nil, fmt.Errorf("passphrase file %w", err)
	}
	if len(text) < minPassphrase {
		return nil, fmt.Errorf("passphrase file %s: want at least %d bytes: "+
			"openssl rand -base64 24 makes a good one", path, minPassphrase)
	}
	return text, nil
}

// PIN reads the PIN of a token from a file that only its owner may read, without a line break at
// its end. The default file is the credential leima-pin of systemd.
func PIN(path string) ([]byte, error) {
	if folder := os.Getenv("CREDENTIALS_DIRECTORY"); path == "" && folder != "" {
		path = filepath.Join(folder, pinCredential)
	}
	if path == "" {
		return nil, errors.New("the token of the keys has a PIN, and none is there: name its " +
			"file as pin-source=file:PATH, or give it to the service as the credential " +
			pinCredential)
	}
	text, err := typed(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("PIN file %w", err)
	case len(text) == 0:
		return nil, fmt.Errorf("PIN file %s is empty: want the token's PIN in it", path)
	}
	return text, nil
}

// typed is the text of a file that only its owner may read, without a line break at its end.
func typed(path string) ([]byte, error) {
	text, err := load(path)
	if err == nil && (bytes.HasPrefix(text, []byte{0xFF, 0xFE}) ||
		bytes.HasPrefix(text, []byte{0xFE, 0xFF})) {
		err = fmt.Errorf("%s is saved as UTF-16: save it as UTF-8", path)
	}
	return bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r")), err
}

// Text reads a key file, unsealed. The passphrase is that of Passphrase; it is nil if none was
// needed.
func Text(path, passphraseFile string) (text, passphrase []byte, err error) {
	text, err = load(path)
	if err != nil {
		return nil, nil, fmt.Errorf("key file %w", err)
	}
	if IsSealed(text) {
		if passphrase, err = Passphrase(passphraseFile); err == nil {
			text, err = unseal(text, passphrase)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("key file %s: %w", path, err)
		}
	}
	text, err = clean.Clean(path, text)
	return text, passphrase, err
}
