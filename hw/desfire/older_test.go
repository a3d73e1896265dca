package desfire_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
)

// older are the speeches before EV2.
var older = []speech{speechEV1, speechD40}

func eachOlder(t *testing.T, test func(t *testing.T, p speech)) {
	for _, p := range older {
		t.Run(p.name, func(t *testing.T) { test(t, p) })
	}
}

// open opens a card of the speech, which the wire lies before.
func (p speech) open(t testing.TB) (*desfire.Session, *wire) {
	t.Helper()
	w := &wire{card: emu.Air{}.Present(p.card(t))}
	s, err := desfire.Open(w, p.app(), random(4))
	require.NoError(t, err)
	return s, w
}

// Ensure that a card is spoken to as an EV2 if it is one, and else as an EV1; that one
// that has said what it is not is not asked again; and that the session tells which.
func TestFallback(t *testing.T) {
	asked := func(w *wire) (first, aes int) {
		for _, command := range w.sent {
			switch desfire.Method(command[1]) {
			case desfire.EV2First:
				first++
			case desfire.AES:
				aes++
			}
		}
		return first, aes
	}
	s, w := speechEV2.open(t)
	first, aes := asked(w)
	require.Equal(t, [2]int{1, 0}, [2]int{first, aes})
	require.True(t, s.EV2())

	s, w = speechEV1.open(t)
	require.NoError(t, s.Authenticate(2, secret(2, uid), random(5)))
	require.ErrorIs(t, s.Authenticate(2, wrongKey, random(5)), desfire.AuthenticationError)
	first, aes = asked(w)
	require.Equal(t, [2]int{1, 3}, [2]int{first, aes})
	require.False(t, s.EV2())
}

// A deaf card answers EV2First with a status, and has not heard it.
type deaf struct {
	hw.Card
	status desfire.Status
}

func (d deaf) Transmit(command []byte) ([]byte, error) {
	if desfire.Method(command[1]) == desfire.EV2First {
		return bare(d.status), nil
	}
	return d.Card.Transmit(command)
}

// Ensure that nothing but an illegal command makes the client speak EV1.
func TestFallbackForThisReasonOnly(t *testing.T) {
	for status := range 256 {
		w := &wire{card: deaf{emu.Air{}.Present(issued(t, 64)), desfire.Status(status)}}
		_, err := desfire.Open(w, app(), random(1))
		legal := desfire.Status(status) != desfire.IllegalCommand
		require.Equal(t, legal, !w.asked(byte(desfire.AES)), "status %02X", status)
		require.Equal(t, legal, err != nil)
	}
}

// Ensure that a card that knows no method of the key's says so, and is asked twice: it
// may have lost its power.
func TestNoMethodIsKnown(t *testing.T) {
	answers := [][]byte{
		welcome[0], welcome[1],
		bare(desfire.IllegalCommand), bare(desfire.IllegalCommand),
	}
	w := &wire{card: &tape{answers: append(answers, answers...)}}
	_, err := desfire.Open(w, app(), random(1))
	require.ErrorIs(t, err, desfire.IllegalCommand)
	require.Len(t, w.sent, 8)
}

// Ensure that a card that does not know the second step of a method any more, because it
// has lost its power, is not asked by a weaker one, and is no card of another kind.
func TestFallbackAtTheFirstStepOnly(t *testing.T) {
	for _, status := range []desfire.Status{desfire.IllegalCommand, desfire.NoSuchKey} {
		w := &wire{card: &tape{answers: [][]byte{welcome[0], welcome[1], welcome[2], bare(status)}}}
		_, err := desfire.Open(w, app(), random(1))
		require.ErrorIs(t, err, desfire.ErrAnswer)
		require.NotErrorIs(t, err, status)
		require.Len(t, w.sent, 4)
	}
}

