package jetstream

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"leima/validator/depot"
)

// Holding implements depot.Store.
func (s *Store) Holding(ctx context.Context, number uint16, chain uint8, position uint64) (
	*depot.Batch, error,
) {
	d, err := s.device(ctx, number)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	known := int(chain) < len(d.chains) && d.chains[chain].First <= position &&
		position <= d.chains[chain].Position
	var index []held
	if known {
		index = d.index[chain]
	}
	s.mu.Unlock()
	if !known {
		return nil, fmt.Errorf("the stream has no entry %d of device %d", position, number)
	}
	if index == nil {
		if index, err = s.look(ctx, subject(number, chain)); err != nil {
			return nil, err
		}
		s.mu.Lock()
		d.index[chain] = index
		s.mu.Unlock()
	}
	n, _ := slices.BinarySearchFunc(index, position, func(h held, p uint64) int {
		switch {
		case h.last < p:
			return -1
		case h.last > p:
			return 1
		}
		return 0
	})
	if n == len(index) {
		return nil, fmt.Errorf("the stream lacks entry %d of device %d", position, number)
	}
	stream, err := s.js.Stream(ctx, s.options.Stream)
	if err != nil {
		return nil, err
	}
	m, err := stream.GetMsg(ctx, index[n].message)
	if err != nil {
		return nil, err
	}
	b := s.batch(m.Subject, m.Data, m.Sequence)
	if b == nil || !b.Holds(position) {
		return nil, fmt.Errorf("the stream lacks entry %d of device %d", position, number)
	}
	return b, nil
}

// look reads where the batches of a subject are, up to its last one.
func (s *Store) look(ctx context.Context, subject string) (index []held, err error) {
	consumer, err := s.js.OrderedConsumer(ctx, s.options.Stream, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{subject}, HeadersOnly: true,
	})
	if err != nil {
		return nil, err
	}
	messages, err := consumer.Messages() // Next of the consumer would make it anew for each
	if err != nil {
		return nil, err
	}
	defer messages.Stop()
	position := uint64(0)
	for {
		m, err := messages.Next(jetstream.NextMaxWait(patience))
		if err != nil {
			return nil, err
		}
		about, err := m.Metadata()
		if err != nil {
			return nil, err
		}
		c, err := chainOf(m.Headers(), subject)
		if err == nil && c.Position > position { // else it is a stranger's
			index, position = append(index, held{c.Position, about.Sequence.Stream}), c.Position
		}
		if about.NumPending == 0 {
			return index, nil
		}
	}
}

// Last implements depot.Store.
func (s *Store) Last(ctx context.Context) (cursor uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stream, err := s.observed(ctx)
	if err != nil || stream.CachedInfo().State.LastSeq == 0 {
		return 0, err
	}
	return s.heads.base() + stream.CachedInfo().State.LastSeq, nil
}

// Follow implements depot.Store.
func (s *Store) Follow(ctx context.Context, after uint64,
	each func(cursor uint64, b *depot.Batch) error,
) error {
	s.mu.Lock()
	anew := s.anew
	s.mu.Unlock()
	base := s.heads.base()
	consumer, err := s.js.OrderedConsumer(ctx, s.options.Stream, jetstream.OrderedConsumerConfig{
		FilterSubjects: []string{subjects}, DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq: after - min(after, base) + 1,
	})
	if err != nil {
		return fmt.Errorf("the stream %s: %w", s.options.Stream, err)
	}
	messages, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("the stream %s: %w", s.options.Stream, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		defer messages.Stop()
		select {
		case <-anew:
		case <-ctx.Done():
		}
	}()
	for {
		m, err := messages.Next()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, jetstream.ErrMsgIteratorClosed):
			return fmt.Errorf("the stream %s has begun anew, or its servers are gone: it is "+
				"followed again", s.options.Stream)
		case err != nil:
			continue // a server is looked for
		}
		about, err := m.Metadata()
		if err != nil {
			return err
		}
		b := s.batch(m.Subject(), m.Data(), about.Sequence.Stream)
		if b == nil {
			continue
		}
		if err := each(base+about.Sequence.Stream, b); err != nil {
			return err
		}
	}
}
