package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/upload"
)

// files are how many files the depot has open.
func (p *process) files() int {
	p.t.Helper()
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.running.Process.Pid))
	require.NoError(p.t, err)
	return len(open)
}

// Ensure that strangers who connect and say nothing, more than the depot can bear, do not fill it,
// and that devices send meanwhile.
func TestNobodyFillsTheDepot(t *testing.T) {
	p, authorities := newDepot(t)
	f := newCity(t, p, 20)
	p.starts()
	defer func() { p.killed() }()
	before := p.files()
	ctx, cancel := context.WithCancel(t.Context())
	var sending sync.WaitGroup
	for n, d := range f.devices {
		d.Record(10, 1)
		link, err := upload.NewHTTP(uint16(n+1), d.Key(), authorities)
		require.NoError(t, err)
		sender := upload.Client{
			Device: uint16(n + 1), URL: p.address, HTTP: link, Journal: d.Journal,
			Log: slog.New(slog.DiscardHandler), Now: time.Now,
		}
		sending.Go(func() { sender.Run(ctx) })
	}
	most := 0
	for n := range mostConnections + 500 {
		stranger, err := net.Dial("tcp", strings.TrimPrefix(p.address, "https://"))
		require.NoError(t, err)
		defer stranger.Close()
		if n%500 == 499 {
			most = max(most, p.files())
		}
	}
	f.arrived()
	cancel()
	sending.Wait()
	require.LessOrEqual(t, most, before+mostConnections+1, "with the one that is coming in")
}