// Ensure that a chain of frames that another program has left open spoils nothing.
func TestOpenChainOfAnother(t *testing.T) {
	for _, begun := range [][]byte{{0x90, 0x60, 0, 0, 0}, {0x60}} {
		card := emu.Air{}.Present(issued(t, 64))
		answer, err := card.Transmit(begun)
		require.NoError(t, err)
		require.Contains(t, answer, byte(desfire.AdditionalFrame))
		s, err := desfire.Open(card, app(), random(1))
		require.NoError(t, err)
		require.NoError(t, read(s, backFull, desfire.Full, 0))
	}
}

// Ensure that an older card gets the codes that it knows, in frames that it can take,
// and a commit without an option.
func TestOlderCodes(t *testing.T) {
	eachOlder(t, func(t *testing.T, p speech) {
		for _, command := range p.honest().commands {
			require.LessOrEqual(t, len(command), 60)
			require.NotContains(t, []byte{0xAD, 0x8D, 0xAB, 0x8B, 0x77}, command[1], "%X", command)
		}
		last := p.honest().commands[len(p.honest().commands)-1]
		require.Equal(t, []byte{0x90, commit, 0, 0, 0}, last)
	})
}

// Ensure that what is written is read back, to the byte, over every border of a block
// and a frame, in each mode.
func TestOlderWriteAndReadBack(t *testing.T) {
	eachOlder(t, func(t *testing.T, p speech) {
		for n, mode := range modes {
			for _, file := range []byte{stdPlain + byte(n), backPlain + byte(n)} {
				s, _ := p.open(t)
				b := fileFixture{t, s, file, mode, pattern(fileSize, n)}
				b.writeEverywhere()
			}
		}
	})
}

// Ensure that records are read and written as with a younger card.
func TestOlderRecords(t *testing.T) {
	eachOlder(t, func(t *testing.T, p speech) {
		for n, mode := range modes {
			s, _ := p.open(t)
			file := cyclicPlain + byte(n)
			want := [][]byte{pattern(recordSize, n)}
			if mode == desfire.MAC {
				want = append(want, pattern(recordSize, 6))
			}
			for seed := range recordMost {
				record := pattern(recordSize, 20+seed)
				require.NoError(t, s.WriteRecord(file, mode, record))
				_, err := s.Commit(false)
				require.NoError(t, err)
				want = append(want, record)
				want = want[max(0, len(want)-recordMost+1):]
				checkRecords(t, s, file, mode, want)
			}
		}
	})
}

// Ensure that the mode of a file is told by its answer, unless the lengths are alike:
// then nothing is sent, and the session goes on.
func TestOlderDetect(t *testing.T) {
	for _, row := range []struct {
		speech
		block, alike int
	}{{speechEV1, 16, 8}, {speechD40, 8, 4}} {
		s, w := row.open(t)
		for n := 1; n <= 192; n++ {
			for file, want := range map[byte]desfire.Mode{
				stdMAC: desfire.MAC, stdFull: desfire.Full,
			} {
				p, before := make([]byte, n), len(w.sent)
				mode, err := s.Detect(file, p)
				if n%row.block == row.alike {
					require.ErrorContains(t, err, "cannot be told apart")
					require.Len(t, w.sent, before)
					continue
				}
				require.NoError(t, err, "%s, %d bytes", row.name, n)
				require.Equal(t, want, mode)
				require.Equal(t, pattern(fileSize, int(want+1)/2)[:n], p)
			}
		}
	}
}

// Ensure that another key is proved anew within the session and that what was written
// stays until the commit.
func TestOlderReauthenticate(t *testing.T) {
	s, w := speechEV1.open(t)
	require.NoError(t, s.Write(backFull, desfire.Full, 0, []byte("by key 1")))
	require.NoError(t, s.Reauthenticate(2, secret(2, uid), random(7)))
	require.Equal(t, byte(desfire.AES), w.sent[len(w.sent)-2][1])
	require.NoError(t, s.Write(split, desfire.MAC, 0, []byte("by key 2")))
	_, err := s.Commit(false)
	require.NoError(t, err)
	require.NoError(t, s.Reauthenticate(1, secret(1, uid), random(9)))
	var text [8]byte
	require.NoError(t, s.Read(backFull, desfire.Full, 0, text[:]))
	require.Equal(t, "by key 1", string(text[:]))
	require.NoError(t, s.Read(split, desfire.MAC, 0, text[:]))
	require.Equal(t, "by key 2", string(text[:]))
}

