package upload

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"leima/validator/backoff"
	"leima/validator/journal"
)

// The limits of a request.
const (
	mostEntries = 500
	mostBytes   = 128 << 10 // before compression
	deadline    = 30 * time.Second
	mostAnswer  = 64 << 10 // bytes
)

// The pauses.
const (
	look    = 5 * time.Second // an entry waits for at most as long
	report  = time.Hour       // between two that say that nothing is new
	longest = 5 * time.Minute // after a failure
)

// Journal is what is sent: *journal.Journal.
type Journal interface {
	Export(after uint64, each func(position uint64, item []byte) error) error
	Extent() journal.Extent
	SignedHead() (h journal.SignedHead, ok bool, err error)
	Acknowledge(upTo uint64) error
}

// A Client sends one device's journal.
type Client struct {
	Device  uint16
	URL     string // of the depot, without a path
	HTTP    *http.Client
	Journal Journal
	Log     *slog.Logger
	Now     func() time.Time

	// Sent, if not nil, is called after each answer that has acknowledged something, and Failed
	// after each failure.
	Sent   func(at time.Time)
	Failed func(error)

	after    uint64    // the last position that the depot has
	oldest   bool      // nothing before it is here
	reported time.Time // the last time that this was said to be all
	pause    backoff.Pause
	unheard  *batch // was sent last, and not answered
	said     string // the last failure in the log
}

