package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/journal"
)

// wrongs are files and calls that cannot do what they are asked for. What is put into
// the folder stands in files and makes.
var wrongs = []struct {
	name, call string
	code       int
	want       string // a part of the message
}{
	{
		"no description", "issue missing.txt --out a.img", exitFailed,
		"missing.txt cannot be read: no such file or directory: check its path",
	},
	{
		"a folder as description", "issue folder --out a.img", exitFailed,
		"folder cannot be read: is a directory",
	},
	{
		"no folder to write to", "issue aino.txt --out nowhere/a.img", exitFailed,
		"nowhere/a.img cannot be written: no such file or directory: nothing was changed",
	},
	{
		"a file where a folder should be", "issue aino.txt --out aino.txt/a.img", exitFailed,
		"aino.txt/a.img cannot be written: not a directory",
	},
	{
		"a folder where the image should be", "issue aino.txt --out folder --force", exitFailed,
		"folder cannot be written: file exists: nothing was changed",
	},
	{
		"an image that is there", "issue aino.txt --out aino.img", exitRefused,
		"aino.img is there already and may still be needed: choose another name, or add --force",
	},
	{
		"no holder", "issue matti.txt --holder missing.toml --out a.img", exitFailed,
		"missing.toml cannot be read: no such file",
	},
	{
		"a holder of a bearer card", "issue aino.txt --holder matti.toml --out a.img", exitUsage,
		"a bearer card carries nothing of a person (R-015): change the description",
	},

	{"no image", "inspect missing.img", exitFailed, "missing.img cannot be read: no such file"},
	{
		"no image at all", "inspect aino.txt", exitFailed,
		"aino.txt cannot be used: this is no image of a card: take a copy of the image, or issue",
	},
	{
		"a damaged image", "inspect damaged.img", exitFailed,
		"damaged.img cannot be used: the image is damaged: its SHA-256 is wrong",
	},
	{"half an image", "inspect half.img", exitFailed, "the image is damaged"},
	{"a folder as image", "inspect folder", exitFailed, "folder cannot be used: is a directory"},
	{
		"a card that is not ours", "inspect other.img", exitFailed,
		"the card is not a travel card of this system",
	},
	{"a blank card", "inspect blank.img", exitFailed, "it is blank or of another system"},
	{"wrong keys", "inspect aino.img --keys keys.toml", exitFailed, "it is a forgery, or was " +
		"issued with other keys: name their file (--keys)"},
	{
		"wrong holder key", "inspect aino.img --holder --keys halfright.toml", exitFailed,
		"issued with other keys: name their file (--keys)",
	},
	{
		"a folder as journal", "journal show folder", exitUsage,
		"folder is a folder: name the journal in it, such as folder/journal",
	},
	{
		"a token of a bus", "inspect aino.img --keys pkcs11:token=bus9", exitUsage,
		"the keys on a token are for validator and console: name a key file",
	},
	{
		"no keys", "inspect aino.img --keys missing.toml", exitFailed,
		"key file missing.toml cannot be opened: no such file or directory: check its path",
	},
	{
		"wrong key file", "inspect aino.img --keys aino.txt", exitUsage,
		"aino.txt:2: this cannot be understood",
	},

	{"a load of a damaged image", "load damaged.img value 10" + mikkeli, exitFailed, "is damaged"},
	{
		"a load of a card not ours", "load other.img value 10" + mikkeli, exitFailed,
		"not a travel card",
	},
	{
		"no tariff", "load aino.img value 10 --tariff missing.toml", exitFailed,
		"missing.toml cannot be read",
	},
	{"a wrong tariff", "load aino.img value 10 --tariff wrong.toml", exitUsage, "wrong.toml:"},
	{
		"a wrong time", "load aino.img value 10 --at noon --tariff testdata/tariffs/mikkeli-2025.toml",
		exitUsage, `--at: "noon": want a time such as 2026-03-02 08:00`,
	},
	{"a wrong amount", "load aino.img value ten" + mikkeli, exitUsage, `amount "ten"`},
	{
		"two amounts", "load aino.img value 10 20" + mikkeli, exitUsage,
		"want one amount after value",
	},
	{"no zones", "load aino.img season 30" + mikkeli, exitUsage, "want a product and zones"},
	{"wrong zones", "load aino.img season 30 A-Z" + mikkeli, exitUsage, `zones "A-Z"`},
	{
		"a wrong product", "load aino.img season x A" + mikkeli, exitUsage,
		`product "x": want its code`,
	},
	{
		"a seller that does not fit", "load aino.img value 10 --device 65000" + mikkeli, exitUsage,
		"the numbers of the seller or the amount do not fit the card",
	},
	{"too much", "load aino.img value 9999999" + mikkeli, exitRefused, "ask for less"},

	{"no scenario", "run missing.tap", exitFailed, "missing.tap cannot be read"},
	{"a wrong scenario", "run broken.tap", exitUsage, "broken.tap:2: tap: no passenger"},
	{
		"no such tariffs", "run good.tap --tariffs folder", exitFailed,
		"tariff mikkeli-2025: folder/mikkeli-2025.toml cannot be read: no such file",
	},

	{
		"no list", "list build missing.txt --area 227 --version 1 --out l", exitFailed,
		"cannot be read",
	},
	{
		"a wrong list", "list build aino.txt --area 227 --version 1 --out l", exitUsage,
		"aino.txt:2: ",
	},
	{"version 0", "list build blocked.txt --area 227 --version 0 --out l", exitUsage, "from 1"},
	{
		"a list in no folder", "list build blocked.txt --area 227 --version 1 --out nowhere/l",
		exitFailed, "no such file or directory: check the folder and its free space",
	},
	{
		"a wrong making", "list build blocked.txt --area 227 --version 1 --made now --out l",
		exitUsage, `--made: "now": want a time`,
	},
	{"no list to show", "list show missing.db", exitFailed, "missing.db cannot be read"},
	{"no list at all", "list show aino.img", exitFailed, "the block list is damaged"},
	{"a wrong number", "list show blocklist.db --card 17", exitUsage, "--card: card number"},

	{
		"a card in a delta", "list show delta.db --card 924699001123456787", exitUsage,
		"a delta says little of a card",
	},
	{
		"a delta backwards", "list delta later.db blocklist.db --out d", exitUsage,
		"version 5 does not lead to 3",
	},
	{
		"a delta of a delta", "list delta blocklist.db delta.db --out d", exitUsage,
		"want two full lists",
	},
	{
		"a delta of nothing", "list delta blocklist.db missing.db --out d", exitFailed,
		"missing.db cannot be read",
	},
	{
		"a card in a delta of actions", "list show delta.cbor --card 924699001123456787", exitUsage,
		"a delta says little of a card",
	},
	{
		"a delta of actions backwards", "list delta later.cbor actions.cbor --out d", exitUsage,
		"version 8 does not lead to 7",
	},
	{
		"a delta of a delta of actions", "list delta actions.cbor delta.cbor --out d", exitUsage,
		"want two full lists",
	},
	{
		"a delta of actions to blocks", "list delta actions.cbor later.db --out d", exitUsage,
		"both block lists or both action lists",
	},
	{
		"a delta of actions and nothing", "list delta actions.cbor missing.cbor --out d", exitFailed,
		"missing.cbor cannot be read",
	},
	{
		"a delta of actions in no folder", "list delta actions.cbor later.cbor --out nowhere/d",
		exitFailed, "no such file or directory",
	},
	{
		"a delta in no folder", "list delta blocklist.db later.db --out nowhere/d", exitFailed,
		"check the folder and its free space",
	},
	{"a key that is there", "list key new lists.pem", exitRefused, "lists.pem is there already"},
	{
		"no key", "list sign blocklist.db --key missing.pem --out b", exitFailed,
		"missing.pem cannot be read",
	},
	{"no key at all", "list key show aino.txt", exitUsage, "aino.txt is no key of Ed25519 in PEM"},
	{"a key for all to read", "list key show open.pem", exitFailed, "chmod 600 open.pem"},
	{"another kind of key", "list key show curve.pem", exitUsage, "curve.pem is no key of Ed25519"},
	{
		"no list to sign", "list sign missing.db --key lists.pem --out b", exitFailed,
		"missing.db cannot be read",
	},
	{
		"text to sign", "list sign aino.txt --key lists.pem --out b", exitFailed,
		"the block list is damaged",
	},
	{"expired when made", "list sign blocklist.db --key lists.pem --expires 2025-01-01T00:00:00Z " +
		"--out b", exitUsage, "--expires: that is before the list was made"},
	{
		"a wrong expiry", "list sign blocklist.db --key lists.pem --expires soon --out b", exitUsage,
		`--expires: "soon": want a time`,
	},
	{
		"a bundle in no folder", "list sign blocklist.db --key lists.pem --out nowhere/b", exitFailed,
		"nowhere/b cannot be written",
	},
	{"no bundle", "list open missing.bundle", exitFailed, "missing.bundle cannot be read"},
	{
		"no bundle at all", "list open blocklist.db", exitRefused,
		"blocklist.db: the bundle is damaged",
	},
	{
		"half a bundle", "list open half.bundle --public " + testPublic, exitRefused,
		"bytes are there: send it again",
	},
	{
		"half a bundle to take out", "list open half.bundle --out l --public " + testPublic, exitRefused,
		"bytes are there: send it again",
	},
	{"an unverified list", "list open 3.bundle --out l", exitUsage, "name a key (--public)"},
	{"a public key that is none", "list open 3.bundle --public abc", exitUsage, "--public: want the 44"},
	{
		"another key", "list open 3.bundle --public AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		exitRefused, "signed with an unknown key",
	},
	{
		"lists of no area", "list apply folder 3.bundle --public " + testPublic, exitUsage,
		"--area: name it",
	},
	{
		"lists in no folder", "list apply aino.txt 3.bundle --area 227 --public " + testPublic,
		exitFailed, "aino.txt cannot be written",
	},

	{"no tariff to check", "tariff check missing.toml", exitFailed, "missing.toml cannot be read"},
	{
		"no tariff to save", "tariff save missing.toml --out t", exitFailed,
		"missing.toml cannot be read",
	},
	{
		"tariffs in no folder", "tariff save testdata/tariffs/kotka-2025.toml --out nowhere/t",
		exitFailed, "no such file or directory",
	},

	{
		"keys in no folder", "keys new nowhere/keys.toml", exitFailed,
		"cannot be written: no such file",
	},
	{"keys that are there", "keys new keys.toml", exitRefused, "keys.toml is there already"},

	{"no journal", "journal show missing", exitFailed, "missing cannot be read: no such file"},
	{"no journal at all", "journal show aino.img", exitFailed, "the journal is damaged"},
	{"a changed journal", "journal show changed --verify", exitRefused, "is not as it was written"},
	{
		"a journal in use", "journal show journal", exitFailed,
		"only one may have the journal open; that of a running validator must be copied first, " +
			"with its heads: cp -r journal* copy/",
	},
	{"no journal to export", "journal export missing", exitFailed, "missing cannot be read"},
	{
		"a changed journal to verify", "journal verify changed", exitRefused,
		"entry 3 is not as it was written",
	},
	{
		"a changed journal to export", "journal export aino.img", exitFailed,
		"the journal is damaged",
	},
	{
		"a journal in use to acknowledge", "journal ack journal 1", exitFailed,
		"only one may have the journal open",
	},
	{"a format that is none", "journal export journal --format xml", exitUsage, "json"},
}