// otherwise are the mistakes that an older card answers with another status, or that
// one cannot make with it.
var otherwise = map[string]error{
	"write into the signature": desfire.FileNotFound,
	"two signatures":           desfire.IllegalCommand,
	"own key for another's":    desfire.IntegrityError,
	"MAC where enciphered":     desfire.ErrAnswer,        // the card waits for more
	"nothing to commit":        desfire.PermissionDenied, // for the receipt is asked for
}

// Ensure that mistakes come back with the status of an older card, too.
func TestOlderMistakes(t *testing.T) {
	for name, m := range mistakes {
		t.Run(name, func(t *testing.T) {
			card := issuedEV1(t)
			before := memory(t, card)
			s := enter(t, emu.Air{}.Present(card), m.key)
			err := m.act(s)
			want := error(m.want)
			if other, differs := otherwise[name]; differs {
				want = other
			}
			require.ErrorIs(t, err, want)
			require.ErrorContains(t, err, m.says)
			require.Equal(t, before, memory(t, card))
			_, err = s.CardUID()
			require.ErrorIs(t, err, desfire.ErrSession)
		})
	}
}

// A liarEV1 is a card that knows the key of an EV1 session, and then answers what the
// test wants. Its messaging is written once more: slowly, and only the card's side.
type liarEV1 struct {
	iv    []byte
	sent  int
	reply func(l *liarEV1) []byte
}

// welcomeEV1 is what it answers to an Open, if the key takes it for one of ours.
var welcomeEV1 = [opening][]byte{welcome[0], welcome[1], welcome[2], welcome[3][16:]}

type pushoverEV1 struct{ pushover }

func (pushoverEV1) Methods() []desfire.Method { return []desfire.Method{desfire.AES} }

func (p pushoverEV1) Start(desfire.Method, []byte, []byte) (desfire.Handshake, error) {
	return p, nil
}

func believeEV1(t testing.TB, reply func(l *liarEV1) []byte) (*desfire.Session, *liarEV1) {
	t.Helper()
	l := &liarEV1{reply: reply, iv: make([]byte, 16)}
	s, err := desfire.Open(l, appOf(pushoverEV1{pushover{liarKeys}}), random(1))
	require.NoError(t, err)
	return s, l
}

// Transmit goes on with the running start value as a card does.
func (l *liarEV1) Transmit(command []byte) ([]byte, error) {
	l.sent++
	if l.sent <= opening {
		return bytes.Clone(welcomeEV1[l.sent-1]), nil
	}
	text := command[1:2:2]
	if len(command) > 5 {
		text = append(text, command[5:len(command)-1]...)
	}
	switch {
	case text[0] == 0x3D && len(text) == 8+16, text[0] == 0xC4: // enciphered
		l.iv = bytes.Clone(text[len(text)-16:])
	case (text[0] == 0x3D || text[0] == 0x3B) && len(text) == 8+4+8: // with its MAC
		text = text[:len(text)-8]
		fallthrough
	default:
		l.iv = cmacFrom(liarKeys.Enc, l.iv, text)
	}
	return l.reply(l), nil
}

// seal is an answer of the card.
func (l *liarEV1) seal(mode desfire.Mode, data []byte) []byte {
	text := append(bytes.Clone(data), 0)
	if mode != desfire.Full {
		l.iv = cmacFrom(liarKeys.Enc, l.iv, text)
		return bare(desfire.OK, append(bytes.Clone(data), l.iv[:8]...)...)
	}
	plain := append(bytes.Clone(data), jamcrc(text)...)
	plain = append(plain, make([]byte, (16-len(plain)%16)%16)...)
	sealed := cbc(liarKeys.Enc, l.iv, plain)
	l.iv = sealed[len(sealed)-16:]
	return bare(desfire.OK, sealed...)
}

