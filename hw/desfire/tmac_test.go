package desfire_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/desfire"
	"leima/hw/emu"
)

// Ensure that what a session notes of its commands is what the card signs, whatever
// they are, in every mode and over several transactions of one session; and that it can be read.
func TestSignedIsWhatTheCardSigns(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		card := issued(t, 64)
		s := enter(t, emu.Air{}.Present(card), 1)
		for transaction := uint32(2); transaction < 5; transaction++ {
			for range 1 + r.IntN(6) {
				signedCommand(t, r, s)
			}
			n := byte(r.IntN(3))
			require.NoError(t, s.Write(backPlain+n, modes[n], 7, pattern(9, 1)))
			input := s.TMI()
			receipt, err := s.Commit(true)
			require.NoError(t, err)
			require.Equal(t, transaction, receipt.TMC)
			require.Equal(t, receipt.TMV, tmacKey.TransactionMAC(uid, receipt.TMC, input))
			commands, err := desfire.ReadTMI(input, recordSize)
			require.NoError(t, err)
			last := commands[len(commands)-1]
			require.True(t, last.Writes())
			require.Equal(t, desfire.Signed{
				Code: desfire.CodeWriteData, File: backPlain + n, Offset: 7, Data: pattern(9, 1),
			}, last)
			for _, cut := range []int{1, 16, 31} {
				_, err := desfire.ReadTMI(input[:len(input)-cut], recordSize)
				require.ErrorIs(t, err, desfire.ErrInput)
			}
			input[0] ^= 1
			_, err = desfire.ReadTMI(input, recordSize)
			require.ErrorIs(t, err, desfire.ErrInput)
			require.NotEqual(t, receipt.TMV, tmacKey.TransactionMAC(uid, receipt.TMC, input))
			require.Empty(t, s.TMI(), "the next transaction begins")
		}
	}
}

// signedCommand is one command that the card signs.
func signedCommand(t *testing.T, r *rand.Rand, s *desfire.Session) {
	t.Helper()
	n, length := byte(r.IntN(3)), 1+r.IntN(300)
	offset, p := r.IntN(fileSize-length), make([]byte, length)
	switch r.IntN(6) {
	case 0:
		require.NoError(t, s.Read(backPlain+n, modes[n], offset, p))
	case 1:
		require.NoError(t, s.Write(backPlain+n, modes[n], offset, p))
	case 2:
		require.NoError(t, s.WriteRecord(cyclicPlain+n, modes[n], pattern(1+r.IntN(recordSize), 3)))
	case 3:
		_, err := s.ReadRecords(cyclicPlain+n, modes[n], recordSize, 1)
		require.NoError(t, err)
	case 4:
		_, err := s.Detect(backFull, p[:min(length, 192)])
		require.NoError(t, err)
	case 5:
		require.NoError(t, s.Write(backPlain+n, modes[n], offset, p))
		require.NoError(t, s.Abort())
		require.Empty(t, s.TMI())
	}
}

// Ensure that a transaction can be noted before it is made.
func TestSignedAhead(t *testing.T) {
	s := enter(t, emu.Air{}.Present(issued(t, 64)), 1)
	require.NoError(t, s.Read(backFull, desfire.Full, 3, make([]byte, 40)))
	long := pattern(300, 2)
	ahead := desfire.TMIWrite(s.TMI(), backFull, 5, long)
	ahead = desfire.TMIRecord(ahead, cyclicMAC, long[:recordSize])
	require.NoError(t, s.Write(backFull, desfire.Full, 5, long))
	require.NoError(t, s.WriteRecord(cyclicMAC, desfire.MAC, long[:recordSize]))
	require.Equal(t, ahead, s.TMI())
	require.NoError(t, s.Select(aid))
	require.Empty(t, s.TMI())
}
