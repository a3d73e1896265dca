package jetstream

import (
	"context"
	"errors"
	"fmt"
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
	}, o.Nats...)...)
	if err != nil {
		return s, fmt.Errorf("NATS at %s: %w: start it, or correct [nats] servers", o.Servers, err)
	}
	if s.js, err = jetstream.New(s.nc); err != nil {
		return s, err
	}
	info, err := s.stream(ctx)
	if err == nil {
		err = s.heads.observe(info.Created, info.State.LastSeq)
	}
	return s, err
}

// stream makes the stream if there is none, and says how it is.
func (s *Store) stream(ctx context.Context) (*jetstream.StreamInfo, error) {
	stream, err := s.js.Stream(ctx, s.options.Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		stream, err = s.js.CreateStream(ctx, jetstream.StreamConfig{
			Name: s.options.Stream, Subjects: []string{subjects}, Replicas: s.options.Replicas,
			Storage: jetstream.FileStorage, Retention: jetstream.LimitsPolicy,
			Discard: jetstream.DiscardNew, DenyDelete: true, DenyPurge: true,
		})
	}
	var info *jetstream.StreamInfo
	if err == nil {
		info, err = stream.Info(ctx)
	}
	if err == nil {
		err = fit(&info.Config, s.options.Replicas)
	}
	if errors.Is(err, nats.ErrNoResponders) {
		err = errors.New("JetStream does not answer there: have the servers jetstream in their " +
			"configuration, and do most of them run?")
	}
	if err != nil {
		return nil, fmt.Errorf("the stream %s: %w", s.options.Stream, err)
	}
	return info, nil
}

// ErrUnfit says that a stream would lose entries.
var ErrUnfit = errors.New("it would lose what was acknowledged")

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
	info, err := s.stream(ctx)
	if err == nil {
		err = s.regress(info)
	}
	if err != nil {
		return nil, err
	}
	stream, err := s.js.Stream(ctx, s.options.Stream)
	d := &device{}
	for chain := uint8(0); err == nil; chain++ {
		var last *jetstream.RawStreamMsg
		last, err = stream.GetLastMsgForSubject(ctx, subject(number, chain))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return d, nil
		}
		if err == nil {
			var c depot.Chain
			c, err = chainOf(last.Header, chain)
			d.chains, d.last = append(d.chains, c), append(d.last, last.Sequence)
			d.index = append(d.index, nil)
		}
	}
	return nil, fmt.Errorf("the stream %s: %w", s.options.Stream, err)
}

// regress notes a stream that was made anew or has gone back.
func (s *Store) regress(info *jetstream.StreamInfo) error {
	before := s.heads.base()
	err := s.heads.observe(info.Created, info.State.LastSeq)
	if err == nil && s.heads.base() != before {
		s.mu.Lock()
		close(s.anew)
		s.anew = make(chan struct{})
		s.devices = map[uint16]*device{}
		s.mu.Unlock()
	}
	return err
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
	ack, err := s.publish(ctx, b, &c, last)
	if err == nil {
		err = s.heads.acknowledge(b.Device, &c, ack)
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
func (s *Store) publish(ctx context.Context, b *depot.Batch, c *depot.Chain, after uint64) (
	message uint64, err error,
) {
	raw, err := b.Encode()
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ack, err := s.js.PublishMsg(ctx, &nats.Msg{
		Subject: subject(b.Device, b.Chain), Header: headers(c), Data: raw,
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

func headers(c *depot.Chain) nats.Header {
	h := nats.Header{}
	h.Set(firstHeader, strconv.FormatUint(c.First, 10))
	h.Set(positionHeader, strconv.FormatUint(c.Position, 10))
	h.Set(hashHeader, fmt.Sprintf("%x", c.Hash))
	return h
}

// chainOf is a chain after a message.
func chainOf(h nats.Header, number uint8) (c depot.Chain, err error) {
	c.Number = number
	first, err1 := strconv.ParseUint(h.Get(firstHeader), 10, 64)
	position, err2 := strconv.ParseUint(h.Get(positionHeader), 10, 64)
	var hash []byte
	_, err3 := fmt.Sscanf(h.Get(hashHeader), "%x", &hash)
	if err := errors.Join(err1, err2, err3); err != nil || len(hash) != len(c.Hash) {
		return c, errors.New("a message that leima has not written")
	}
	c.First, c.Head = first, depot.Head{Position: position, Hash: [32]byte(hash)}
	return c, nil
}