// sealing makes the liar say one thing under a good MAC.
func sealing(mode desfire.Mode, data []byte) func(*liarEV1) []byte {
	return func(l *liarEV1) []byte { return l.seal(mode, data) }
}

// jamcrc goes bit by bit.
func jamcrc(p []byte) []byte {
	sum := ^uint32(0)
	for _, b := range p {
		sum ^= uint32(b)
		for range 8 {
			sum = sum>>1 ^ sum&1*0xEDB88320
		}
	}
	return []byte{byte(sum), byte(sum >> 8), byte(sum >> 16), byte(sum >> 24)}
}

// checkFormEV1 is checkForm for an older card.
func checkFormEV1(t *testing.T, c call, s *desfire.Session, card *liarEV1, err error) {
	t.Helper()
	why := desfire.ErrAnswer
	if !errors.Is(err, why) {
		why = desfire.ErrForged
	}
	require.ErrorIs(t, err, why, c.name)
	require.ErrorContains(t, err, c.says)
	require.Equal(t, c.commits(), errors.Is(err, desfire.ErrCommitUnknown))
	require.Equal(t, opening+1, card.sent)
	checkOver(t, s, why, func() int { return card.sent })
}

// Ensure that an answer has the length that its question asks for, even when the card
// itself gives it under a good MAC, and that enciphered data stands where it should.
func TestOlderAnswerOfAnotherLength(t *testing.T) {
	for _, c := range questions {
		want, fixed := lengths[c.name]
		mode := desfire.MAC
		if enciphered[c.name] {
			mode = desfire.Full
		}
		for n := range 60 {
			s, card := believeEV1(t, sealing(mode, make([]byte, n)))
			err := c.act(s)
			if fixed && n == want || !fixed && fits(c.name, n) {
				require.NoError(t, err, "%s of %d", c.name, n)
				continue
			}
			checkFormEV1(t, c, s, card, err)
		}
	}
}

// Ensure that an order is answered with nothing but its MAC.
func TestOlderOrders(t *testing.T) {
	for _, c := range orders {
		if c.name == "CreateTransactionMACFile" || c.name == "ChangeKeySettings" {
			continue // enciphered in lengths that the liar does not know
		}
		s, _ := believeEV1(t, sealing(desfire.MAC, nil))
		require.NoError(t, c.act(s), c.name)
		for n := 1; n < 40; n++ {
			s, card := believeEV1(t, sealing(desfire.MAC, make([]byte, n)))
			checkFormEV1(t, c, s, card, c.act(s))
			s, card = believeEV1(t, sealing(desfire.Full, make([]byte, n)))
			checkFormEV1(t, c, s, card, c.act(s))
		}
	}
}

// Ensure that a bare success proves nothing, and a MAC without the running start value
// no more.
func TestOlderNothingIsBelievedWithoutMAC(t *testing.T) {
	for _, c := range append(append([]call{}, questions...), orders...) {
		for n := range 60 {
			for _, lie := range []func(*liarEV1) []byte{
				func(*liarEV1) []byte { return bare(desfire.OK, make([]byte, n)...) },
				func(l *liarEV1) []byte {
					l.iv = make([]byte, 16)
					return l.seal(desfire.MAC, make([]byte, n))
				},
				func(l *liarEV1) []byte {
					l.iv = make([]byte, 16)
					return l.seal(desfire.Full, make([]byte, n))
				},
			} {
				s, card := believeEV1(t, lie)
				checkFormEV1(t, c, s, card, c.act(s))
			}
		}
	}
}

// Ensure that what fills the last block of enciphered data is zeros.
func TestOlderPadding(t *testing.T) {
	for at := range 7 {
		s, card := believeEV1(t, func(l *liarEV1) []byte {
			plain := append(pattern(21, 1), jamcrc(append(pattern(21, 1), 0))...)
			plain = append(plain, make([]byte, 7)...)
			plain[25+at] = 0x80
			return bare(desfire.OK, cbc(liarKeys.Enc, l.iv, plain)...)
		})
		err := s.Read(1, desfire.Full, 0, make([]byte, 21))
		require.ErrorIs(t, err, desfire.ErrForged)
		checkOver(t, s, desfire.ErrForged, func() int { return card.sent })
	}
}

