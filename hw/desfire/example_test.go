package desfire_test

import (
	"crypto/rand"
	"fmt"

	"leima/hw/desfire"
	"leima/hw/emu"
)

// An application with one file is made, written and read; what was written counts once it is
// committed. Any hw.Card will do: here one without the plastic.
func ExampleSession() {
	factory, key, aid := desfire.Key{}, desfire.Key{1, 2, 3}, desfire.AID{1, 0, 0}
	card := emu.Air{}.Present(emu.New(emu.Config{UID: [7]byte{4, 1, 2, 3, 4, 5, 6}}))
	session, err := desfire.Connect(card)
	steps := []func() error{
		func() error { return session.Select(desfire.AID{}) },
		func() error { return session.Authenticate(0, factory, rand.Reader) },
		func() error { return session.CreateApplication(aid, 0x0B, 1) },
		func() error { return session.Select(aid) },
		func() error { return session.Authenticate(0, factory, rand.Reader) },
		func() error { return session.ChangeKey(0, nil, key, 1) },
		func() error { return session.Authenticate(0, key, rand.Reader) },
		func() error {
			return session.CreateBackupFile(desfire.Layout{No: 2, Mode: desfire.Full, Size: 16})
		},
		func() error { return session.Write(2, desfire.Full, 0, []byte("ten euros")) },
		func() error { _, err := session.Commit(false); return err },
	}
	for _, step := range steps {
		if err == nil {
			err = step()
		}
	}
	text := make([]byte, 9)
	fmt.Println(err, session.Read(2, desfire.Full, 0, text), string(text))
	// Output: <nil> <nil> ten euros
}
