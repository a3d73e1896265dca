package jetstream

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"leima/validator/depot"
)

// subjects are those of all batches.
const subjects = "leima.journal.>"

// The headers of a message: where its chain is after it.
const (
	firstHeader    = "Leima-First"    // position of the chain's first entry
	positionHeader = "Leima-Position" // of its last one
	hashHeader     = "Leima-Hash"     // of its last one, in hex
	subjectHeader  = "Leima-Subject"  // its own; older messages have none
)

// Options say where a store is.
type Options struct {
	Servers  string // nats://host:port,nats://host:port
	Stream   string // its name
	Replicas int    // of the stream, at least: 1, 3 or 5
	Heads    string // the file of the acknowledged heads
	Nats     []nats.Option

	// Alarm is called when acknowledged entries are gone, after the last that is left.
	Alarm func(device uint16, after, upTo uint64)

	// Stranger is called once, for the first message that is no batch of its subject: somebody else
	// publishes there.
	Stranger func(subject string, message uint64)
}

// A Store implements depot.Store.
type Store struct {
	options Options
	nc      *nats.Conn
	js      jetstream.JetStream
	heads   *heads

	mu      sync.Mutex
	devices map[uint16]*device // nil: not read since the last failure
	anew    chan struct{}      // closed when the stream has gone back

	strange sync.Once
}

// A device's chains, as the stream has them.
type device struct {
	chains []depot.Chain
	last   []uint64 // the number of each chain's last message
	index  [][]held // of the chains whose batches were looked for
}

// held is where a batch is.
type held struct{ last, message uint64 }

// Open connects with the servers, and makes the stream if there is none.
func Open(ctx context.Context, o Options) (s *Store, err error) {
	s = &Store{options: o, devices: map[uint16]*device{}, anew: make(chan struct{})}
	if s.heads, err = openHeads(o.Heads); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	s.nc, err = nats.Connect(o.Servers, append([]nats.Option{
		nats.MaxReconnects(-1), nats.Name("leima depot"),
		nats.PingInterval(patience / 2), nats.MaxPingsOutstanding(1), // one that is cut off is left
		nats.IgnoreAuthErrorAbort(), // a person corrects it, there or in the file of credentials
	}, o.Nats...)...)
	if errors.Is(err, nats.ErrAuthorization) {
		return s, fmt.Errorf("NATS at %s: %w: correct [nats] credentials, or let the servers know "+
			"them", o.Servers, err)
	} else if err != nil {
		return s, fmt.Errorf("NATS at %s: %w: start it, or correct [nats] servers", o.Servers, err)
	}
	if most := s.nc.MaxPayload(); most < largest {
		return s, fmt.Errorf("NATS at %s: %w: want max_payload: %d in the servers' configuration, "+
			"not %d", o.Servers, ErrUnfit, largest, most)
	}
	if s.js, err = jetstream.New(s.nc); err != nil {
		return s, err
	}
	_, err = s.observed(ctx)
	return s, err
}

// stream makes the stream if there is none.
func (s *Store) stream(ctx context.Context) (jetstream.Stream, error) {
	stream, err := s.js.Stream(ctx, s.options.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = s.js.CreateStream(ctx, jetstream.StreamConfig{
			Name: s.options.Stream, Subjects: []string{subjects}, Replicas: s.options.Replicas,
			Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy,
			Discard: jetstream.DiscardNew, DenyDelete: true, DenyPurge: true,
		})
	}
	if err == nil {
		err = fit(&stream.CachedInfo().Config, s.options.Replicas)
	}
	if errors.Is(err, nats.ErrNoResponders) {
		err = errors.New("JetStream does not answer there: have the servers jetstream in their " +
			"configuration, and do most of them run?")
	}
	if err != nil {
		return nil, fmt.Errorf("the stream %s: %w", s.options.Stream, err)
	}
	return stream, nil
}

// ErrUnfit says that a stream would lose entries, or take none.
var ErrUnfit = errors.New("it would lose what was acknowledged, or refuse what a device sends")

// largest is the largest message, in bytes: the 512 KiB that a device sends at most, and more.
const largest = 768 << 10

