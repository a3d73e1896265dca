// Package computer plays the on-board computer of a bus whose services are heard over HTTP and
// found by DNS-SD: for tests and the bench. It is linked into no bus.
//
// What it says is package drive's. It answers questions with what it has said last, and sends that
// to those who have subscribed, until one does not take it. Like real ones it forgets its
// subscribers when it is started again.
package computer

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"leima/validator/place/drive"
	"leima/validator/place/subscription"
)

// A Computer has some services. The zero value has said nothing.
type Computer struct {
	Bare bool // values have no wrappers, as in ITxPT

	mu          sync.Mutex
	said        map[string][]byte          // by path
	subscribers map[string]map[string]bool // addresses, by path
}

// Say answers with something from now on, and sends it to who has subscribed.
func (c *Computer) Say(ctx context.Context, m drive.Message) {
	for _, to := range c.note(m) {
		if send(ctx, to, m.Payload) != nil {
			c.mu.Lock()
			delete(c.subscribers[m.Topic], to)
			c.mu.Unlock()
		}
	}
}

func (c *Computer) note(m drive.Message) (subscribers []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.said == nil {
		c.said = map[string][]byte{}
	}
	c.said[m.Topic] = m.Payload
	for to := range c.subscribers[m.Topic] {
		subscribers = append(subscribers, to)
	}
	return subscribers
}

// Restart forgets who has subscribed and what was said.
func (c *Computer) Restart() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said, c.subscribers = nil, nil
}

// Subscribers are the addresses of who has subscribed to a path.
func (c *Computer) Subscribers(path string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.subscribers[path]))
}

var client = &http.Client{Timeout: 2 * time.Second}

func send(ctx context.Context, to string, text []byte) error {
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(text))
	if err != nil {
		return err
	}
	q.Header.Set("Content-Type", "text/xml")
	answer, err := client.Do(q)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// ServeHTTP implements http.Handler.
func (c *Computer) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	path := strings.TrimPrefix(q.URL.Path, "/")
	text, err := io.ReadAll(http.MaxBytesReader(w, q.Body, 64<<10))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	path = strings.Replace(path, "/Subscribe", "/Get", 1)
	path = strings.Replace(path, "/Unsubscribe", "/Get", 1)
	if to, subscribe := c.subscriber(text); to != "" {
		answer, said := c.subscribe(path, to, subscribe)
		_, _ = w.Write(answer)
		if subscribe && said != nil { // at once what was said last, as publishers do
			go func() { _ = send(context.WithoutCancel(q.Context()), to, said) }()
		}
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.said[path] == nil {
		http.NotFound(w, q)
		return
	}
	_, _ = w.Write(c.said[path])
}

// subscriber is where somebody wants to have sent what is said, or not any more.
func (c *Computer) subscriber(text []byte) (to string, subscribe bool) {
	type leaf struct {
		Value string `xml:"Value"`
		Bare  string `xml:",chardata"`
	}
	var q struct {
		Address leaf `xml:"Client-IP-Address"`
		Port    leaf `xml:"ReplyPort"`
		Path    leaf `xml:"ReplyPath"`
	}
	if subscription.Unmarshal(text, &q) != nil || q.Address == (leaf{}) {
		return "", false
	}
	address := net.JoinHostPort(q.Address.Value, q.Port.Value)
	path := "/" + q.Path.Value
	if c.Bare {
		address, path = net.JoinHostPort(q.Address.Bare, q.Port.Bare), q.Path.Bare
	}
	return "http://" + address + path, !bytes.Contains(text, []byte("<UnsubscribeRequest"))
}

func (c *Computer) subscribe(path, to string, subscribe bool) (answer, said []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.subscribers == nil {
		c.subscribers = map[string]map[string]bool{}
	}
	if c.subscribers[path] == nil {
		c.subscribers[path] = map[string]bool{}
	}
	if subscribe {
		c.subscribers[path][to] = true
	} else {
		delete(c.subscribers[path], to)
	}
	name, active := "SubscribeResponse", "true"
	if !subscribe {
		name, active = "UnsubscribeResponse", "false"
	}
	if !c.Bare {
		active = "<Value>" + active + "</Value>"
	}
	answer = []byte("<" + name + "><Active>" + active + "</Active></" + name + ">")
	return answer, c.said[path]
}
