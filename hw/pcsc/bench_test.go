package pcsc

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkTalk is our side of a command alone, with a pcscd that answers at once: the way
// to the goroutine of the talk and back, the watchdog, and the copies.
func BenchmarkTalk(b *testing.B) {
	f := one()
	answer := append(make([]byte, 57), 0x91, 0x00)
	f.put("one", &fakeCard{answer: func([]byte) ([]byte, error) { return answer, nil }})
	f.slots["one"].card.uid = nil
	t := startConnection(f, "one", 1<<40)
	require.NoError(b, t.connected())
	command := make([]byte, 13)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := t.exchange(command); err != nil {
			b.Fatal(err)
		}
	}
	_ = t.end(errClosed)
}

// Ensure that our side of a command allocates nothing but its answer.
func TestTalkAllocates(t *testing.T) {
	f := one()
	answer := append(make([]byte, 57), 0x91, 0x00)
	f.put("one", &fakeCard{answer: func([]byte) ([]byte, error) { return answer, nil }})
	k := startConnection(f, "one", 1<<40)
	require.NoError(t, k.connected())
	command := make([]byte, 13)
	require.LessOrEqual(t, testing.AllocsPerRun(1000, func() { _, _ = k.exchange(command) }), 1.0)
	_ = k.end(errClosed)
}
