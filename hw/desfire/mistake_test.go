package desfire_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
)

// A call is one method of a session that needs the card, with what its errors must
// name.
type call struct {
	name, says string
	act        func(*desfire.Session) error
}

// only drops what a call returns beside its error.
func only[T any](_ T, err error) error { return err }

// questions ask the card for something, orders change it. Select and Authenticate
// are not among them: they begin a session anew.
var (
	questions = []call{
		{"Version", "version", func(s *desfire.Session) error { return only(s.Version()) }},
		{"FreeMemory", "free memory", func(s *desfire.Session) error {
			return only(s.FreeMemory())
		}},
		{"CardUID", "own serial number", func(s *desfire.Session) error {
			return only(s.CardUID())
		}},
		{"KeyVersion", "key 3", func(s *desfire.Session) error { return only(s.KeyVersion(3)) }},
		{"KeySettings", "key settings", func(s *desfire.Session) error {
			_, _, err := s.KeySettings()
			return err
		}},
		{"ApplicationIDs", "listing the applications", func(s *desfire.Session) error {
			return only(s.ApplicationIDs())
		}},
		{"FileIDs", "listing the files", func(s *desfire.Session) error {
			return only(s.FileIDs())
		}},
		{"FileSettings", "settings of file 5", func(s *desfire.Session) error {
			return only(s.FileSettings(5))
		}},
		{"Read", "reading file 6", func(s *desfire.Session) error {
			return s.Read(6, desfire.MAC, 0, make([]byte, 20))
		}},
		{"Read in full", "reading file 6", func(s *desfire.Session) error {
			return s.Read(6, desfire.Full, 0, make([]byte, 20))
		}},
		{"Detect", "reading file 7", func(s *desfire.Session) error {
			return only(s.Detect(7, make([]byte, 20)))
		}},
		{"ReadRecords", "records of file 9", func(s *desfire.Session) error {
			return only(s.ReadRecords(9, desfire.MAC, 4, 5))
		}},
		{"Commit for a receipt", "committing", func(s *desfire.Session) error {
			return only(s.Commit(true))
		}},
	}
	orders = []call{
		{"Write", "writing file 8", func(s *desfire.Session) error {
			return s.Write(8, desfire.MAC, 0, []byte("data"))
		}},
		{"Write in full", "writing file 8", func(s *desfire.Session) error {
			return s.Write(8, desfire.Full, 0, []byte("data"))
		}},
		{"WriteRecord", "record of file 10", func(s *desfire.Session) error {
			return s.WriteRecord(10, desfire.MAC, []byte("data"))
		}},
		{"Commit", "committing", func(s *desfire.Session) error { return only(s.Commit(false)) }},
		{"Abort", "aborting", (*desfire.Session).Abort},
		{"CreateApplication", "application 0010AB", func(s *desfire.Session) error {
			return s.CreateApplication(aid, 0x0F, 1)
		}},
		{"CreateStandardFile", "creating file 11", func(s *desfire.Session) error {
			return s.CreateStandardFile(desfire.Layout{No: 11})
		}},
		{"CreateBackupFile", "creating file 12", func(s *desfire.Session) error {
			return s.CreateBackupFile(desfire.Layout{No: 12})
		}},
		{"CreateCyclicFile", "creating file 13", func(s *desfire.Session) error {
			return s.CreateCyclicFile(desfire.Layout{No: 13})
		}},
		{"CreateTransactionMACFile", "creating file 14", func(s *desfire.Session) error {
			return s.CreateTransactionMACFile(desfire.Layout{No: 14}, tmacKey, 1)
		}},
		{"ChangeKey", "changing key 2", func(s *desfire.Session) error {
			return s.ChangeKey(2, &desfire.Key{}, wrongKey, 1)
		}},
		{"DeleteApplication", "deleting application 0010AB", func(s *desfire.Session) error {
			return s.DeleteApplication(aid)
		}},
		{"ChangeKeySettings", "changing the key settings", func(s *desfire.Session) error {
			return s.ChangeKeySettings(0x0F)
		}},
		{"Format", "formatting", (*desfire.Session).Format},
	}

	// unproved is the one command whose answer carries no MAC.
	unproved = call{"ChangeKey of the session", "changing key 1", func(s *desfire.Session) error {
		return s.ChangeKey(1, nil, wrongKey, 1)
	}}

	reproof = call{"Reauthenticate", "key 3", func(s *desfire.Session) error {
		return s.Reauthenticate(3, pushover{liarKeys}, random(6))
	}}

	calls = append(append(append([]call{}, questions...), orders...), unproved, reproof)
)

