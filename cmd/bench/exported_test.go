package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator/journal"
)

// items are what a device has exported, one after another.
func (d aDevice) items() (all [][]byte) {
	require.NoError(d, d.Export(0, func(_ uint64, item []byte) error {
		all = append(all, item)
		return nil
	}))
	return all
}

func saved(t *testing.T, name string, items ...[]byte) {
	require.NoError(t, os.WriteFile(name, bytes.Join(items, nil), 0o600))
}

// Ensure that what a depot has exported, of one device or of several, as a file or at the standard
// input, comes to the same as the journals, also with a signed head behind it, and given twice.
func TestReconcileReadsExports(t *testing.T) {
	folder(t)
	one, two := newDevice(t, "one", 1), newDevice(t, "two", 2)
	one.loads(0, fare.PayerBenefit, "SM-1", 0, one.settle)
	one.loads(1, fare.PayerCustomer, "", 0, nil)
	two.loads(3, fare.PayerEmployer, "PO 5", 9, two.settle)
	key, err := journal.DeviceKey("device.key")
	require.NoError(t, err)
	saved(t, "one.cbor", one.items()...)
	saved(t, "both.cbor", append(one.items(), two.items()...)...)
	require.NoError(t, one.SignWith(key))
	require.NoError(t, one.Close())
	require.NoError(t, two.Close())
	headed := done(t, "journal", "export", "one", "--format", "cbor")
	saved(t, "headed.cbor", []byte(headed))

	for _, format := range [][]string{nil, {"--json"}, {"--all"}} {
		reconcile := func(stdin string, names ...string) string {
			came := tool(t, stdin, append(append([]string{"reconcile"}, names...), format...)...)
			require.Zero(t, came.code, came.err)
			return came.out
		}
		want := reconcile("", "one", "two")
		require.Contains(t, want, "missing")
		both, err := os.ReadFile("both.cbor")
		require.NoError(t, err)
		require.Equal(t, want, reconcile("", "both.cbor"))
		require.Equal(t, want, reconcile(string(both), "-"))
		pipe, writes, err := os.Pipe() // as a shell's <(depot export depot)
		require.NoError(t, err)
		go func() {
			_, _ = writes.Write(both)
			_ = writes.Close()
		}()
		require.Equal(t, want, reconcile("", fmt.Sprintf("/dev/fd/%d", pipe.Fd())))
		require.NoError(t, pipe.Close())
		require.Equal(t, want, reconcile("", "one.cbor", "two"))
		require.Equal(t, want, reconcile("", "headed.cbor", "two", "both.cbor"))
	}
	require.Equal(t, done(t, "verify", "one")+done(t, "verify", "two"), done(t, "verify", "both.cbor"))
	for _, command := range []string{"show", "verify", "export"} {
		came := tool(t, "", "journal", command, "both.cbor")
		require.Equal(t, exitUsage, came.code)
		require.Contains(t, came.err, "both.cbor is an export: reconcile, verify and faulty read it")
	}
}

// Ensure that of a device with two journals the first counts, as in a depot's settlement, and that
// the other is named.
func TestReconcileNamesForks(t *testing.T) {
	folder(t)
	one := newDevice(t, "one", 1)
	one.loads(0, fare.PayerCustomer, "", 0, one.settle)
	common := one.items()
	require.NoError(t, os.CopyFS("copied", os.DirFS("one")))
	one.loads(1, fare.PayerCustomer, "", 0, one.settle)
	j, err := journal.Open("copied")
	require.NoError(t, err)
	copied := aDevice{t, j}
	copied.loads(1, fare.PayerBenefit, "SM-9", 0, copied.settle)
	copied.loads(2, fare.PayerCustomer, "", 0, copied.settle)
	saved(t, "forked.cbor", append(one.items(), copied.items()[len(common):]...)...)
	saved(t, "again.cbor", append(one.items(), copied.items()...)...)
	require.NoError(t, one.Close())
	require.NoError(t, copied.Close())

	want := done(t, "reconcile", "one", "--all")
	for _, name := range []string{"forked.cbor", "again.cbor"} {
		came := tool(t, "", "reconcile", name, "--all")
		require.Zero(t, came.code, came.err)
		require.Equal(t, want, came.out)
		require.Equal(t, 1, strings.Count(came.err, "device 1 has two journals: entries 3 to 6"))
	}
}

// Ensure that an export that was cut, changed or not written is not taken for a whole one, and that
// one that begins late is read from there.
func TestReconcileRefusesDamagedExports(t *testing.T) {
	folder(t)
	one := newDevice(t, "one", 1)
	one.loads(0, fare.PayerCustomer, "", 0, one.settle)
	one.loads(1, fare.PayerCustomer, "", 0, one.settle)
	items := one.items()
	require.NoError(t, one.Close())
	whole := bytes.Join(items, nil)
	changed := func(n int) []byte {
		other := slices.Clone(items)
		other[n] = bytes.Replace(items[n], []byte{0x19, 0x07, 0xD0}, []byte{0x19, 0x07, 0xD1}, 1) // 2000
		require.NotEqual(t, items[n], other[n])
		return bytes.Join(other, nil)
	}
	saved(t, "late.cbor", items[2:]...)
	require.Contains(t, done(t, "reconcile", "late.cbor"), "1 transactions: 1 settled")
	for name, c := range map[string]struct {
		raw  []byte
		code int
		says string
	}{
		"empty":             {nil, exitUsage, "is empty"},
		"cut":               {whole[:len(whole)-1], exitRefused, "what stands after entry 3 of device 1"},
		"changed":           {changed(2), exitRefused, "entry 3 of device 1 is not as it was written"},
		"the first changed": {changed(0), exitRefused, "entry 1 of device 1 is not as it was written"},
		"a gap":             {bytes.Join([][]byte{items[0], items[2], items[1]}, nil), exitOK, ""},
	} {
		saved(t, "x.cbor", c.raw)
		for _, path := range []string{"x.cbor", "-"} {
			came := tool(t, string(c.raw), "reconcile", path)
			require.Equal(t, c.code, came.code, "%s: %s", name, came.err)
			require.Contains(t, came.err, c.says, name)
		}
	}
	require.NotZero(t, tool(t, "no export", "reconcile", "-").code)
	require.NotZero(t, tool(t, "", "reconcile", "none.cbor").code)
}

// Ensure that who names a depot's folder, or its store, is told how to read it, and is not told that
// a journal is damaged.
func TestReconcileNamesTheDepotsExport(t *testing.T) {
	folder(t)
	require.NoError(t, os.Mkdir("depot", 0o700))
	for _, name := range []string{"depot/depot.toml", "depot/store"} {
		require.NoError(t, os.WriteFile(name, []byte("# a depot's"), 0o600))
	}
	for _, path := range []string{"depot", "depot/store"} {
		came := tool(t, "", "reconcile", path)
		require.Equal(t, exitUsage, came.code)
		require.Contains(t, came.err, `"depot export depot" writes what it holds`)
	}
}
