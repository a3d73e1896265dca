package blocklist_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"leima/blocklist"
	"leima/cardlayout"
)

// A list is built once, and answers for each card from its file.
func ExampleBuild() {
	folder, err := os.MkdirTemp("", "leima")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "list")
	blocked := cardlayout.WithCheckDigit(92469900010000001)
	if err := blocklist.Build(path, blocklist.List{
		Version: 1, Area: 227,
		Made:    time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC),
		Entries: []blocklist.Entry{{Number: blocked, Kind: cardlayout.Personal}},
	}); err != nil {
		fmt.Println(err)
	}
	list, err := blocklist.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer list.Close()
	for _, number := range []cardlayout.Number{blocked, blocked + 10} {
		_, listed, err := list.Lookup(number)
		fmt.Println(listed, err)
	}
	// Output:
	// true <nil>
	// false <nil>
}