// Run sends until the context ends.
func (c *Client) Run(ctx context.Context) {
	extent := c.Journal.Extent()
	c.after, c.pause.Longest = extent.Acknowledged, longest
	for ctx.Err() == nil {
		more, err := c.round(ctx)
		wait := look
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = c.fail(err)
		case more:
			wait = 0
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// fail says a failure, once, and returns how long to wait.
func (c *Client) fail(err error) time.Duration {
	if c.Failed != nil {
		c.Failed(err)
	}
	if err.Error() != c.said {
		c.Log.Warn("upload: the journal stays here, and is sent later", "error", err)
		c.said = err.Error()
	}
	wait := c.pause.Next()
	var later *laterError
	if errors.As(err, &later) {
		wait = max(wait, min(later.after, longest))
	}
	return wait
}

// round sends one batch, if there is anything to say. It reports whether more waits.
func (c *Client) round(ctx context.Context) (more bool, err error) {
	b := c.unheard
	if b == nil || b.whole && c.Journal.Extent().Last > b.last { // that is not all any more
		if b, err = c.collect(); err != nil || b == nil {
			return false, err
		}
	}
	c.unheard = b // until it is answered: it may have arrived, and is sent as it is
	status, answer, err := c.post(ctx, b)
	switch {
	case err != nil:
		return false, err
	case status == http.StatusConflict:
		c.unheard = nil
		return false, c.resume(answer)
	case status != http.StatusOK:
		return false, fmt.Errorf("the depot answers %d %s: %s", status, http.StatusText(status),
			saidBy(answer))
	}
	c.unheard = nil
	return !b.whole, c.acknowledge(answer, b)
}

// A batch is what one request holds.
type batch struct {
	items []byte
	body  []byte              // the items as they are sent
	sent  map[uint64][32]byte // the hashes of its positions
	last  uint64
	whole bool // nothing waits behind it
}

var errEnough = errors.New("the batch is full")

// collect makes the next batch; nil if there is nothing to say.
func (c *Client) collect() (*batch, error) {
	b := &batch{sent: map[uint64][32]byte{}, whole: true}
	due := c.Now().Sub(c.reported).Abs() >= report
	if extent := c.Journal.Extent(); !due && extent.Last <= c.after && extent.Trouble == nil {
		return nil, nil
	}
	err := c.Journal.Export(c.after, func(position uint64, item []byte) error {
		if len(b.sent) == mostEntries || len(b.items)+len(item) > mostBytes && len(b.sent) > 0 {
			b.whole = false
			return errEnough
		}
		read, _, err := journal.ReadItem(item)
		if err != nil {
			return err
		}
		b.items, b.last, b.sent[position] = append(b.items, item...), position, read.Hash
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	if b.whole {
		err = c.conclude(b)
	}
	if err != nil && !errors.Is(err, errEnough) || len(b.items) == 0 {
		return nil, err
	}
	return b, b.pack()
}

func (b *batch) pack() error {
	var body bytes.Buffer
	packed := gzip.NewWriter(&body)
	_, err := packed.Write(b.items)
	err = errors.Join(err, packed.Close())
	b.body = body.Bytes()
	return err
}

// conclude adds the signed head to a batch that reaches it.
func (c *Client) conclude(b *batch) error {
	head, signed, err := c.Journal.SignedHead()
	if err != nil || !signed || len(b.sent) > 0 && head.Position != b.last ||
		len(b.sent) == 0 && head.Position != c.after && !c.oldest {
		return err
	}
	item, err := head.Export(c.Device)
	if err != nil {
		return err
	}
	b.items, b.last, b.sent[head.Position] = append(b.items, item...), head.Position, head.Hash
	return nil
}

// post sends a batch.
func (c *Client) post(ctx context.Context, b *batch) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	address := fmt.Sprintf("%s/v1/devices/%d/journal", c.URL, c.Device)
	if c.oldest {
		address += "?oldest"
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(b.body))
	if err != nil {
		return 0, nil, err
	}
	q.Header.Set("Content-Type", "application/cbor-seq")
	q.Header.Set("Content-Encoding", "gzip")
	q.Header.Set("Leima-Waiting", strconv.FormatUint(c.Journal.Extent().Last-b.last, 10))
	a, err := c.HTTP.Do(q)
	if err != nil {
		return 0, nil, fmt.Errorf("the depot is not reached: %w", err)
	}
	defer a.Body.Close()
	if answer, err = io.ReadAll(io.LimitReader(a.Body, mostAnswer)); err != nil {
		return 0, nil, fmt.Errorf("the depot's answer was cut: %w", err)
	}
	if a.StatusCode == http.StatusTooManyRequests || a.StatusCode == http.StatusServiceUnavailable {
		return 0, nil, &laterError{backoff.Asked(a), saidBy(answer)}
	}
	return a.StatusCode, answer, nil
}

// A laterError is a depot's wish to be asked later.
type laterError struct {
	after time.Duration
	says  string
}

func (e *laterError) Error() string { return "the depot wants to be asked later: " + e.says }

// A head is where a chain of the depot ends.
type head struct {
	Position uint64 `json:"position"`
	Hash     string `json:"hash"`
}

// is reports whether it is a hash.
func (h head) is(hash [32]byte) bool { return h.Hash == hex.EncodeToString(hash[:]) }

// acknowledge takes an answer for what was sent, if it is one.
func (c *Client) acknowledge(answer []byte, b *batch) error {
	var h head
	if err := json.Unmarshal(answer, &h); err != nil {
		return errors.New("the depot's answer is none, and nothing is acknowledged by it")
	}
	hash, sent := b.sent[h.Position]
	if !sent || !h.is(hash) {
		return fmt.Errorf("alarm: the depot acknowledges entry %d with another hash, or one that "+
			"was not sent: nothing is acknowledged by it", h.Position)
	}
	if err := c.Journal.Acknowledge(h.Position); err != nil {
		return err
	}
	c.after, c.oldest = max(h.Position, c.after), false
	c.pause.Reset()
	if b.whole && h.Position == b.last {
		c.reported = c.Now()
	}
	if c.said != "" {
		c.Log.Info("upload: the depot answers again", "position", h.Position)
		c.said = ""
	}
	if c.Sent != nil {
		c.Sent(c.Now())
	}
	return nil
}

// saidBy is the text of an answer's error.
func saidBy(answer []byte) string {
	var says struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(answer, &says) != nil || says.Error == "" {
		return "it does not say why"
	}
	return says.Error
}
