//go:build pcsc

package pcsc

import (
	"errors"
	"testing"

	"github.com/ebfe/scard"
	"github.com/stretchr/testify/require"

	"leima/hw"
)

// Ensure that what package scard panics with becomes an error of the reader.
func TestGuard(t *testing.T) {
	fall := func() (err error) {
		defer guard(&err)
		panic("unknown protocol")
	}
	require.ErrorIs(t, fall(), hw.ErrReader)
	require.ErrorContains(t, fall(), "unknown protocol")
	require.ErrorIs(t, (&scardContext{}).getStatusChange(nil, maxWait), codeTimeout)
}

// Ensure that numbers and states are those of package scard.
func TestNumbers(t *testing.T) {
	for ours, theirs := range map[code]scard.Error{
		codeCancelled: scard.ErrCancelled, codeHandle: scard.ErrInvalidHandle,
		codeUnknownReader: scard.ErrUnknownReader, codeTimeout: scard.ErrTimeout,
		codeSharing: scard.ErrSharingViolation, codeNoCard: scard.ErrNoSmartcard,
		codeProtocol: scard.ErrProtoMismatch, codeLost: scard.ErrCommError,
		codeNotTransacted: scard.ErrNotTransacted, codeUnavailable: scard.ErrReaderUnavailable,
		codeShutdown: scard.ErrShutdown, codeNoService: scard.ErrNoService,
		codeStopped: scard.ErrServiceStopped, codeNoReaders: scard.ErrNoReadersAvailable,
		codeUnresponsive: scard.ErrUnresponsiveCard, codeUnpowered: scard.ErrUnpoweredCard,
		codeReset: scard.ErrResetCard, codeRemoved: scard.ErrRemovedCard,
		codeSecurity: scard.ErrSecurityViolation,
	} {
		require.Equal(t, ours, coded(theirs))
	}
	require.NoError(t, coded(nil))
	other := errors.New("something else")
	require.Equal(t, other, coded(other))
	for ours, theirs := range map[stateFlags]scard.StateFlag{
		stateChanged: scard.StateChanged, stateUnknown: scard.StateUnknown,
		stateUnavailable: scard.StateUnavailable, statePresent: scard.StatePresent,
		stateMute: scard.StateMute,
	} {
		require.Equal(t, scard.StateFlag(ours), theirs)
	}
}
