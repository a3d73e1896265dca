package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/download"
	"leima/validator/journal"
	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
	"leima/validator/upload"
)

// secret is a key of a number, and secretFile the file of it.
func secret(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func secretFile(t *testing.T, n byte) (path string) {
	t.Helper()
	raw, err := x509.MarshalPKCS8PrivateKey(secret(n))
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "key.pem")
	require.NoError(t, os.WriteFile(path,
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), 0o600))
	return path
}

func public(n byte) string { return bundle.Public(secret(n)).String() }

// signedList is a bundle of a version, signed with the key 1.
func signedList(t *testing.T, version uint32) (path string, raw []byte) {
	t.Helper()
	var b bytes.Buffer
	_, err := bundle.Write(&b, bundle.Manifest{
		Purpose: bundle.Actions, Area: 227, Version: version, Made: time.Now(),
		Expires: time.Now().AddDate(0, 0, 14),
	}, bytes.NewReader([]byte("the list")), secret(1))
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "a.bundle")
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	return path, b.Bytes()
}

// Ensure that a person says which keys count and publishes lists, that each mistake says what to
// do, and that what is published reaches a device of the register, by the depot's own certificate,
// while the depot renews the manifest by itself; and no other device.
func TestLists(t *testing.T) {
	at := filepath.Join(t.TempDir(), "depot")
	code, _, says := start(t, "init", at, "--name", "127.0.0.1")
	require.Zero(t, code, says)
	file, raw := signedList(t, 3)
	code, _, says = start(t, "publish", at, file)
	require.Equal(t, 78, code)
	require.Contains(t, says, "want [shelf] with area and keys")
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	config := fmt.Sprintf("listen = %q\n[shelf]\narea = 227\nkeys = [%q]\nsign = [%q]\n",
		free.Addr(), public(1), secretFile(t, 11))
	require.NoError(t, os.WriteFile(filepath.Join(at, configFile), []byte(config), 0o600))
	open := secretFile(t, 2)
	require.NoError(t, os.Chmod(open, 0o644))
	older, _ := signedList(t, 2)
	drafts := t.TempDir()
	first, draft := filepath.Join(drafts, "first.draft"), filepath.Join(drafts, "root.draft")
	root := func(args ...string) []string { return append([]string{"root", at}, args...) }
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"publish", at, file}, 78, "make the first with \"depot root\""},
		{root("--owner", public(2), "--signer", public(11)), 78, "--key"},
		{root("--owner", "x", "--signer", public(11), "--key", secretFile(t, 2)), 78, "--owner: want the 44"},
		{root("--owner", public(2), "--signer", public(11), "--key", open), 78, "chmod 600"},
		{root("--owner", public(2), "--signer", public(11), "--key", configPath(at)), 78, "bench list key new"},
		{root("--owner", public(2), "--signer", public(11), "--signers", "2", "--key", secretFile(t, 2)), 78, "asks for 2 of 1"},
		{root("--owner", public(2), "--signer", public(11), "--key", secretFile(t, 3)), 78, "0 of the 1"},
		{root("--owner", public(2), "--signer", public(11), "--draft", first), 0, "each owner who has not signed it"},
		{root("--draft", first), 78, "0 of the 1"},
		{root("--owner", public(2), "--owner", public(2), "--signer", public(11), "--draft", draft), 78, "names a key twice"},
		{root("--owner", public(2), "--owners", "2", "--signer", public(11), "--draft", draft), 78, "asks for 2 of 1"},
		{[]string{"sign", first, "--area", "227", "--key", secretFile(t, 3)}, 78, public(3) + " is no owner's key of this root"},
		{[]string{"sign", first, "--area", "227", "--key", secretFile(t, 2)}, 0, "root 1 of area 227 is signed"},
		{root("--draft", first), 0, "[download] root"},
		{root("--owner", public(2), "--signer", public(11), "--key", secretFile(t, 2)), 0, "with the next manifest"},
		{root("--owner", public(2), "--owner", public(3), "--owners", "2", "--signer", public(11), "--key", secretFile(t, 2)), 78, "the others sign a draft"},
		{root("--owner", public(2), "--owner", public(3), "--owners", "2", "--signer", public(11), "--key", secretFile(t, 2), "--draft", draft), 0, "each owner who has not signed it"},
		{root("--owner", public(2), "--signer", public(11), "--key", secretFile(t, 2), "--draft", draft), 78, "exists"},
		{root("--draft", draft), 78, "1 of the 2"},
		{[]string{"sign", draft, "--area", "226", "--key", secretFile(t, 3)}, 78, public(2) + " has not signed this for area 226"},
		{[]string{"sign", draft, "--area", "227", "--key", open}, 78, "chmod 600"},
		{[]string{"sign", configPath(at), "--area", "227", "--key", secretFile(t, 3)}, 78, "is damaged"},
		{[]string{"sign", draft, "--area", "227", "--key", secretFile(t, 5)}, 0, public(5) + " is no owner's key of this root: it counts only"},
		{[]string{"sign", draft, "--area", "227", "--key", secretFile(t, 3)}, 0, "2 of these sign the next root:\n  " + public(2) + "\n  " + public(3)},
		{root("--draft", draft), 0, "root 3 counts now"},
		{root("--draft", draft), 78, "it is not the next root: it is version 3, and version 3 counts now: if something else"},
		{[]string{"publish", at, "nowhere"}, 78, "nothing is published"},
		{[]string{"publish", at, configPath(at)}, 78, "as what \"bench list sign\" makes"},
		{[]string{"publish", at}, 0, "and names no list and no tariffs yet"},
		{[]string{"publish", at, file, "--key", secretFile(t, 3)}, 78, "0 of the 1 that are needed, for area 227: name keys of the root's signers"},
		{[]string{"publish", at, file}, 0, "actions    3, "},
		{[]string{"publish", at, older}, 78, "give it a higher"},
		{[]string{"publish", at}, 0, "manifest 3 is good until"},
	} {
		code, out, says := start(t, c.args...)
		require.Equal(t, c.code, code, "%v: %s", c.args, says)
		require.Contains(t, out+says, c.says, "%v", c.args)
	}
	code, _, says = start(t, "device", "add", at, "9", "--key", journal.PublicText(secret(9)))
	require.Zero(t, code, says)

	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() { ended <- run(ctx, []string{"serve", at}, io.Discard, io.Discard) }()
	defer func() {
		stop()
		require.Zero(t, <-ended)
	}()
	told := fetch(t, at, "https://"+free.Addr().String(), 8)
	require.Eventually(t, func() bool { return strings.Contains((<-told).Trouble, "403") },
		time.Minute, time.Millisecond)
	folder := filepath.Join(at, "..", "device9")
	told = fetch(t, at, "https://"+free.Addr().String(), 9)
	require.Eventually(t, func() bool { return (<-told).Version == 3 }, time.Minute, time.Millisecond)
	files, err := filepath.Glob(filepath.Join(folder, "*.bundle"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	got, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Equal(t, raw, got)
}

// Ensure that of a shelf that is not as it was, of another area, or incomplete, nothing is published
// that devices would refuse, and that each error says what to do about it and nothing else; and that
// the first root is not made a second time.
func TestBrokenShelf(t *testing.T) {
	at := filepath.Join(t.TempDir(), "depot")
	code, _, says := start(t, "init", at, "--name", "127.0.0.1")
	require.Zero(t, code, says)
	config := fmt.Sprintf("listen = \"127.0.0.1:0\"\n[shelf]\narea = 227\nkeys = [%q]\nsign = [%q]\n", public(1),
		secretFile(t, 11))
	configured := func(text string) {
		require.NoError(t, os.WriteFile(configPath(at), []byte(text), 0o600))
	}
	configured(config)
	shelf := filepath.Join(at, shelfFolder)
	root := []string{"root", at, "--owner", public(2), "--signer", public(11), "--key", secretFile(t, 2)}
	for _, args := range [][]string{root, {"publish", at}, root, {"publish", at}, root} {
		code, _, says = start(t, args...)
		require.Zero(t, code, says)
	}
	was := contents(t, shelf)
	cut := func(name string) func() {
		return func() {
			require.NoError(t, os.Truncate(filepath.Join(shelf, name), 30))
		}
	}
	lose := func(name string) func() {
		return func() { require.NoError(t, os.Remove(filepath.Join(shelf, name))) }
	}
	for name, c := range map[string]struct {
		breaks   func()
		publish  string
		makeRoot string // "": it is made
	}{
		"another area": {
			func() { configured(strings.Replace(config, "227", "92", 1)) },
			"correct area of [shelf]", "correct area of [shelf]",
		},
		"a damaged root":     {cut("root-1"), "put back a copy", "put back a copy"},
		"a damaged manifest": {cut("manifest"), "put back a copy", ""},
		"the first root":     {lose("root-1"), "each validator has the first", "each validator has the first"},
		"a root that counts": {
			func() {
				lose("root-3")()
				lose("root-2")()
			}, "put back a copy", "put back a copy",
		},
		"good for no time": {
			func() { configured(config + "good = \"10s\"\n") }, "shelf.good is 10s: want", "shelf.good is 10s: want",
		},
	} {
		c.breaks()
		for _, do := range []struct {
			says string
			args []string
		}{{c.publish, []string{"publish", at}}, {c.makeRoot, root}} {
			code, _, says := start(t, do.args...)
			require.Equal(t, do.says != "", code == 78, "%s, %s: %s", name, do.args[0], says)
			require.Contains(t, says, do.says, "%s, %s", name, do.args[0])
			require.NotContains(t, says, "--key or in", name)
		}
		configured(config)
		require.NoError(t, os.RemoveAll(shelf))
		require.NoError(t, os.CopyFS(shelf, os.DirFS(was)))
	}
}

// contents is a copy of a folder.
func contents(t *testing.T, folder string) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), "copied")
	require.NoError(t, os.CopyFS(copied, os.DirFS(folder)))
	return copied
}