// commits says whether the call is a commit.
func (c call) commits() bool { return c.says == "committing" }

// mistakes are what a caller can do wrong, with the key of the session, the card's
// status, and what the error must name.
var mistakes = map[string]struct {
	key  byte
	want desfire.Status
	says string
	act  func(s *desfire.Session) error
}{
	"no such application": {
		1, desfire.ApplicationNotFound, "application 010203",
		func(s *desfire.Session) error { return s.Select(desfire.AID{1, 2, 3}) },
	},
	"no such key": {
		1, desfire.NoSuchKey, "key 9",
		func(s *desfire.Session) error { return s.Authenticate(9, wrongKey, random(1)) },
	},
	"no such key to go on with": {
		1, desfire.NoSuchKey, "key 9",
		func(s *desfire.Session) error { return s.Reauthenticate(9, wrongKey, random(1)) },
	},
	"version of no key": {
		1, desfire.NoSuchKey, "key 9",
		func(s *desfire.Session) error { return only(s.KeyVersion(9)) },
	},
	"wrong key": {
		1, desfire.AuthenticationError, "key 2",
		func(s *desfire.Session) error { return s.Authenticate(2, wrongKey, random(1)) },
	},
	"wrong key to go on with": {
		1, desfire.AuthenticationError, "key 2",
		func(s *desfire.Session) error { return s.Reauthenticate(2, wrongKey, random(1)) },
	},
	"no such file": {
		1, desfire.FileNotFound, "file 30",
		func(s *desfire.Session) error { return read(s, 30, desfire.MAC, 0) },
	},
	"settings of no file": {
		1, desfire.FileNotFound, "file 30",
		func(s *desfire.Session) error { return only(s.FileSettings(30)) },
	},
	"file of another key": {
		2, desfire.AuthenticationError, "file 5",
		func(s *desfire.Session) error { return read(s, backMAC, desfire.MAC, 0) },
	},
	"MAC where enciphered": {
		1, desfire.LengthError, "file 6",
		func(s *desfire.Session) error {
			return s.Write(backFull, desfire.MAC, 0, []byte{1})
		},
	},
	"enciphered where MAC": {
		1, desfire.LengthError, "file 5",
		func(s *desfire.Session) error {
			return s.Write(backMAC, desfire.Full, 0, []byte{1})
		},
	},
	"read beyond the end": {
		1, desfire.BoundaryError, "file 5",
		func(s *desfire.Session) error { return read(s, backMAC, desfire.MAC, fileSize-1) },
	},
	"read before the beginning": {
		1, desfire.BoundaryError, "file 5",
		func(s *desfire.Session) error { return read(s, backMAC, desfire.MAC, -1) },
	},
	"write beyond the end": {
		1, desfire.BoundaryError, "file 6",
		func(s *desfire.Session) error {
			return s.Write(backFull, desfire.Full, fileSize-1, []byte{1, 2})
		},
	},
	"more records than there are": {
		1, desfire.BoundaryError, "file 8",
		func(s *desfire.Session) error {
			return only(s.ReadRecords(cyclicMAC, desfire.MAC, recordSize, recordMost))
		},
	},
	"record too long": {
		1, desfire.BoundaryError, "file 8",
		func(s *desfire.Session) error {
			return s.WriteRecord(cyclicMAC, desfire.MAC, make([]byte, recordSize+1))
		},
	},
	"empty record": {
		1, desfire.ParameterError, "file 8",
		func(s *desfire.Session) error { return s.WriteRecord(cyclicMAC, desfire.MAC, nil) },
	},
	"write into the signature": {
		1, desfire.PermissionDenied, "file 15",
		func(s *desfire.Session) error { return s.Write(tmac, desfire.MAC, 0, []byte{1}) },
	},
	"nothing to commit": {
		1, desfire.NoChanges, "committing",
		func(s *desfire.Session) error { return only(s.Commit(true)) },
	},
	"nothing to abort": {1, desfire.NoChanges, "aborting", (*desfire.Session).Abort},
	"application within one": {
		0, desfire.PermissionDenied, "application 010203",
		func(s *desfire.Session) error {
			return s.CreateApplication(desfire.AID{1, 2, 3}, 0x0F, 1)
		},
	},
	"file of no length": {
		0, desfire.ParameterError, "file 20",
		func(s *desfire.Session) error {
			return s.CreateStandardFile(desfire.Layout{No: 20})
		},
	},
	"file twice": {
		0, desfire.DuplicateError, "file 5",
		func(s *desfire.Session) error {
			return s.CreateBackupFile(desfire.Layout{No: 5, Size: 1})
		},
	},
	"file too large": {
		0, desfire.OutOfEEPROM, "file 20",
		func(s *desfire.Session) error {
			return s.CreateBackupFile(desfire.Layout{No: 20, Size: 8000})
		},
	},
	"one record only": {
		0, desfire.ParameterError, "file 20",
		func(s *desfire.Session) error {
			return s.CreateCyclicFile(desfire.Layout{No: 20, Size: 1, Most: 1})
		},
	},
	"two signatures": {
		0, desfire.DuplicateError, "file 20",
		func(s *desfire.Session) error {
			return s.CreateTransactionMACFile(desfire.Layout{
				No:     20,
				Rights: desfire.Rights{Write: desfire.Never},
			}, tmacKey, 1)
		},
	},
	"another key than the one held": {
		0, desfire.IntegrityError, "key 2",
		func(s *desfire.Session) error {
			held := wrongKey
			return s.ChangeKey(2, &held, desfire.Key{}, 1)
		},
	},
	"own key for another's": {
		0, desfire.LengthError, "key 0",
		func(s *desfire.Session) error { return s.ChangeKey(0, &wrongKey, wrongKey, 1) },
	},
	"key of another": {
		1, desfire.AuthenticationError, "key 2",
		func(s *desfire.Session) error { return s.ChangeKey(2, nil, wrongKey, 1) },
	},
	"format of an application": {
		0, desfire.PermissionDenied, "formatting",
		(*desfire.Session).Format,
	},
}

