//go:build !pcsc

package cmd_test

import (
	"os"
	"testing"

	"leima/cmd/internal/programs"
)

func TestMain(m *testing.M) { os.Exit(programs.Tests{M: m}.Run()) }