// Ensure that a card that asks for more of a long command, or for less, is not obeyed.
func TestPieces(t *testing.T) {
	for name, row := range map[string]struct {
		answers [][]byte // to the pieces of a command of three
		want    error
		sent    int
	}{
		"content early":   {[][]byte{bare(desfire.OK)}, desfire.ErrAnswer, 1},
		"data in between": {[][]byte{bare(desfire.AdditionalFrame, 1)}, desfire.ErrAnswer, 1},
		"refused":         {[][]byte{bare(desfire.BoundaryError)}, desfire.BoundaryError, 1},
		"refused later": {
			[][]byte{bare(desfire.AdditionalFrame), bare(desfire.IntegrityError)},
			desfire.IntegrityError, 2,
		},
		"gone": {[][]byte{bare(desfire.AdditionalFrame), nil}, hw.ErrRemoved, 2},
	} {
		at := 0
		s, card := believeEV1(t, func(*liarEV1) []byte {
			at++
			return row.answers[at-1]
		})
		err := s.Write(8, desfire.MAC, 0, make([]byte, 120))
		require.ErrorIs(t, err, row.want, name)
		require.ErrorContains(t, err, "writing file 8")
		require.Equal(t, opening+row.sent, card.sent, name)
		checkOver(t, s, row.want, func() int { return card.sent })
	}
}

// Ensure that a card that asks for more than the command is gets nothing more.
func TestMoreThanThereIs(t *testing.T) {
	for _, c := range append(append([]call{}, questions...), orders...) {
		s, card := believeEV1(t, func(*liarEV1) []byte { return bare(desfire.AdditionalFrame) })
		checkFormEV1(t, c, s, card, c.act(s))
	}
}

// Ensure that challenges and proofs of another length than the key's are damaged
// answers, whatever the key.
func TestChallengeOfAnotherLength(t *testing.T) {
	des, err := desfire.NewDESKey(make([]byte, 24))
	require.NoError(t, err)
	for name, row := range map[string]struct {
		key  desfire.Authenticator
		want int
	}{
		"AES by EV2": {desfire.Key{}, 16},
		"AES by EV1": {old{desfire.Key{}, desfire.AES}, 16},
		"DES by ISO": {desfire.DESKey{}, 8},
		"DES by D40": {old{desfire.DESKey{}, desfire.D40}, 8},
		"3K3DES":     {des, 16},
	} {
		for n := range 34 {
			w := &wire{card: &tape{answers: [][]byte{
				welcome[0], welcome[1],
				bare(desfire.AdditionalFrame, make([]byte, n)...),
				bare(desfire.OK, make([]byte, 24)...),
			}}}
			_, err := desfire.Open(w, appOf(row.key), random(1))
			require.ErrorIs(t, err, desfire.ErrAnswer, "%s, %d", name, n)
			require.Equal(t, n == row.want, len(w.sent) == 4, "%s, %d", name, n)
		}
	}
}

// Ensure that keys of the DES family have one of three lengths and are proved as they
// can be, and no AES key as one of theirs.
func TestDESKeys(t *testing.T) {
	for n := range 33 {
		_, err := desfire.NewDESKey(make([]byte, n))
		require.Equal(t, n == 8 || n == 16 || n == 24, err == nil, "%d bytes", n)
	}
	triple, err := desfire.NewDESKey(make([]byte, 24))
	require.NoError(t, err)
	for _, row := range []struct {
		key desfire.Authenticator
		by  desfire.Method
	}{
		{triple, desfire.D40},
		{triple, desfire.AES},
		{desfire.DESKey{}, desfire.EV2First},
		{desfire.Key{}, desfire.ISO},
		{desfire.Key{}, desfire.D40},
	} {
		_, err := row.key.Start(row.by, make([]byte, 16), make([]byte, 16))
		require.ErrorContains(t, err, fmt.Sprintf("method %02X", byte(row.by)))
	}
}

