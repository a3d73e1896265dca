package bundle_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"os"
	"strings"
	"time"

	"leima/validator/lists/bundle"
)

// Who sends lists signs them, for one purpose and one area; a device takes what it trusts.
func ExampleWrite() {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	made := time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC)
	manifest := bundle.Manifest{
		Purpose: bundle.BlockList, Area: 227, Version: 7, Made: made,
		Expires: made.AddDate(0, 0, 14),
	}
	var sent bytes.Buffer
	if _, err := bundle.Write(&sent, manifest, strings.NewReader("the list\n"), key); err != nil {
		fmt.Println(err)
	}
	trust := bundle.Trust{
		Keys: []bundle.PublicKey{bundle.Public(key)}, Purpose: bundle.BlockList,
		Area: 227, At: made, Largest: 1 << 20,
	}
	received, err := bundle.Read(&sent, trust)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("version", received.Version)
	_, _ = received.WriteTo(os.Stdout)
	// Output:
	// version 7
	// the list
}
