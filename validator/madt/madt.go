// Package madt opens a page as a tab of the driver's terminal on a bus with ITxPT (S02P08, MADT
// 2.1), and keeps it there: the terminal closes a tab that does not say that it is alive.
//
// How the requests travel is in none of the published files: they are POSTed to one address, as
// JSON. No terminal was to be had. Its rule: a terminal that does not answer is asked again, and
// holds nothing up.
package madt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// A Tab is a page on a terminal.
type Tab struct {
	Terminal string // URL to which requests are sent
	Page     string // URL that the terminal's browser shows
	Log      *slog.Logger

	Every time.Duration // it says that it is alive; 0: 20 seconds
}

// lives is after how many seconds a terminal closes a tab that it has not heard of.
const lives = 60

// A request is any of the requests (Request_NewWebTab.json, Request_IAmAlive.json, …).
type request struct {
	Request  string `json:"req"`
	Position int    `json:"preferredPos,omitempty"` // -2: the terminal chooses
	Flags    int    `json:"flags,omitempty"`
	Icon     string `json:"iconUrl,omitempty"`
	URL      string `json:"url,omitempty"`
	Tab      *int   `json:"tabId,omitempty"`
	Lives    int    `json:"TTL,omitempty"`
}

// An answer is a terminal's.
type answer struct {
	Code *int `json:"retCode"` // 0: done
	Tab  int  `json:"tabId"`
}

// Keep keeps the tab open until ctx ends, and closes it then.
func (t *Tab) Keep(ctx context.Context) {
	every := t.Every
	if every <= 0 {
		every = 20 * time.Second
	}
	open, said := (*int)(nil), ""
	for ctx.Err() == nil {
		var err error
		if open == nil {
			open, err = t.open(ctx)
		} else if err = t.alive(ctx, open); err != nil && ctx.Err() == nil {
			open = nil
		}
		if text := fmt.Sprint(err); err != nil && text != said && ctx.Err() == nil {
			t.Log.Warn("the driver's terminal does not show the page, and is asked again",
				"error", err)
			said = text
		}
		select {
		case <-time.After(every):
		case <-ctx.Done():
		}
	}
	if open != nil {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_, _ = t.ask(end, request{Request: "KillTab", Tab: open})
	}
}

func (t *Tab) alive(ctx context.Context, tab *int) error {
	_, err := t.ask(ctx, request{Request: "IAmAlive", Tab: tab, Lives: lives})
	return err
}

func (t *Tab) open(ctx context.Context) (*int, error) {
	a, err := t.ask(ctx, request{
		Request: "NewWebTab", Position: -2, Flags: 1, Icon: t.Page + "/icon.svg", URL: t.Page,
	})
	if err != nil {
		return nil, err
	}
	return &a.Tab, nil
}

var client = &http.Client{
	Timeout:       5 * time.Second,
	Transport:     &http.Transport{MaxResponseHeaderBytes: 16 << 10},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// largest is how many bytes of an answer are read.
const largest = 4 << 10

func (t *Tab) ask(ctx context.Context, r request) (a answer, err error) {
	body, _ := json.Marshal(r)
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, t.Terminal, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	q.Header.Set("Content-Type", "application/json")
	came, err := client.Do(q)
	if err != nil {
		return a, err
	}
	defer came.Body.Close()
	text, err := io.ReadAll(io.LimitReader(came.Body, largest))
	switch {
	case err != nil:
		return a, err
	case json.Unmarshal(text, &a) != nil || a.Code == nil:
		return a, errors.New("the terminal's answer has no retCode")
	case *a.Code != 0:
		return a, fmt.Errorf("the terminal refuses %s with code %d", r.Request, *a.Code)
	}
	return a, nil
}
