package keyfile_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/keyfile"
)

const passphrase = "correct horse battery"

// secretFile puts a passphrase into a file that only its owner may read.
func secretFile(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passphrase")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o400))
	return path
}

func sealed(t testing.TB) []byte {
	t.Helper()
	raw, err := keyfile.Seal("keys.toml", []byte(fresh(t)), []byte(passphrase),
		rand.NewChaCha8([32]byte{2}))
	require.NoError(t, err)
	return raw
}

// Ensure that a sealed file is opened by its passphrase, wherever that stands, and gives
// the same keys.
func TestSealed(t *testing.T) {
	want, err := keyfile.Read(written(t, fresh(t)), "")
	require.NoError(t, err)
	raw := sealed(t)
	require.True(t, keyfile.IsSealed(raw))
	require.False(t, keyfile.IsSealed([]byte(fresh(t))))
	path := written(t, string(raw))
	same := func(file string) {
		t.Helper()
		got, err := keyfile.Read(path, file)
		require.NoError(t, err)
		require.True(t, want.Transport == got.Transport && want.Rights == got.Rights &&
			*want.Holder == *got.Holder && want.PICC == got.PICC)
	}
	same(secretFile(t, passphrase))
	same(secretFile(t, passphrase+"\n"))

	t.Setenv("LEIMA_PASSPHRASE", secretFile(t, passphrase))
	same("")
	t.Setenv("LEIMA_PASSPHRASE", "")
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "leima-passphrase"), []byte(passphrase), 0o400))
	t.Setenv("CREDENTIALS_DIRECTORY", folder)
	same("")
}

// Ensure that no key and no word of the file can be read in a sealed one, and that the same
// file sealed twice is not the same.
func TestSealedHides(t *testing.T) {
	raw := sealed(t)
	for _, key := range keyText.FindAllString(fresh(t), -1) {
		require.NotContains(t, string(raw), key[:8])
	}
	require.NotContains(t, string(raw), "transport")
	source := random()
	first, err := keyfile.Seal("a", []byte(fresh(t)), []byte(passphrase), source)
	require.NoError(t, err)
	second, err := keyfile.Seal("a", []byte(fresh(t)), []byte(passphrase), source)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
}

// Ensure that another passphrase, a changed file, and one that is cut are told as what they
// may be, without a word of what is in them.
func TestSealedRefuses(t *testing.T) {
	t.Setenv("LEIMA_PASSPHRASE", "")
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	raw := string(sealed(t))
	good := secretFile(t, passphrase)
	lines := strings.Split(raw, "\n")
	flipped := strings.Replace(raw, lines[6], strings.Map(func(r rune) rune {
		if r == 'A' {
			return 'B'
		}
		return r
	}, "A"+lines[6][1:]), 1)
	for name, test := range map[string]struct{ text, passphrase, want string }{
		"another passphrase": {raw, secretFile(t, "wrong horse battery"), "the passphrase is another one"},
		"one letter changed": {flipped, good, "or the file was changed"},
		"cut":                {raw[:len(raw)/2], good, "it is damaged"},
		"something behind":   {raw + "more", good, "it is damaged"},
		"later":              {strings.Replace(raw, "Format: 1", "Format: 2", 1), good, "renew the program"},
		"endless": {
			strings.Replace(raw, "600000", "99999999999", 1), good,
			"the passphrase is another one",
		},
		"no salt":              {strings.Replace(raw, "Salt: ", "Salt: zz", 1), good, "it does not open"},
		"no passphrase":        {raw, "", "name the passphrase's file in LEIMA_PASSPHRASE"},
		"no passphrase file":   {raw, filepath.Join(t.TempDir(), "none"), "cannot be opened"},
		"a short passphrase":   {raw, secretFile(t, "short\n"), "want at least 12 bytes"},
		"UTF-16":               {raw, secretFile(t, "\xFF\xFEh\x00o\x00r\x00s\x00e\x00s\x00\n\x00"), "save it as UTF-8"},
		"somebody may read it": {raw, written(t, passphrase), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if test.want == "" {
				require.NoError(t, os.Chmod(test.passphrase, 0o644))
				test.want = "may be read or changed by others than its owner"
			}
			path := written(t, test.text)
			_, err := keyfile.Read(path, test.passphrase)
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, "key file "+path)
			require.NotContains(t, err.Error(), "horse")
			require.NotContains(t, err.Error(), "\n")
		})
	}
	_, err := keyfile.Seal("keys.toml", []byte("no keys"), []byte(passphrase), random())
	require.ErrorContains(t, err, "keys.toml:1: ", "what is no key file is not sealed")
}