func configPath(depot string) string { return filepath.Join(depot, configFile) }

// fetch has a device fetch from a depot into a folder beside it, and tell how that goes.
func fetch(t *testing.T, depot, url string, device byte) <-chan download.Status {
	t.Helper()
	certificate, err := os.ReadFile(filepath.Join(depot, certificateFile))
	require.NoError(t, err)
	authorities := x509.NewCertPool()
	require.True(t, authorities.AppendCertsFromPEM(certificate))
	link, err := upload.NewHTTP(uint16(device), secret(device), authorities)
	require.NoError(t, err)
	root, err := os.ReadFile(filepath.Join(depot, shelfFolder, "root-1"))
	require.NoError(t, err)
	told := make(chan download.Status)
	ctx, cancel := context.WithCancel(context.Background())
	client := download.Client{
		URL: url, HTTP: link, Area: 227, Root: root,
		Folder:  filepath.Join(depot, "..", fmt.Sprintf("device%d", device)),
		Lacks:   func(manifest.Object) bool { return true },
		Largest: func(bundle.Purpose) int64 { return 1 << 20 },
		Has:     func(bundle.Purpose) uint32 { return 0 },
		Time:    func() (time.Time, bool) { return time.Now(), true },
		Arrived: func() {},
		Tell: func(s download.Status) {
			select {
			case told <- s:
			case <-ctx.Done():
			}
		},
		Log: slog.New(slog.DiscardHandler),
	}
	require.NoError(t, client.Open())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		client.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return told
}
