package tape_test

import (
	"fmt"
	"strings"

	"leima/hw/tape"
)

// A recorded conversation answers as the card did, until something else is asked.
func ExampleTape_Play() {
	recorded, err := tape.Read(strings.NewReader(`tape: 1
keys: test
reader: ACS ACR122U PICC Interface 00 00

# who is there
> FFCA000000
< 040102030405069000  412us
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := recorded.Play().Transmit([]byte{0xFF, 0xCA, 0, 0, 0})
	fmt.Printf("% X %v\n", answer, err)
	// Output: 04 01 02 03 04 05 06 90 00 <nil>
}