// Ensure that what an editor of another system puts around a sealed file, a passphrase or a PIN is
// none of it, and that an empty PIN is told before a token counts it.
func TestSavedByAnEditor(t *testing.T) {
	const mark = "\xEF\xBB\xBF"
	text := []byte(fresh(t))
	sealed, err := keyfile.Seal("keys.toml", text, []byte(passphrase), random())
	require.NoError(t, err)
	dos := mark + strings.ReplaceAll(string(sealed), "\n", "\r\n")
	_, err = keyfile.Read(written(t, dos), secretFile(t, mark+passphrase+"\r\n"))
	require.NoError(t, err)
	pin, err := keyfile.PIN(secretFile(t, mark+"1234\r\n"))
	require.NoError(t, err)
	require.Equal(t, "1234", string(pin))
	for _, empty := range []string{"", "\r\n", mark, mark + "\n"} {
		_, err = keyfile.PIN(secretFile(t, empty))
		require.ErrorContains(t, err, "is empty: want the token's PIN in it")
	}
}

// Ensure that rolling gives new cards new keys and keeps the ones before, and none besides,
// and that nothing else of the set changes.
func TestRoll(t *testing.T) {
	text, source := []byte(fresh(t)), random()
	before, err := keyfile.Read(written(t, string(text)), "")
	require.NoError(t, err)
	transports := []cardlayout.Key{before.Transport}
	rights := [][2]cardlayout.Key{before.Rights}
	for generation := range 4 {
		source.Read(make([]byte, 200)) // not the keys that Template drew
		text, err = keyfile.Roll("keys.toml", text, source)
		require.NoError(t, err)
		now, err := keyfile.Read(written(t, string(text)), "")
		require.NoError(t, err)
		require.EqualValues(t, generation+1, now.Version)
		require.Len(t, now.Former, keyfile.Generations-1)
		require.True(t, now.Former[0] == transports[0])
		require.False(t, now.Transport == transports[0])
		require.Len(t, now.FormerRights, keyfile.Generations-1)
		require.True(t, now.FormerRights[0] == rights[0])
		require.False(t, now.Rights[0] == rights[0][0] || now.Rights[1] == rights[0][1])
		require.True(t, now.PICC == before.PICC &&
			now.Master == before.Master && now.TMAC == before.TMAC && *now.Holder == *before.Holder)
		transports = append([]cardlayout.Key{now.Transport}, transports...)
		rights = append([][2]cardlayout.Key{now.Rights}, rights...)
	}
	last := bytes.Replace(text, []byte("version = 4"), []byte("version = 15"), 1)
	_, err = keyfile.Roll("keys.toml", last, source)
	require.ErrorContains(t, err, "the last that a card can tell")
	_, err = keyfile.Roll("keys.toml", text, bytes.NewReader(nil))
	require.ErrorContains(t, err, "drawing a key")
}

// Ensure that a bus's part holds what a bus needs and none of the issuer's keys.
func TestBusPart(t *testing.T) {
	whole, err := keyfile.Read(written(t, fresh(t)), "")
	require.NoError(t, err)
	part, err := keyfile.Bus("keys.toml", []byte(fresh(t)))
	require.NoError(t, err)
	got, err := keyfile.Read(written(t, string(part)), "")
	require.NoError(t, err)
	require.True(t, got.Transport == whole.Transport && got.Rights == whole.Rights)
	require.Nil(t, got.Holder)
	for _, key := range keyText.FindAllString(fresh(t), -1)[4:] {
		require.NotContains(t, string(part), key)
	}
	said, err := keyfile.Describe("keys.toml", part)
	require.NoError(t, err)
	require.Equal(t, keyfile.Public{Scheme: whole.Scheme, Transports: 1, Rights: 1}, said)
}
