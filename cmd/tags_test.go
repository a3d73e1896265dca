//go:build !pcsc

package cmd_test

// tags are those the programs are built with, as the tests are.
const tags = ""
