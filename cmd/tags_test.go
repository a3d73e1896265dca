//go:build !pcsc

package cmd_test

import (
	"os"
	"testing"
)

// tags are those the programs are built with, as the tests are.
const tags = ""

func TestMain(m *testing.M) { os.Exit(tests{m}.Run()) }
