package keyfile_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/keyfile"
)

// random is a source that is the same in every run.
func random() io.Reader { return rand.NewChaCha8([32]byte{1}) }

// fresh is what Template writes.
func fresh(t testing.TB) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, keyfile.Template(&text, random()))
	return text.String()
}

// written puts a key file into a folder of the test.
func written(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.toml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

var keyText = regexp.MustCompile(`[0-9a-f]{32}`)

// key makes the n-th key that Template drew.
func key(t testing.TB, n int) (k cardlayout.Key) {
	t.Helper()
	source := random()
	for range n + 1 {
		_, err := io.ReadFull(source, k[:])
		require.NoError(t, err)
	}
	return k
}

// Ensure that what Template writes is read back, every key in its place.
func TestTemplate(t *testing.T) {
	t.Parallel()
	k, err := keyfile.Read(written(t, fresh(t)), "")
	require.NoError(t, err)
	require.Equal(t, cardlayout.Scheme{AID: [3]byte{0x00, 0x10, 0xAB}, System: "leima travel"}, k.Scheme)
	require.Zero(t, k.Version)
	require.Empty(t, k.Former)
	require.NotNil(t, k.Holder)
	for n, got := range []cardlayout.Key{
		k.Transport, k.Rights[0], k.Rights[1],
		k.PICC, k.Master, k.HolderRead, k.HolderWrite, k.TMAC, *k.Holder,
	} {
		require.True(t, key(t, n) == got, "key %d", n) // printed, both would be REDACTED
	}
}

// Ensure that two files have no key in common, and that no key is drawn of nothing.
func TestTemplateDraws(t *testing.T) {
	t.Parallel()
	var other bytes.Buffer
	require.NoError(t, keyfile.Template(&other, rand.NewChaCha8([32]byte{2})))
	keys := keyText.FindAllString(fresh(t)+other.String(), -1)
	require.Len(t, keys, 20)
	for _, one := range keys {
		require.Equal(t, 1, strings.Count(fresh(t)+other.String(), one))
	}
	var none bytes.Buffer
	require.Error(t, keyfile.Template(&none, iotest.ErrReader(io.ErrUnexpectedEOF)))
	require.Empty(t, none.String())
}

// Ensure that a bus's file does without the issuer's part, and that former keys keep
// their order.
func TestBus(t *testing.T) {
	t.Parallel()
	text, _, _ := strings.Cut(fresh(t), "[issuer]")
	former := []string{strings.Repeat("11", 16), strings.Repeat("22", 16)}
	text = strings.Replace(text, "former = []",
		fmt.Sprintf("former = [%q, %q]", former[0], former[1]), 1)
	text = strings.Replace(text, "version = 0", "version = 15", 1)
	k, err := keyfile.Read(written(t, text), "")
	require.NoError(t, err)
	require.True(t, k.Transport == key(t, 0))
	require.Len(t, k.Former, 2)
	require.True(t, k.Former[0][0] == 0x11 && k.Former[1][0] == 0x22)
	require.EqualValues(t, 15, k.Version)
	require.Nil(t, k.Holder)
	require.True(t, k.PICC == cardlayout.Key{} && k.TMAC == cardlayout.Key{})
}

// Ensure that anyone else who may read, change or run the file makes it refused, with
// what to do.
func TestMode(t *testing.T) {
	t.Parallel()
	path := written(t, fresh(t))
	for bit := range 6 {
		mode := 0o600 | fs.FileMode(1)<<bit
		require.NoError(t, os.Chmod(path, mode))
		_, err := keyfile.Read(path, "")
		require.EqualError(t, err, fmt.Sprintf("key file %s may be read or changed by others "+
			"than its owner (mode %04o): chmod 600 %s", path, mode, path))
	}
	require.NoError(t, os.Chmod(path, 0o400))
	_, err := keyfile.Read(path, "")
	require.NoError(t, err)
}

// Ensure that every mistake is told with its line, its field and what is wanted.
func TestMistakes(t *testing.T) {
	t.Parallel()
	const zeros = "00000000000000000000000000000000"
	text := fresh(t)
	first, second := keyText.FindAllString(text, -1)[0], keyText.FindAllString(text, -1)[1]
	for _, c := range []struct{ name, old, new, want string }{
		{"short", first, first[1:], `:11: bus.transport: want a key, 32 hexadecimal digits`},
		{"no hex", first, "x" + first[1:], `:11: bus.transport: want a key`},
		{"long", second, second + "00", `:13: bus.rights: want two keys`},
		{"no quotes", `"` + first + `"`, "123", `:11: bus.transport: want a key`},
		{"table", `"` + first + `"`, "{ a = 1 }", `:11: bus.transport: want a key`},
		{"zeros", first, zeros, `:11: bus.transport: a key of zeros is public`},
		{"twice", first, second, `:13: bus.rights: this key is that of bus.transport too`},
		{
			"former twice", "former = []", `former = ["` + first + `"]`,
			`:12: bus.former: this key is that of bus.transport too`,
		},
		{"one right", `"` + second + `", # seal`, "", `:13: bus.rights: want two keys in brackets`},
		{"half of a pair", "former_rights = []", `former_rights = [["` + strings.Repeat("ab", 16) +
			`"]]`, `:17: bus.former_rights: want a list in brackets of pairs of keys`},
		{
			"former rights again", "former_rights = []", `former_rights = [["` + first + `", "` +
				strings.Repeat("ab", 16) + `"]]`,
			`:17: bus.former_rights: this key is that of bus.transport too`,
		},
		{"no transport", "transport = ", "#", `:10: bus.transport: want a key`},
		{"no holder", "holder = ", "#", `:21: issuer.holder: want a key`},
		{"no bus", "[bus]", "[buses]", `:10: a key file has no such field here`},
		{"misplaced", "[issuer]", "[bus.issuer]", `:21: a key file has no such field ` +
			`here: check its name and under which of [bus] and [issuer] it stands`},
		{"bus missing", text[strings.Index(text, "[bus]"):], "", `: bus: want the table [bus]`},
		{"no system", `"leima travel"`, `""`, `:5: system: want a name of 1 to 21 bytes`},
		{"long system", "leima travel", "twenty-two characters.", `:5: system: want a name`},
		{"aid", "0010AB", "10AB", `:6: aid: want 6 hexadecimal digits`},
		{"zero aid", "0010AB", "000000", `:6: aid: want 6 hexadecimal digits`},
		{"version", "version = 0", "version = 16", `:7: version: want the generation`},
		{"version text", "version = 0", `version = "1"`, `:7: version: want the generation`},
		{"huge version", "version = 0", "version = 99999999999999999999", `:7: version: want`},
		{"no version", "version = 0", "", `: version: want the generation`},
		{
			"twice in a table", "former = []", `transport = "` + second + `"`,
			`:12: this cannot be understood: want each field once`,
		},
		{"no TOML", text, first, `:1: this cannot be understood`},
		{"UTF-16", text, "\xff\xfe", `: it is saved as UTF-16: save it as UTF-8`},
		{"binary", text, "\xc1\x00", `:1: there is a zero byte`},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := written(t, strings.Replace(text, c.old, c.new, 1))
			_, err := keyfile.Read(path, "")
			require.ErrorContains(t, err, path+c.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// Ensure that what is no file to read is told as such.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "keys.toml")
	_, err := keyfile.Read(missing, "")
	require.EqualError(t, err, "key file "+missing+
		" cannot be opened: no such file or directory: check its path")
	require.ErrorIs(t, err, fs.ErrNotExist)

	folder := filepath.Join(t.TempDir(), "folder")
	require.NoError(t, os.Mkdir(folder, 0o700))
	_, err = keyfile.Read(folder, "")
	require.EqualError(t, err, "key file "+folder+" is a folder: name the file")

	_, err = keyfile.Read(written(t, strings.Repeat("#", 1<<16+1)), "")
	require.ErrorContains(t, err, "has more than 65536 bytes: that is no key file")
}

// Ensure that no error tells a part of a key, wherever the file is broken: eight
// digits in a row are more than chance.
func TestNoKeyInErrors(t *testing.T) {
	t.Parallel()
	text := fresh(t)
	var parts []string
	for _, k := range keyText.FindAllString(text, -1) {
		for n := 0; n+8 <= len(k); n++ {
			parts = append(parts, k[n:n+8])
		}
	}
	path, failed := written(t, text), 0
	check := func(broken string) {
		require.NoError(t, os.WriteFile(path, []byte(broken), 0o600))
		_, err := keyfile.Read(path, "")
		if err == nil {
			return
		}
		failed++
		told := fmt.Sprintf("%v %+v %#v %q", err, err, err, err)
		for _, part := range parts {
			require.NotContains(t, told, part)
		}
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	for n := 0; n < len(text); n += step {
		check(text[:n])
		check(text[:n] + text[n+1:])
		for _, c := range []string{`"`, "=", "\n", "[", "\x00", "5"} {
			check(text[:n] + c + text[n:])
		}
	}
	require.Greater(t, failed, 1000/step)
}

// Ensure that the pepper of the PINs is drawn with the keys, goes to the buses, and stays when
// keys are rolled; and that an older file without one gets it then, and says so until then.
func TestPepper(t *testing.T) {
	t.Parallel()
	path := written(t, fresh(t))
	pepper, err := keyfile.Pepper(path, "")
	require.NoError(t, err)
	require.Len(t, pepper, 16)
	text := []byte(fresh(t))
	for n, next := range []func() ([]byte, error){
		func() ([]byte, error) { return keyfile.Roll(path, text, rand.NewChaCha8([32]byte{3})) },
		func() ([]byte, error) { return keyfile.Bus(path, text) },
	} {
		text, err = next()
		require.NoError(t, err)
		same, err := keyfile.Pepper(written(t, string(text)), "")
		require.NoError(t, err)
		require.True(t, bytes.Equal(pepper, same), "%d", n)
	}
	older := regexp.MustCompile("(?m)^pepper.*\n").ReplaceAllString(fresh(t), "")
	path = written(t, older)
	_, err = keyfile.Read(path, "")
	require.NoError(t, err)
	_, err = keyfile.Pepper(path, "")
	require.ErrorContains(t, err, "bus.pepper: want a key")
	require.ErrorContains(t, err, "keys roll")
	text, err = keyfile.Roll(path, []byte(older), rand.NewChaCha8([32]byte{3}))
	require.NoError(t, err)
	pepper, err = keyfile.Pepper(written(t, string(text)), "")
	require.NoError(t, err)
	require.Len(t, pepper, 16)
	twice := regexp.MustCompile(`transport = ("[0-9a-f]{32}")`).FindStringSubmatch(fresh(t))[1]
	_, err = keyfile.Read(written(t, older+"\n"), "")
	require.NoError(t, err)
	_, err = keyfile.Read(written(t, regexp.MustCompile(`pepper = "[0-9a-f]{32}"`).
		ReplaceAllString(fresh(t), "pepper = "+twice)), "")
	require.ErrorContains(t, err, "bus.pepper: this key is that of bus.transport too")
}