// fit is ErrUnfit with the settings that are to be changed, if there are any: somebody else may
// have made the stream.
func fit(c *jetstream.StreamConfig, replicas int) error {
	var wrong []string
	for _, is := range []struct {
		wrong bool
		want  string
	}{
		{c.Replicas < replicas, fmt.Sprintf("replicas %d, not %d", replicas, c.Replicas)},
		{c.Storage != jetstream.FileStorage, "storage on files"},
		{c.Retention != jetstream.LimitsPolicy, "retention by limits"},
		{c.Discard != jetstream.DiscardNew, "discard new"},
		{c.MaxAge != 0, "no maximum age"},
		{c.MaxMsgsPerSubject > 0, "no maximum of messages a subject"},
		{c.PersistMode != jetstream.DefaultPersistMode, "persist mode default"},
		{c.NoAck, "acknowledgements"},
		{
			c.MaxMsgSize > 0 && c.MaxMsgSize < largest,
			fmt.Sprintf("messages of up to %d bytes", largest),
		},
		{!c.DenyDelete, "deny delete"},
		{!c.DenyPurge, "deny purge"},
		{c.SubjectTransform != nil, "no subject transform"},
		{!slices.Contains(c.Subjects, subjects), "the subjects " + subjects},
	} {
		if is.wrong {
			wrong = append(wrong, is.want)
		}
	}
	if wrong == nil {
		return nil
	}
	return fmt.Errorf("%w: want %s (\"nats stream edit\")", ErrUnfit, strings.Join(wrong, ", "))
}

// Close ends the connection.
func (s *Store) Close() error {
	if s.nc != nil {
		s.nc.Close()
	}
	return s.heads.close()
}

func subject(device uint16, chain uint8) string {
	return fmt.Sprintf("leima.journal.%d.%d", device, chain)
}

// patience is how long the servers may take.
const patience = 10 * time.Second

// Chains implements depot.Store.
func (s *Store) Chains(ctx context.Context, number uint16) ([]depot.Chain, error) {
	d, err := s.device(ctx, number)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []depot.Chain
	for _, c := range d.chains {
		if c.Position > 0 { // else it has only reported that it has nothing
			all = append(all, c)
		}
	}
	return all, nil
}

// device is how far a device is, by the stream. What is gone of it is an alarm.
func (s *Store) device(ctx context.Context, number uint16) (*device, error) {
	s.mu.Lock()
	d := s.devices[number]
	s.mu.Unlock()
	if d != nil {
		return d, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	d, err := s.read(ctx, number)
	if err != nil {
		return nil, err
	}
	if err := s.heads.gone(number, d.chains, s.options.Alarm); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.devices[number] = d
	return d, nil
}

// read reads the last message of each chain of a device.
func (s *Store) read(ctx context.Context, number uint16) (*device, error) {
	stream, err := s.observed(ctx)
	if err != nil {
		return nil, err
	}
	d := &device{}
	for chain := range uint8(math.MaxUint8) {
		last, err := stream.GetLastMsgForSubject(ctx, subject(number, chain))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			break
		}
		var c depot.Chain
		if err == nil {
			c, err = s.end(ctx, stream, last)
		}
		if err != nil {
			return nil, fmt.Errorf("the stream %s: %w", s.options.Stream, err)
		}
		c.Number = chain
		d.chains, d.last = append(d.chains, c), append(d.last, last.Sequence)
		d.index = append(d.index, nil)
	}
	return d, nil
}

// end is a chain after the last message of its subject; if that is a stranger's, after the last one
// that is not.
func (s *Store) end(ctx context.Context, stream jetstream.Stream, last *jetstream.RawStreamMsg) (
	c depot.Chain, err error,
) {
	c, err = chainOf(last.Header, last.Subject)
	if err == nil && s.batch(last.Subject, last.Data, last.Sequence) != nil {
		return c, nil
	}
	index, err := s.look(ctx, last.Subject)
	for _, h := range slices.Backward(index) {
		m, err := stream.GetMsg(ctx, h.message)
		if err != nil {
			return c, err
		}
		if s.batch(m.Subject, m.Data, m.Sequence) != nil {
			return chainOf(m.Header, m.Subject)
		}
	}
	return depot.Chain{}, err
}

// batch is that of a message; nil if it is none of its subject's, so that a stranger's.
func (s *Store) batch(of string, data []byte, message uint64) *depot.Batch {
	b, err := depot.Decode(data)
	if err == nil && of == subject(b.Device, b.Chain) {
		return b
	}
	s.strange.Do(func() {
		if s.options.Stranger != nil {
			s.options.Stranger(of, message)
		}
	})
	return nil
}

// observed is the stream, and notes if it was made anew or has gone back: if it has less than was
// acknowledged, or has another message in the place of the last one.
func (s *Store) observed(ctx context.Context) (jetstream.Stream, error) {
	seen, sum := s.heads.last() // before: others go on meanwhile
	stream, err := s.stream(ctx)
	if err != nil {
		return nil, err
	}
	info := stream.CachedInfo()
	back := info.State.LastSeq < seen
	if !back && sum != nil {
		m, err := stream.GetMsg(ctx, seen)
		if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil, fmt.Errorf("the stream %s: %w", s.options.Stream, err)
		}
		back = err != nil || sha256.Sum256(m.Data) != [sha256.Size]byte(sum)
	}
	return stream, s.begin(info, back, 0)
}

