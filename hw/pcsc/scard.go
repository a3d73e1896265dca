//go:build pcsc

package pcsc

import (
	"errors"
	"fmt"
	"time"

	"github.com/ebfe/scard"

	"leima/hw"
)

// system is the pcscd of this machine.
var system service = pcscd{}

func built() error { return nil }

type pcscd struct{}

func (pcscd) establishContext() (l cardContext, err error) {
	defer guard(&err)
	c, err := scard.EstablishContext()
	if err != nil {
		return nil, coded(err)
	}
	return &scardContext{context: c}, nil
}

// A scardContext is a context of package scard. The states are kept because it writes into the
// slice that was passed.
type scardContext struct {
	context *scard.Context
	states  []scard.ReaderState
}

func (l *scardContext) listReaders() (names []string, err error) {
	defer guard(&err)
	names, err = l.context.ListReaders()
	return names, coded(err)
}

func (l *scardContext) getStatusChange(slots []readerState, limit time.Duration) (err error) {
	if len(slots) == 0 {
		return codeTimeout // scard panics on an empty list
	}
	defer guard(&err)
	l.states = l.states[:0]
	for _, s := range slots {
		l.states = append(l.states, scard.ReaderState{
			Reader: s.name, CurrentState: scard.StateFlag(s.currentState),
		})
	}
	if err := l.context.GetStatusChange(l.states, limit); err != nil {
		return coded(err)
	}
	for i := range slots {
		slots[i].eventState = stateFlags(l.states[i].EventState)
		slots[i].atr = l.states[i].Atr
	}
	return nil
}

func (l *scardContext) cancel() { _ = l.context.Cancel() }

func (l *scardContext) connect(reader string) (k cardHandle, err error) {
	defer guard(&err)
	c, err := l.context.Connect(reader, scard.ShareExclusive, scard.ProtocolAny)
	if err != nil {
		return nil, coded(err)
	}
	if p := c.ActiveProtocol(); p != scard.ProtocolT0 && p != scard.ProtocolT1 {
		_ = c.Disconnect(scard.LeaveCard)
		return nil, codeProtocol // scard panics on any other in Transmit
	}
	return scardHandle{c}, nil
}

func (l *scardContext) release() { _ = l.context.Release() }

// A scardHandle is a card of package scard.
type scardHandle struct{ card *scard.Card }

func (h scardHandle) transmit(command []byte) (response []byte, err error) {
	defer guard(&err)
	response, err = h.card.Transmit(command)
	return response, coded(err)
}

func (h scardHandle) disconnect(how disposition) {
	_ = h.card.Disconnect([...]scard.Disposition{
		leaveCard: scard.LeaveCard, resetCard: scard.ResetCard, unpowerCard: scard.UnpowerCard,
	}[how])
}

// coded turns an error of package scard into a code. Its own text would come from the C library.
func coded(err error) error {
	var number scard.Error
	if errors.As(err, &number) {
		return code(number)
	}
	return err
}

// guard turns a panic of package scard into an error.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("pcsc: internal error: package scard failed: %v: %w", p, hw.ErrReader)
	}
}