// Ensure that whatever is wrong is told in one clear message, with its exit code, and
// that no file is made or changed.
func TestWrong(t *testing.T) {
	folder(t, "aino.txt", "matti.txt", "matti.toml", "blocked.txt", "aino.img", "blocklist.db",
		"later.db", "delta.db", "delta.cbor", "lists.pem", "3.bundle", "journal", "good.tap", "broken.tap", "wrong.toml")
	damaged(t)
	j, err := journal.Open("journal")
	require.NoError(t, err)
	defer j.Close()
	before := snapshot(t)
	for _, w := range wrongs {
		t.Run(w.name, func(t *testing.T) {
			came := tool(t, "", strings.Fields(w.call)...)
			require.Equal(t, w.code, came.code, came.err)
			require.Contains(t, came.err, w.want)
			require.Equal(t, 1, strings.Count(came.err, "bench: "), came.err)
			require.Equal(t, before, snapshot(t))
		})
	}
}

// damaged puts files into the folder that are not as they should be.
func damaged(t *testing.T) {
	t.Helper()
	require.NoError(t, os.MkdirAll("folder/journal", 0o755))
	image := read(t, "aino.img")
	write(t, "half.img", image[:len(image)/2])
	write(t, "damaged.img", strings.Replace(image, `"Frame": 64`, `"Frame": 65`, 1))
	sent := read(t, "3.bundle")
	write(t, "half.bundle", sent[:len(sent)-10])
	write(t, "open.pem", read(t, "lists.pem"))
	require.NoError(t, os.Chmod("open.pem", 0o640))
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(other)
	require.NoError(t, err)
	write(t, "curve.pem", string(pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: raw})))
	require.NoError(t, os.CopyFS("changed", os.DirFS("journal")))
	segment := filepath.Join("changed", "00000000000000000001")
	write(t, segment, strings.ReplaceAll(read(t, segment), "satama", "sotama"))
	done(t, "keys", "new", "keys.toml")
	write(t, "halfright.toml", testKeyFile())
	foreign := strings.Replace(testKeyFile(), "0010AB", "0010AC", 1)
	write(t, "foreign.toml", foreign)
	done(t, "issue", "aino.txt", "--out", "other.img", "--keys", "foreign.toml")
	blankCard(t, "blank.img")
}