// Ensure that every mistake comes back as the status with which the card answers
// it, and that its text names what it was about.
func TestMistakes(t *testing.T) {
	for name, m := range mistakes {
		t.Run(name, func(t *testing.T) {
			card := issued(t, 64)
			before := memory(t, card)
			s := enter(t, emu.Air{}.Present(card), m.key)
			err := m.act(s)
			checkStatus(t, err, m.want)
			require.ErrorContains(t, err, m.says)
			require.Equal(t, before, memory(t, card))
			_, err = s.CardUID()
			require.ErrorIs(t, err, desfire.ErrSession)
		})
	}
}

func read(s *desfire.Session, file byte, mode desfire.Mode, offset int) error {
	return s.Read(file, mode, offset, make([]byte, 2))
}

// checkStatus checks that a caller can find the status in the error, and in its
// text.
func checkStatus(t *testing.T, err error, want desfire.Status) {
	t.Helper()
	require.ErrorIs(t, err, want)
	var status desfire.Status
	require.True(t, errors.As(err, &status))
	require.Equal(t, want, status)
	require.ErrorContains(t, err, fmt.Sprintf("%02X", byte(want)))
	require.NotErrorIs(t, err, hw.ErrRemoved)
}

// Ensure that whatever status a card answers to whatever command reaches the caller,
// known or not, and that only at a commit the card's state is in doubt.
func TestEveryStatusIsTold(t *testing.T) {
	for _, c := range calls {
		for code := range 256 {
			status := desfire.Status(code)
			if status == desfire.OK || status == desfire.AdditionalFrame {
				continue
			}
			s, card := believe(t, always(bare(status, 1, 2, 3)))
			err := c.act(s)
			checkStatus(t, err, status)
			require.ErrorContains(t, err, c.says)
			require.Equal(t, c.commits(), errors.Is(err, desfire.ErrCommitUnknown), c.name)
			require.Equal(t, opening+1, card.sent, c.name)
		}
	}
}