// begin begins an epoch if the stream is another one or has gone back, or if its cursors are not
// beyond one that was given.
func (s *Store) begin(info *jetstream.StreamInfo, back bool, beyond uint64) error {
	begun, err := s.heads.observe(info.Created, info.State.LastSeq, back, beyond)
	if err == nil && begun {
		s.mu.Lock()
		close(s.anew)
		s.anew = make(chan struct{})
		s.devices = map[uint16]*device{}
		s.mu.Unlock()
	}
	return err
}

// Beyond has cursors go on after one that was given before, if the file of the heads was lost, or
// another depot's messages: a follower would wait for those that it has seen.
func (s *Store) Beyond(ctx context.Context, cursor uint64) error {
	stream, err := s.observed(ctx)
	if err != nil {
		return err
	}
	return s.begin(stream.CachedInfo(), false, cursor)
}

// Append implements depot.Store.
func (s *Store) Append(ctx context.Context, b *depot.Batch) error {
	d, err := s.device(ctx, b.Device)
	if err != nil {
		return err
	}
	s.mu.Lock()
	c, last := depot.Chain{Number: b.Chain}, uint64(0)
	if int(b.Chain) < len(d.chains) {
		c, last = d.chains[b.Chain], d.last[b.Chain]
	}
	s.mu.Unlock()
	if len(b.Entries) > 0 {
		if c.Position == 0 {
			c.First = b.Entries[0].Position
		}
		end := &b.Entries[len(b.Entries)-1]
		c.Head = depot.Head{Position: end.Position, Hash: end.Hash}
	}
	raw, err := b.Encode()
	if err != nil {
		return err
	}
	ack, err := s.publish(ctx, raw, &c, subject(b.Device, b.Chain), last)
	if err == nil {
		err = s.heads.acknowledge(b.Device, &c, ack, sha256.Sum256(raw))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		delete(s.devices, b.Device) // it may be kept all the same
		return err
	}
	d.note(&c, b, ack)
	return nil
}

// publish has a batch kept as the message after another one of its subject.
func (s *Store) publish(ctx context.Context, raw []byte, c *depot.Chain, of string, after uint64) (
	message uint64, err error,
) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ack, err := s.js.PublishMsg(ctx, &nats.Msg{
		Subject: of, Header: headers(c, of), Data: raw,
	}, jetstream.WithExpectLastSequencePerSubject(after), jetstream.WithRetryAttempts(0))
	if err != nil {
		return 0, fmt.Errorf("the stream %s: %w", s.options.Stream, err)
	}
	return ack.Sequence, nil
}

// note notes a message that is kept.
func (d *device) note(c *depot.Chain, b *depot.Batch, message uint64) {
	if int(c.Number) == len(d.chains) {
		d.chains, d.last = append(d.chains, depot.Chain{}), append(d.last, 0)
		d.index = append(d.index, nil)
	}
	d.chains[c.Number], d.last[c.Number] = *c, message
	if index := d.index[c.Number]; index != nil && len(b.Entries) > 0 {
		d.index[c.Number] = append(index, held{c.Position, message})
	}
}

func headers(c *depot.Chain, of string) nats.Header {
	h := nats.Header{}
	h.Set(subjectHeader, of)
	h.Set(firstHeader, strconv.FormatUint(c.First, 10))
	h.Set(positionHeader, strconv.FormatUint(c.Position, 10))
	h.Set(hashHeader, fmt.Sprintf("%x", c.Hash))
	return h
}

// chainOf is a chain after a message, by its headers.
func chainOf(h nats.Header, subject string) (c depot.Chain, err error) {
	first, err1 := strconv.ParseUint(h.Get(firstHeader), 10, 64)
	position, err2 := strconv.ParseUint(h.Get(positionHeader), 10, 64)
	var hash []byte
	_, err3 := fmt.Sscanf(h.Get(hashHeader), "%x", &hash)
	own := h.Get(subjectHeader)
	if err := errors.Join(err1, err2, err3); err != nil || len(hash) != len(c.Hash) ||
		own != "" && own != subject {
		return c, errors.New("a message that leima has not written")
	}
	c.First, c.Head = first, depot.Head{Position: position, Hash: [32]byte(hash)}
	return c, nil
}