// failing is a writer that does not write.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// Ensure that an answer that cannot be written is no success.
func TestUnwritableAnswer(t *testing.T) {
	folder(t, "aino.img")
	write(t, "wrong.tap", "card Aino  group adult, purse 10.00\ntap Aino\n----\nrefused\n")
	for _, call := range []string{
		"inspect aino.img", "inspect aino.img --json", "--help", "run wrong.tap",
		"run testdata/taps/value.tap", "tariff check testdata/tariffs/kotka-2025.toml",
	} {
		var words bytes.Buffer
		code := run(context.Background(), strings.Fields(call), nil, failing{}, &words)
		require.Equal(t, exitFailed, code, call)
		require.Contains(t, words.String(), "no space left on device", call)
	}
}

// Ensure that Ctrl-C ends the program cleanly: while it waits for somebody to type,
// between two statements of a scenario, and in a journal.
func TestStopped(t *testing.T) {
	folder(t, "journal")
	ctx, stop := context.WithCancel(context.Background())
	typing, _ := io.Pipe()
	var out, words bytes.Buffer
	stop()
	require.Equal(t, exitFailed,
		run(ctx, strings.Fields("issue - --out a.img"), typing, &out, &words))
	require.Equal(t, "bench: stopped before it was done\n", words.String())
	require.NoFileExists(t, "a.img")
	require.Equal(t, exitFailed,
		run(ctx, strings.Fields("journal show journal"), nil, &out, &words))
	require.Equal(t, 1, strings.Count(out.String(), "\n"))

	ctx, stop = context.WithCancel(context.Background())
	words.Reset()
	t.Setenv("TMPDIR", t.TempDir())
	taps := []string{"run", "testdata/taps/value.tap", "testdata/taps/transfer.tap", "--verbose"}
	require.Equal(t, exitFailed, run(ctx, taps, nil, stopper(stop), &words))
	require.Equal(t, "bench: stopped before it was done: 0 of 2 scenarios were played\n",
		words.String())
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	require.Empty(t, left)
}

// A stopper presses Ctrl-C at the first word.
type stopper func()

func (s stopper) Write(p []byte) (int, error) {
	s()
	return len(p), nil
}
