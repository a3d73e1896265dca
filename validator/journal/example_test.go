package journal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
)

// An intent is on the disk before the card is written, and is settled when the card has answered.
func ExampleJournal_Verify() {
	folder, err := os.MkdirTemp("", "leima")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "journal")
	if err := journal.Create(path, 9); err != nil {
		fmt.Println(err)
	}
	j, err := journal.Open(path)
	if err != nil {
		fmt.Println(err)
	}
	defer j.Close()
	id := j.Next()
	fmt.Println(j.Begin(validator.Event{
		ID: id, At: time.Unix(1772431200, 0).UTC(),
		Card: 924699001123456787, Reason: fare.Value, Charge: 251,
	}))
	fmt.Println(j.Settle(id, desfire.TMAC{}), j.Verify(nil), j.Extent().Last)
	// Output:
	// <nil>
	// <nil> <nil> 2
}
