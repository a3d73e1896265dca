package servicepoint_test

import (
	"encoding/hex"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
)

// settings are the files as GetFileSettings tells them: type, mode, rights (both and
// change, read and write), sizes. Written by hand from the layout's description.
var settings = map[servicepoint.Profile]map[byte]string{
	servicepoint.Enciphered: {
		0: "01 03 1011 0a0000", 1: "01 03 1011 2a0000", 2: "01 03 1011 0c0000",
		3: "01 03 1011 1b0000", 4: "04 03 1011 0c0000 080000 070000", 5: "01 03 1011 2f0000",
		6: "01 03 1011 4f0000", 7: "01 03 1011 6f0000", 8: "00 03 0010 0b0000",
		9: "01 03 f023 000100", 15: "05 01 f01f 02 03",
	},
	servicepoint.Readable: {
		0: "01 01 10e1 0a0000", 1: "01 01 10e1 2a0000", 2: "01 01 10e1 0c0000",
		3: "01 01 10e1 1b0000", 4: "04 01 10e1 0c0000 080000 070000", 5: "01 03 1011 2f0000",
		6: "01 03 1011 4f0000", 7: "01 03 1011 6f0000", 8: "00 01 00e0 0b0000",
		9: "01 03 f023 000100", 15: "05 01 f01f 02 03",
	},
}

func ordered(p servicepoint.Profile) servicepoint.Order {
	o := order()
	o.Profile, o.Card.TransactionMAC = p, true
	return o
}

// session opens the application, or the card with the zero AID, and proves a key.
func session(t *testing.T, card *emu.Card, aid desfire.AID, no byte, key desfire.Key) (
	*desfire.Session, error,
) {
	t.Helper()
	s, err := desfire.Connect(emu.Air{}.Present(card))
	require.NoError(t, err)
	require.NoError(t, s.Select(aid))
	return s, s.Authenticate(no, key, random(7))
}

// roles are the masters of the application's keys, by number.
func roles() []cardlayout.Key {
	k := allKeys()
	return []cardlayout.Key{k.Master, k.Transport, k.HolderRead, k.HolderWrite}
}