// Ensure that a card with a key of the DES family says so and is opened, that its own
// key becomes an AES key, and that nothing is left of the other.
func TestFromDESToAES(t *testing.T) {
	for _, method := range []desfire.Method{desfire.ISO, desfire.D40} {
		card := emu.New(emu.Config{UID: uid, Chip: emu.EV1, Blank: true})
		s := connect(t, emu.Air{}.Present(card))
		require.NoError(t, s.Authenticate(0, old{desfire.DESKey{}, method}, random(1)))
		require.False(t, s.EV2())
		ks1, ks2, err := s.KeySettings()
		require.NoError(t, err)
		require.Equal(t, [2]byte{0x0F, 0x01}, [2]byte{ks1, ks2})
		own, err := s.CardUID()
		require.NoError(t, err)
		require.Equal(t, uid, own)
		require.NoError(t, s.ChangeKey(0x80, nil, wrongKey, 9))
		require.ErrorIs(t, s.Authenticate(0, desfire.DESKey{}, random(1)), desfire.AuthenticationError)
		require.NoError(t, s.Authenticate(0, wrongKey, random(1)))
		version, err := s.KeyVersion(0)
		require.NoError(t, err)
		require.Equal(t, byte(9), version)
	}
}

// Ensure that a desk's commands do what they say in every session that our own cards
// know: list and delete applications, tell and change key settings.
func TestApplicationsAndSettings(t *testing.T) {
	for _, card := range []*emu.Card{blank(64), blankEV1()} {
		s := connect(t, emu.Air{}.Present(card))
		require.NoError(t, s.Authenticate(0, piccKey, random(1)))
		var want []desfire.AID
		for n := range byte(25) { // more than fit one frame
			id := desfire.AID{n, 2, 3}
			require.NoError(t, s.CreateApplication(id, 0x0F, 1))
			want = append(want, id)
		}
		all, err := s.ApplicationIDs()
		require.NoError(t, err)
		require.Equal(t, want, all)
		require.NoError(t, s.DeleteApplication(want[3]))
		require.ErrorIs(t, s.DeleteApplication(want[3]), desfire.ApplicationNotFound)
		require.NoError(t, s.Authenticate(0, piccKey, random(1)))
		all, err = s.ApplicationIDs()
		require.NoError(t, err)
		require.Equal(t, append(want[:3:3], want[4:]...), all)

		require.NoError(t, s.ChangeKeySettings(0x0B))
		ks1, ks2, err := s.KeySettings()
		require.NoError(t, err)
		require.Equal(t, [2]byte{0x0B, 0x81}, [2]byte{ks1, ks2})
	}
}

// Ensure that the oldest messaging, which vouches for files alone, still lets nobody
// change what is read from them, and ends in an error or in peace, whatever is said.
func TestSpoiledD40(t *testing.T) {
	p := speechD40
	try := func(n, last int, f fault) {
		w := &wire{card: &tape{answers: p.honest().answers}}
		w.change = func(at int, answer []byte, err error) ([]byte, error) {
			if at < n || at > last {
				return answer, err
			}
			return f(answer)
		}
		var k talk
		_, err := p.had(&k, w)
		require.True(t, err == nil || known(err), "%v", err)
		require.LessOrEqual(t, len(w.sent), len(p.honest().answers)+33)
		want := p.honest().talk
		k.uid, k.version, k.mode = want.uid, want.version, want.mode // nobody vouches for them
		require.True(t, k.agrees(want), "answer %d", n)
	}
	for n, answer := range p.honest().answers {
		for at := range answer {
			for _, mask := range []byte{1, 0x80, 0xFF} {
				changed := bytes.Clone(answer)
				changed[at] ^= mask
				try(n, n, instead(changed))
			}
			try(n, n, instead(answer[:at]))
		}
		for status := range 256 {
			try(n, n, instead(bare(desfire.Status(status))))
		}
		try(n, n, instead(nil))
		for _, size := range []int{0, 1, 59, 1 << 16} {
			try(n, len(p.honest().answers)+100, endless(make([]byte, size)))
		}
		try(n, n, failing(hw.ErrReader))
	}
}