// failures are answers that end a session, and the error that says why.
var failures = map[string]struct {
	reply func([]byte) ([]byte, error)
	want  error
}{
	"status":         {always(bare(desfire.PermissionDenied)), desfire.PermissionDenied},
	"commit aborted": {always(bare(desfire.CommandAborted)), desfire.CommandAborted},
	"removed":        {failing(hw.ErrRemoved), hw.ErrRemoved},
	"reader gone":    {failing(hw.ErrReader), hw.ErrReader},
	"nothing":        {always(nil), hw.ErrRemoved},
	"half a status":  {always([]byte{0x91}), hw.ErrRemoved},
	"ISO status":     {always([]byte{0x6A, 0x82}), desfire.ErrAnswer},
	"ISO success":    {always([]byte{0x90, 0x00}), desfire.ErrAnswer},
	"without end":    {always(bare(desfire.AdditionalFrame)), desfire.ErrAnswer},
	"seven bytes":    {always(bare(desfire.OK, make([]byte, 7)...)), desfire.ErrAnswer},
}

// Ensure that after any failure of any call the session is over: every call says
// so and why, and nothing is sent any more.
func TestSessionIsOverAfterAnyError(t *testing.T) {
	for name, f := range failures {
		for _, c := range calls {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				s, card := believe(t, f.reply)
				err := c.act(s)
				require.ErrorIs(t, err, f.want)
				require.ErrorContains(t, err, c.says)
				checkOver(t, s, f.want, func() int { return card.sent })
			})
		}
	}
}

// checkOver checks that nothing can be done with a session that ended for a reason.
func checkOver(t testing.TB, s *desfire.Session, why error, sent func() int) {
	t.Helper()
	before := sent()
	for _, c := range calls {
		err := c.act(s)
		require.ErrorIs(t, err, desfire.ErrSession, c.name)
		require.ErrorIs(t, err, why, c.name)
		require.ErrorContains(t, err, c.says)
	}
	require.Equal(t, before, sent(), "something was sent")
}

// Ensure that a session that ended begins anew with a selection or a proof.
func TestSessionBeginsAnew(t *testing.T) {
	for name, begin := range map[string]func(*desfire.Session) error{
		"select": func(s *desfire.Session) error { return s.Select(aid) },
		"prove":  func(s *desfire.Session) error { return nil },
	} {
		s := enter(t, emu.Air{}.Present(issued(t, 64)), 1)
		require.ErrorIs(t, read(s, 30, desfire.MAC, 0), desfire.FileNotFound)
		require.ErrorIs(t, read(s, backMAC, desfire.MAC, 0), desfire.ErrSession)
		require.NoError(t, begin(s), name)
		require.NoError(t, s.Authenticate(1, secret(1, uid), random(9)), name)
		require.NoError(t, read(s, backMAC, desfire.MAC, 0), name)
	}
}

