package main

import (
	"context"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Ensure that a card lies in the virtual reader until it is taken away, answers there,
// and is kept.
func TestEmulate(t *testing.T) {
	folder(t, "aino.img")
	before, err := os.ReadFile("aino.img")
	require.NoError(t, err)
	vpcd, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer vpcd.Close()

	ctx, takeAway := context.WithCancel(context.Background())
	ended := make(chan int)
	var out, errs strings.Builder
	go func() {
		ended <- run(ctx, []string{"emulate", "aino.img", "--address", vpcd.Addr().String()}, nil, &out, &errs)
	}()
	reader, err := vpcd.Accept()
	require.NoError(t, err)
	require.NoError(t, reader.SetDeadline(time.Now().Add(10*time.Second)))
	_, err = reader.Write([]byte{0, 1, 0x01, 0, 1, 0x04}) // power, and the ATR
	require.NoError(t, err)
	atr := make([]byte, 8)
	_, err = io.ReadFull(reader, atr)
	require.NoError(t, err)
	require.Equal(t, []byte{0, 6, 0x3B, 0x81, 0x80, 0x01, 0x80, 0x80}, atr)

	takeAway()
	require.Zero(t, <-ended, errs.String())
	require.Contains(t, out.String(), "aino.img is in the reader")
	after, err := os.ReadFile("aino.img")
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// Ensure that without pcscd the message says what is missing.
func TestEmulateWithoutReader(t *testing.T) {
	folder(t, "aino.img")
	came := tool(t, "", "emulate", "aino.img", "--address", "127.0.0.1:1")
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, "vsmartcard-vpcd")
	came = tool(t, "", "emulate", "blank.img", "--blank", "ev2", "--address", "127.0.0.1:1")
	require.Equal(t, exitFailed, came.code)
	require.NoFileExists(t, "blank.img")
}
