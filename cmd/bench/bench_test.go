package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	_ "embed"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/validator/sim"
)

// repository is the folder of the whole, found before a test goes elsewhere.
var repository = func() string {
	path, err := filepath.Abs("../..")
	if err != nil {
		panic(err)
	}
	return path
}()

// A result is what came of one call of the program.
type result struct {
	code     int
	out, err string
}

// tool runs the program, and holds its words to what no command may say.
func tool(t testing.TB, stdin string, args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	code := run(context.Background(), args, strings.NewReader(stdin), &out, &err)
	came := result{code, out.String(), err.String()}
	keepsSilent(t, came.out+came.err, args)
	return came
}

// done is the output of a call that must succeed.
func done(t testing.TB, args ...string) string {
	t.Helper()
	came := tool(t, "", args...)
	require.Zero(t, came.code, "%v: %s", args, came.err)
	return came.out
}

// keepsSilent says that a text holds no key, no name that was not asked for, and no
// word of the program's own language.
func keepsSilent(t testing.TB, text string, args []string) {
	t.Helper()
	for _, secret := range secrets {
		require.NotContains(t, text, secret, "%v", args)
	}
	if asked := strings.Join(args, " "); !strings.Contains(asked, "--holder") ||
		strings.HasPrefix(asked, "issue") {
		require.NotContains(t, text, "Mäki")
		require.NotContains(t, text, "170580")
	}
	if utf8.ValidString(text) { // nobody reads CBOR, in whose sealed bytes anything may stand
		require.NotRegexp(t, ownLanguage, text, "%v", args)
	}
}

// ownLanguage are words of the program's own language. A key in base64 may have such letters
// within it.
var ownLanguage = regexp.MustCompile(
	`%!|<nil>|&\{|map\[|(^|[^A-Za-z0-9+/])(panic|goroutine|0x|EOL)`)

// secrets are the test keys and those that the cards of these tests have, in the ways
// they could slip into a text.
var secrets = func() (list []string) {
	k := sim.TestKeys()
	masters := []cardlayout.Key{
		k.PICC, k.Master, k.Transport, k.HolderRead, k.HolderWrite,
		k.TMAC, k.Rights[0], k.Rights[1], *k.Holder,
	}
	keys := masters
	for _, number := range []cardlayout.Number{ainoNumber, mattiNumber, kotkaNumber} {
		for _, master := range masters {
			own := k.Scheme.Diversify(master, (&issueCommand{}).serial(number))
			keys = append(keys, own)
		}
	}
	for _, key := range keys {
		list = append(list, fmt.Sprintf("%x", key[2:10]), fmt.Sprintf("%X", key[2:10]),
			base64.StdEncoding.EncodeToString(key[:])[4:16], fmt.Sprint(key[2:10]),
			string(key[2:10]))
	}
	list = append(list, "PRIVATE KEY", string(testKey[:8]), fmt.Sprintf("%x", testKey[:8]),
		base64.StdEncoding.EncodeToString(testKey[:6]))
	return list
}()

// The cards of these tests.
const (
	ainoNumber  cardlayout.Number = 924699_0011_2345_6787
	mattiNumber cardlayout.Number = 924699_0000_0000_0015
	kotkaNumber cardlayout.Number = 924699_0000_0000_0023
)

// texts are the files that people write for these tests.
var texts = map[string]string{
	"aino.txt": `# The card of a passenger of Mikkeli.
number   924699 0011 2345 6787
area     227, group adult   # two parts in a line, and a comment, with commas
issued   2026-01-02
purse    10.00
`,
	"matti.txt": `number   924699 0000 0000 0015
kind     personal
area     227
born     1980-05-17
issued   2026-01-02
valid    2034-01-01
`,
	"matti.toml": `name = "Mäki Matti"
identity_code = "170580-123A"
municipality = 491
sex = 1
user_group = "adult"
`,
	"season.txt": "season1 area=227 product=30 zones=A days=30 price=45.00 " +
		"from=2016-09-01 to=2016-09-30\n",
	"older.txt": "number 924699 0011 2345 6787, area 227, group adult, issued 2026-01-02, " +
		"purse 10.00, layout 1\n",
	"kotka.txt":   "number 924699 0000 0000 0023, area 217, issued 2026-01-02\n",
	"blocked.txt": "924699 0011 2345 6787 personal 0 # reported lost\n",
	"sales.txt": `924699 0011 2345 6787 value 20.00 expects 3 from 2026-03-02 # twenty euros
924699 0011 2345 6787 season 30 A-B days 30 price 57.00 expects 4 from 2026-03-02 funder employer
924699 0000 0000 0015 unblock expects 0 leaves 2 from 2026-03-02 until 2026-03-09
`,
	"bought.txt": `924699 0011 2345 6787 season 30 A-B days 30 price 57.00 expects 4 from 2026-03-02 funder employer
924699 0000 0000 0015 unblock expects 0 leaves 2 from 2026-03-02 until 2026-03-16
924699 0000 0000 0023 value 20.00 expects 0 from 2026-03-02
`,
	"later.txt": "924699 0000 0000 0015 personal 2\n924699 0000 0000 0023 company 0\n",
}

// all is a card with something of everything.
//
//go:embed testdata/all.txt
var all string

// makers make the other files of these tests, with the program itself.
var makers = map[string]func(t testing.TB){}

