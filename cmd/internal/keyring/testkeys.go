package keyring

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"leima/cardlayout"
	"leima/validator/oncard"
)

// testKeys is the name of the public test keys.
const testKeys = "test"

// IsTestKeys reports whether a configuration means the test keys.
func IsTestKeys(keys string) bool { return keys == "" || keys == testKeys }

// Warning is the warning of a program with the test keys.
const Warning = "BENCH: these are the public test keys: not for passengers' cards"

// ErrTestKeys means that the test keys were to open cards on a real reader.
var ErrTestKeys = errors.New("these are the public test keys, and the reader is a " +
	"real one: name a key file of your own (bench keys new); for a bench, one that bench keys " +
	"test writes")

// ErrTestBackOffice means that passengers' journeys were to be sealed with a public key pair.
var ErrTestBackOffice = errors.New(
	"back_office is the public test key, and the cards " +
		"are not a bench's: make a key with bench journal key new, and name what " +
		"bench journal key show prints of it")

// testBackOffice is the public part of the test key.
const testBackOffice = "1Spam6zROakmXibl3sPiEfbpNi11ed/EoOkKQtYx0go="

// testSums are the beginnings of the SHA-256 of the test keys: so no program of a bus contains
// them, but each recognizes them.
var testSums = []string{
	"c73e275b1934dee6", // transport
	"3b06c0619119623e", // PICC
	"3b29207686907f86", // master
	"555416e927fcfc7c", // holder read
	"167fbb4952653ff7", // holder write
	"f6f0102397b4daff", // Transaction MAC
	"616ebd04ab236c4d", // seal of the rights
	"364462cf3f893058", // content of the rights
}

// areTestKeys reports whether a set contains any of the test keys, however it is marked.
func areTestKeys(k *oncard.Keys) bool {
	return slices.ContainsFunc(mastersOf(k), func(key cardlayout.Key) bool {
		sum := sha256.Sum256(key[:])
		return slices.Contains(testSums, hex.EncodeToString(sum[:8]))
	})
}

// mastersOf are all keys of a set; keys that are not set are zero.
func mastersOf(k *oncard.Keys) []cardlayout.Key {
	all := append([]cardlayout.Key{
		k.Transport, k.PICC, k.Master, k.HolderRead, k.HolderWrite,
		k.TMAC, k.Rights[0], k.Rights[1],
	}, k.Former...)
	for _, pair := range k.FormerRights {
		all = append(all, pair[:]...)
	}
	return all
}
