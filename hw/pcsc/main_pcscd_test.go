//go:build pcsc && linux

package pcsc_test

import (
	"testing"

	"leima/hw/pcsc/pcscdtest"
)

func TestMain(m *testing.M) { pcscdtest.Main(m) }