// Ensure that a selection ends what was proved, with the writes that hang on it:
// what needs no proof is plain again, and what needs one is not sent.
func TestSelectEndsTheSession(t *testing.T) {
	card := issued(t, 64)
	before := memory(t, card)
	w := &wire{card: emu.Air{}.Present(card)}
	s := enter(t, w, 1)
	require.NoError(t, s.Write(backFull, desfire.Full, 0, []byte("lost")))
	require.NoError(t, s.Select(aid))
	sent := len(w.sent)
	require.ErrorIs(t, read(s, backFull, desfire.Full, 0), desfire.ErrSession)
	require.ErrorIs(t, only(s.Commit(false)), desfire.ErrSession)
	require.Len(t, w.sent, sent)
	version, err := s.KeyVersion(1)
	require.NoError(t, err)
	require.Equal(t, byte(0x11), version)
	require.NoError(t, s.Authenticate(1, secret(1, uid), random(9)))
	require.ErrorIs(t, only(s.Commit(false)), desfire.NoChanges)
	require.Equal(t, before, memory(t, card))
}

// Ensure that without a proof nothing is sent that needs one, least of all a key.
func TestNothingSecretWithoutSession(t *testing.T) {
	for _, c := range calls {
		w := &wire{card: emu.Air{}.Present(issued(t, 64))}
		s := connect(t, w)
		require.NoError(t, s.Select(aid))
		err := c.act(s)
		for _, command := range w.sent[2:] {
			require.LessOrEqual(t, len(command), 16, "%s sends %X", c.name, command)
		}
		switch c.name {
		case "Version", "FreeMemory", "KeyVersion", "FileIDs", "FileSettings",
			"CreateApplication", "CreateStandardFile", "CreateBackupFile",
			"CreateCyclicFile", "Format", "KeySettings", "ApplicationIDs", "DeleteApplication":
			require.Greater(t, len(w.sent), 2, c.name)
		default:
			require.ErrorIs(t, err, desfire.ErrSession, c.name)
			require.ErrorContains(t, err, c.says)
			require.Len(t, w.sent, 2, c.name)
		}
	}
}

// Ensure that a card's own serial number is not taken from a reader that invents
// one, for want of a session.
func TestCardUIDIsNotInvented(t *testing.T) {
	s := connect(t, &tape{answers: [][]byte{welcome[0], bare(desfire.OK, 1, 2, 3, 4, 5, 6, 7)}})
	_, err := s.CardUID()
	require.ErrorIs(t, err, desfire.ErrSession)
}

// Ensure that more data than one command holds is an error, and is not sent.
func TestTooLongForOneCommand(t *testing.T) {
	for mode, longest := range map[desfire.Mode]int{
		desfire.Plain: 248, desfire.MAC: 240, desfire.Full: 239,
	} {
		s, card := believe(t, always(seal(liarKeys, 1, desfire.MAC, nil)))
		require.NoError(t, s.WriteRecord(9, desfire.MAC, make([]byte, 240)))
		card.reply = always(seal(liarKeys, 2, desfire.MAC, nil))
		if mode == desfire.Plain {
			card.reply = always(bare(desfire.OK))
		}
		require.NoError(t, s.WriteRecord(9, mode, make([]byte, longest)), "%d", longest)
		err := s.WriteRecord(9, mode, make([]byte, longest+1))
		require.ErrorContains(t, err, "record of file 9")
		require.ErrorContains(t, err, "do not fit")
		require.Equal(t, opening+2, card.sent)
		checkOver(t, s, desfire.ErrSession, func() int { return card.sent })
	}
}

// Ensure that every status of the data sheet has a name and the others say that
// they have none.
func TestStatusNames(t *testing.T) {
	named := 0
	for code := range 256 {
		text := desfire.Status(code).Error()
		require.Regexp(t, fmt.Sprintf("^the card answered %02X, [A-Za-z ]+$", code), text)
		if text != fmt.Sprintf("the card answered %02X, unknown status", code) {
			named++
		}
	}
	require.Equal(t, 22, named)
}