// Ensure that the files, their types, modes and rights are those of the layout.
func TestFileSettings(t *testing.T) {
	k := allKeys()
	for n := range 4 {
		o := ordered(servicepoint.Profile(n % 2))
		o.Card.Layout = uint8(1 + n/2)
		want := maps.Clone(settings[o.Profile])
		delete(want, map[uint8]byte{1: 7, 2: 5}[o.Card.Layout]) // the file of the other layout
		card := issued(t, o)
		s, err := session(t, card, k.Scheme.AID, 0, desfire.Key(k.Scheme.Diversify(k.Master, uid)))
		require.NoError(t, err)
		numbers, err := s.FileIDs()
		require.NoError(t, err)
		require.Len(t, numbers, len(want))
		for no, text := range want {
			got, err := s.FileSettings(no)
			require.NoError(t, err)
			require.Equal(t, unhex(t, text), got, "%v, file %d", o.Profile, no)
		}
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	var packed []byte
	for _, c := range text {
		if c != ' ' {
			packed = append(packed, byte(c))
		}
	}
	p, err := hex.DecodeString(string(packed))
	require.NoError(t, err)
	return p
}

// Ensure that every key is the card's own, with its version, and that neither zero
// nor the blank key opens anything any more.
func TestKeysChanged(t *testing.T) {
	k, card := allKeys(), issued(t, order())
	own := map[desfire.Key]bool{}
	for no, master := range roles() {
		key := desfire.Key(k.Scheme.Diversify(master, uid))
		own[key] = true
		s, err := session(t, card, k.Scheme.AID, byte(no), key)
		require.NoError(t, err, "key %d", no)
		version, err := s.KeyVersion(byte(no))
		require.NoError(t, err)
		require.EqualValues(t, 3, version)
	}
	require.Len(t, own, 4)
	for no := range byte(5) {
		for _, key := range []desfire.Key{{}, blank, desfire.Key(k.Master)} {
			_, err := session(t, card, k.Scheme.AID, no, key)
			require.ErrorIs(t, err, desfire.AuthenticationError)
		}
		for key := range own {
			_, err := session(t, card, k.Scheme.AID, 4, key)
			require.ErrorIs(t, err, desfire.AuthenticationError, "the spare key is no other")
		}
	}
	_, err := session(t, card, desfire.AID{}, 0, blank)
	require.ErrorIs(t, err, desfire.AuthenticationError)
	_, err = session(t, card, desfire.AID{}, 0, desfire.Key(k.Scheme.Diversify(k.PICC, uid)))
	require.NoError(t, err)
}

// Ensure that without a key nothing can be read from an enciphered card, that a
// readable one shows its public files and no more, and that neither lets anybody
// write or create.
func TestWithoutKey(t *testing.T) {
	public := map[byte]bool{0: true, 1: true, 2: true, 3: true, 4: true, 8: true}
	for profile, files := range settings {
		card := issued(t, ordered(profile))
		stranger := func() *desfire.Session {
			s, err := desfire.Connect(emu.Air{}.Present(card))
			require.NoError(t, err)
			require.NoError(t, s.Select(allKeys().Scheme.AID))
			return s
		}
		for no := range files {
			if no == cardlayout.FileState {
				continue // of layout 1
			}
			var p [10]byte
			err := stranger().Read(no, desfire.Plain, 0, p[:])
			if no == 4 {
				_, err = stranger().ReadRecords(no, desfire.Plain, 12, 7)
			}
			if profile == servicepoint.Readable && public[no] {
				require.NoError(t, err, "file %d", no)
			} else {
				require.ErrorIs(t, err, desfire.AuthenticationError, "%v, file %d", profile, no)
			}
			require.Error(t, stranger().Write(no, desfire.Plain, 0, p[:1]))
			require.Error(t, stranger().WriteRecord(no, desfire.Plain, p[:1]))
		}
		_, err := stranger().FileIDs()
		require.Equal(t, profile == servicepoint.Readable, err == nil, "listing")
		require.ErrorIs(t, stranger().CreateStandardFile(desfire.Layout{No: 20, Size: 1}),
			desfire.AuthenticationError)
	}
}

// Ensure that the transport key neither reads nor writes the holder, nor changes what
// the card says it is, nor any key.
func TestTransportKeyIsNotEnough(t *testing.T) {
	k := allKeys()
	key := desfire.Key(k.Scheme.Diversify(k.Transport, uid))
	bus := func() *desfire.Session {
		s, err := session(t, issued(t, ordered(servicepoint.Readable)), k.Scheme.AID, 1, key)
		require.NoError(t, err)
		return s
	}
	require.ErrorIs(t, bus().Read(9, desfire.Full, 0, []byte{0}), desfire.AuthenticationError)
	require.ErrorIs(t, bus().Write(9, desfire.Full, 0, []byte{1}), desfire.AuthenticationError)
	require.ErrorIs(t, bus().Write(8, desfire.MAC, 0, []byte{1}), desfire.AuthenticationError)
	for no := range byte(5) {
		require.Error(t, bus().ChangeKey(no, &key, desfire.Key{1}, 0))
	}
	require.Error(t, bus().ChangeKey(1, nil, desfire.Key{1}, 0), "not even its own")
}

// Ensure that the holder is read with the holder keys and only then, and that the
// holder key alone is of no use without that of file 9.
func TestHolderNeedsItsKeys(t *testing.T) {
	card := issued(t, order())
	require.Equal(t, order().Holder, inspect(t, card, allKeys()).Holder)
	bus := inspect(t, card, busKeys())
	require.Nil(t, bus.Holder)
	require.Equal(t, inspect(t, card, allKeys()).Card, bus.Card)

	k := busKeys()
	k.Holder = allKeys().Holder
	_, err := servicepoint.Inspect(emu.Air{}.Present(card), k, random(3))
	require.ErrorIs(t, err, desfire.AuthenticationError)
	k.HolderRead, k.Holder = allKeys().HolderRead, &cardlayout.Key{1}
	_, err = servicepoint.Inspect(emu.Air{}.Present(card), k, random(3))
	require.ErrorIs(t, err, cardlayout.ErrForged)
}

// commands counts what an inspection takes.
func commands(t *testing.T, card *emu.Card, k oncard.Keys) int {
	visit := emu.Air{}.Present(card)
	_, err := servicepoint.Inspect(visit, k, random(3))
	require.NoError(t, err)
	return visit.Stats().Commands
}

// Ensure that App opens a card with the current transport key, or with an older one,
// and with no other.
func TestApp(t *testing.T) {
	k, card := allKeys(), issued(t, order())
	for _, masters := range [][]cardlayout.Key{
		{k.Transport}, {keyOf(11), k.Transport}, {keyOf(11), keyOf(12), k.Transport},
	} {
		_, err := desfire.Open(emu.Air{}.Present(card), oncard.App(k.Scheme, masters...), random(3))
		require.NoError(t, err)
	}
	for _, masters := range [][]cardlayout.Key{nil, {keyOf(11)}, {k.Master}} {
		_, err := desfire.Open(emu.Air{}.Present(card), oncard.App(k.Scheme, masters...), random(3))
		require.Error(t, err)
	}
	rekeyed := busKeys()
	rekeyed.Transport, rekeyed.Former = keyOf(11), []cardlayout.Key{keyOf(12), k.Transport}
	require.Equal(t, order().Card.Number, inspect(t, card, rekeyed).Card.Number)
	rekeyed.Transport, rekeyed.Former = k.Transport, []cardlayout.Key{keyOf(11)}
	require.Equal(t, commands(t, card, busKeys()), commands(t, card, rekeyed), "current first")
}
