package journal

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var kills = flag.Int("kills", 300, "how often TestKilled kills its child, 20 seconds at most; "+
	"more than 300: until that is done")

// childJournal names the journal of a child process, and tells it that it is one.
const childJournal = "LEIMA_CHILD_JOURNAL"

// killed are limits under which a child archives, prunes and gives up again and again.
var killed = Limits{Size: 512 << 10, Doubt: 24 * time.Hour, segment: 4 << 10}

// A child is not a test: it uses a journal until it is killed, and confirms on its
// standard output what it was told has been kept.
func TestChild(t *testing.T) {
	path := os.Getenv(childJournal)
	if path == "" {
		t.Skip("nobody has begun it as a child")
	}
	j, err := OpenWithin(path, killed)
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	hour := int(j.Latest().Sub(testTime) / time.Hour)
	for next := j.Extent().Last + 1; ; {
		operate(t, j, random, &hour)
		var words strings.Builder
		require.NoError(t, j.Entries(next, func(e Entry) error {
			next = e.Position + 1
			_, err := fmt.Fprintln(&words, "entry", e.Position, said(e))
			return err
		}))
		x := j.Extent()
		if behind := x.Last - x.Acknowledged; behind > 100 {
			require.NoError(t, j.Acknowledge(x.Last-50))
		}
		fmt.Fprintln(&words, "acknowledged", j.Extent().Acknowledged)
		if _, err := io.WriteString(os.Stdout, words.String()); err != nil {
			return // nobody listens any more
		}
	}
}

// said is what is said of an entry.
func said(e Entry) string {
	return fmt.Sprintf("%s of %d %x", strings.ReplaceAll(e.Kind.String(), " ", "-"),
		e.Event.ID.Sequence+e.Of.Sequence, e.Hash)
}

// A parent is what was confirmed to it.
type parent struct {
	path         string
	entries      []string // entry n at n-1
	acknowledged uint64
}

// round lets a child use the journal, and kills it at any instant: while it opens the
// file, or some time after it has confirmed something.
func (p *parent) round(t *testing.T, random *rand.Rand) {
	child := exec.Command(os.Args[0], "-test.run=^TestChild$")
	child.Env = append(os.Environ(), childJournal+"="+p.path)
	pipe, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	kill := func() { _ = child.Process.Kill() } // it may have ended itself: found below
	lines := bufio.NewReader(pipe)
	if random.IntN(10) == 0 {
		time.AfterFunc(time.Duration(random.IntN(30))*time.Millisecond, kill)
	} else if line, err := lines.ReadString('\n'); err == nil {
		p.confirm(t, line)
		time.AfterFunc(time.Duration(random.IntN(20_000))*time.Microsecond, kill)
	}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // what is half of a line was not confirmed
		}
		if strings.HasPrefix(line, "---") {
			words, _ := io.ReadAll(lines)
			require.FailNow(t, "the child failed", "%s", words)
		}
		p.confirm(t, line)
	}
	_ = child.Wait()
	require.Equal(t, -1, child.ProcessState.ExitCode(), "it was killed, and did not end")
}

func (p *parent) confirm(t *testing.T, line string) {
	words := strings.SplitN(strings.TrimSpace(line), " ", 3)
	require.GreaterOrEqual(t, len(words), 2, line)
	number, err := strconv.ParseUint(words[1], 10, 64)
	require.NoError(t, err, line)
	switch words[0] {
	case "entry":
		require.EqualValues(t, len(p.entries)+1, number, "confirmed in order")
		p.entries = append(p.entries, words[2])
	case "acknowledged":
		p.acknowledged = number
	default:
		require.Fail(t, line)
	}
}

// audit compares the journal with what was confirmed. What the child was doing when it
// was killed may be there.
func (p *parent) audit(t *testing.T) {
	j, err := OpenWithin(p.path, killed)
	require.NoError(t, err)
	defer j.Close()
	require.NoError(t, j.Verify(nil))
	x := j.Extent()
	require.GreaterOrEqual(t, int(x.Last), len(p.entries), "confirmed, and lost")
	require.LessOrEqual(t, int(x.Last), len(p.entries)+1+expiriesAtOnce)
	require.GreaterOrEqual(t, x.Acknowledged, p.acknowledged)
	require.LessOrEqual(t, x.First, x.Acknowledged+1, "pruned, and not acknowledged")
	events := uint32(0)
	require.NoError(t, j.Entries(0, func(e Entry) error {
		if e.Position <= uint64(len(p.entries)) {
			require.Equal(t, p.entries[e.Position-1], said(e))
		} else {
			p.entries = append(p.entries, said(e))
		}
		events = max(events, e.Event.ID.Sequence)
		return nil
	}))
	require.Equal(t, id(events+1), j.Next())
	p.acknowledged = x.Acknowledged
}

// Ensure that a process killed at any instant loses nothing that it has confirmed, and
// that the next one goes on where it was: again and again, with one journal.
func TestKilled(t *testing.T) {
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	p := &parent{path: filepath.Join(memory(t), "journal")}
	require.NoError(t, Create(p.path, testDevice))
	begun, rounds := time.Now(), 0
	for rounds < *kills && (*kills > 300 || time.Since(begun) < 20*time.Second) {
		p.round(t, random)
		p.audit(t)
		rounds++
	}
	t.Logf("killed %d times, %d entries were confirmed, %d of them acknowledged",
		rounds, len(p.entries), p.acknowledged)
	require.Positive(t, rounds)
	require.Greater(t, len(p.entries), rounds)
}
