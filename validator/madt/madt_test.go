package madt_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/madt"
)

// Ensure that a page is opened as a tab, kept alive, opened again when the terminal has forgotten it
// or answers nonsense, and closed in the end.
func TestKeep(t *testing.T) {
	t.Parallel()
	asked, answers := make(chan map[string]any), make(chan string)
	terminal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		var said map[string]any
		if json.NewDecoder(q.Body).Decode(&said) == nil {
			asked <- said
			_, _ = io.WriteString(w, <-answers)
		}
	}))
	defer terminal.Close()
	tab := &madt.Tab{
		Terminal: terminal.URL, Page: "https://192.0.2.1:8080", Every: time.Millisecond,
		Log: slog.New(slog.DiscardHandler),
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { tab.Keep(ctx); close(ended) }()
	for _, step := range []struct{ request, answer string }{
		{"NewWebTab", `{"retCode":1}`},
		{"NewWebTab", `busy`},
		{"NewWebTab", `{}`},
		{"NewWebTab", strings.Repeat(" ", 1<<20)},
		{"NewWebTab", `{"retCode":0,"tabId":3}`},
		{"IAmAlive", `{"retCode":0}`},
		{"IAmAlive", `{"retCode":2}`},
		{"NewWebTab", `{"retCode":0,"tabId":0}`},
		{"IAmAlive", `{"retCode":0}`},
	} {
		said := <-asked
		require.Equal(t, step.request, said["req"])
		if step.request == "NewWebTab" {
			require.Equal(t, map[string]any{
				"req": "NewWebTab", "preferredPos": -2., "flags": 1.,
				"iconUrl": "https://192.0.2.1:8080/icon.svg", "url": "https://192.0.2.1:8080",
			}, said)
		} else {
			require.Contains(t, said, "tabId")
		}
		answers <- step.answer
	}
	cancel()
	for said := range asked {
		answers <- `{"retCode":0}`
		if said["req"] == "KillTab" {
			require.Equal(t, 0., said["tabId"])
			break
		}
	}
	<-ended
}