func init() {
	makers["aino.img"] = func(t testing.TB) {
		prepared(t, "issue", "aino.txt", "--out", "aino.img")
	}
	makers["kotka.img"] = func(t testing.TB) {
		prepared(t, "issue", "kotka.txt", "--out", "kotka.img")
	}
	makers["blocklist.db"] = func(t testing.TB) { prepared(t, buildList...) }
	makers["later.db"] = func(t testing.TB) {
		provide(t, "later.txt")
		done(t, "list", "build", "later.txt", "--area", "227", "--version", "5",
			"--made", "2026-03-04T06:00:00Z", "--out", "later.db")
	}
	makers["delta.db"] = func(t testing.TB) {
		provide(t, "blocklist.db", "later.db")
		done(t, "list", "delta", "blocklist.db", "later.db", "--out", "delta.db")
	}
	for version, names := range map[string][2]string{
		"7": {"sales.txt", "actions.cbor"}, "8": {"bought.txt", "later.cbor"},
	} {
		makers[names[1]] = func(t testing.TB) {
			provide(t, names[0])
			done(t, "list", "actions", names[0], "--area", "227", "--version", version,
				"--made", "2026-03-02T06:00:00Z", "--out", names[1])
		}
	}
	makers["delta.cbor"] = func(t testing.TB) {
		provide(t, "actions.cbor", "later.cbor")
		done(t, "list", "delta", "actions.cbor", "later.cbor", "--out", "delta.cbor")
	}
	makers["office.pem"] = func(t testing.TB) {
		key, err := x509.MarshalPKCS8PrivateKey(sim.TestBackOffice())
		require.NoError(t, err)
		write(t, "office.pem", string(pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: key})))
	}
	makers["lists.pem"] = func(t testing.TB) {
		key, err := x509.MarshalPKCS8PrivateKey(testKey)
		require.NoError(t, err)
		write(t, "lists.pem", string(pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: key})))
	}
	makers["3.bundle"] = func(t testing.TB) {
		provide(t, "blocklist.db", "lists.pem")
		done(t, "list", "sign", "blocklist.db", "--key", "lists.pem", "--out", "3.bundle",
			"--expires", "2036-04-01T01:00:00Z")
	}
	makers["ride.img"] = func(t testing.TB) { travel(t, "ride.img") }
	makers["mikkeli.toml"] = func(t testing.TB) {
		write(t, "mikkeli.toml", read(t, "testdata/tariffs/mikkeli-2025.toml"))
	}
	makers["aino.tape"] = func(t testing.TB) {
		provide(t, "aino.img")
		done(t, "record", "aino.img", "--out", "aino.tape")
	}
	makers["kotka.toml"] = func(t testing.TB) {
		write(t, "kotka.toml", read(t, "testdata/tariffs/kotka-2025.toml"))
	}
	makers["terms.toml"] = func(t testing.TB) {
		write(t, "terms.toml", read(t, "testdata/terms/pricelist.toml")+
			read(t, "testdata/terms/lappeenranta-2016.toml"))
	}
	makers["journal"] = func(t testing.TB) { travel(t, "journal") }
}

// testKey signs the lists of these tests.
var testKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

const testPublic = "6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw="

var buildList = []string{
	"list", "build", "blocked.txt", "--area", "227", "--version", "3",
	"--made", "2026-03-02T06:00:00Z", "--out", "blocklist.db",
}

func prepared(t testing.TB, args ...string) {
	t.Helper()
	provide(t, args[1], args[2])
	done(t, args...)
}

// folder puts the test into an empty folder beside which nothing is but testdata.
func folder(t *testing.T, files ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("COLUMNS", "80")
	t.Setenv("TMPDIR", t.TempDir()) // journals are kept there
	require.NoError(t, os.Symlink(filepath.Join(repository, "testdata"), "testdata"))
	provide(t, files...)
}

// provide makes the files of these names that it knows and that are not there.
func provide(t testing.TB, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := os.Stat(name); err == nil {
			continue
		}
		if text, known := texts[name]; known {
			write(t, name, text)
		}
		if make := makers[name]; make != nil {
			make(t)
		}
	}
}

func write(t testing.TB, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
}

func read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// travel rides a bus and keeps one of its folders, or the card of Aino as an image.
func travel(t testing.TB, keep string) {
	t.Helper()
	place := t.TempDir()
	bus, err := sim.NewBus(place, sim.Setup{
		Prices: (&runCommand{Tariffs: filepath.Join(repository, defaultTariffs)}).prices(""),
		Clear:  true,
	})
	require.NoError(t, err)
	_, err = bus.Play(context.Background(), sim.Parse("ride", ride), nil)
	require.NoError(t, err)
	card := bus.Cards["Aino"]
	require.NoError(t, bus.Close())
	if strings.HasSuffix(keep, ".img") {
		require.NoError(t, saveCard(keep, card))
		return
	}
	require.NoError(t, os.CopyFS(keep, os.DirFS(filepath.Join(place, keep))))
}

const ride = `card Aino  number 924699 0011 2345 6787, purse 14.00, profile readable
card Eino  purse 0.50
at 2026-03-02 08:00
tap Aino
bus stop=satama
tap Eino
at +2h
bus trip=2 stop=tori
tear Aino after commit
tap Aino
at +10s
tap Aino
at +2h
bus trip=3
driver 2 persons
tear Aino before commit
tap Aino
`

// snapshot is every file of the folder with its content.
func snapshot(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files[path] = read(t, path)
		}
		return err
	}))
	return files
}
