package emu

import (
	"errors"
	"fmt"
)

// update fills in what an image of the first version lacks.
func (i *cardImage) update() {
	i.Chip, i.Memory, i.Batch = EV2, makes[EV2].memory, production[:]
	i.Key.Kind = typeAES
	for _, a := range i.Applications {
		for k := range a.Keys {
			a.Keys[k].Kind = typeAES
		}
		for f := range a.Files {
			if a.Files[f].Key != nil {
				a.Files[f].Key.Kind = typeAES
				a.Files[f].Reader = make([]byte, len(block{}))
			}
		}
	}
}

// card rebuilds the card and checks it by the rules of the card's own commands.
func (i cardImage) card() (*Card, error) {
	switch {
	case i.Chip >= chips || memoryCode(i.Memory) == 0 || len(i.Batch) != len(Config{}.Batch):
		return nil, errors.New("the chip, its memory or its batch is not a card's")
	case len(i.UID) != len(Config{}.UID) || !i.Chip.frames(i.Frame):
		return nil, errors.New("the UID or the frame length is not a card's")
	}
	k, err := i.Key.key()
	if err != nil {
		return nil, err
	}
	c := New(Config{
		UID: [7]byte(i.UID), Chip: i.Chip, Memory: i.Memory,
		Batch: [7]byte(i.Batch), Frame: i.Frame,
	})
	if i.Signature != nil {
		if len(i.Signature) != signatureLen {
			return nil, errors.New("the signature is not a card's")
		}
		c.signature = [signatureLen]byte(i.Signature)
	}
	c.root.kind, c.root.keys = k.kind, []key{k}
	c.root.settings = settings(i.Settings)
	if c.dam, err = damImage(i.DAM, i.Chip); err != nil {
		return nil, err
	}
	if c.config, err = i.Configuration.configuration(); err != nil {
		return nil, err
	}
	for _, ai := range i.Applications {
		a, err := ai.application(i.Chip)
		if err != nil {
			return nil, err
		}
		if c.accept(a) != operationOK ||
			a.slot != nil && (i.Chip == EV1 || c.slotted(a.slot.no) != nil) {
			return nil, fmt.Errorf("application %X is there twice or does not fit", a.id)
		}
		c.apps = append(c.apps, a)
	}
	return c, nil
}

// damImage decodes the keys for delegated applications, of which some may be missing.
func damImage(all []*keyImage, on Chip) (keys [damKeys]key, err error) {
	if len(all) != 0 && (len(all) != damKeys || on == EV1) {
		return keys, fmt.Errorf("%d keys for delegated applications", len(all))
	}
	for n, i := range all {
		if i == nil {
			continue
		}
		if keys[n], err = i.key(); err != nil {
			return keys, err
		}
	}
	return keys, nil
}

func (i configurationImage) configuration() (configuration, error) {
	c := configuration{noFormat: i.NoFormat, randomUID: i.RandomUID, messaging: i.Messaging}
	if i.Capabilities != nil {
		if len(i.Capabilities) != len(c.capabilities) {
			return c, errors.New("the configured capabilities are not two bytes")
		}
		c.capabilities = [2]byte(i.Capabilities)
	}
	if len(i.ATS) > 0 {
		if !wholeATS(i.ATS) {
			return c, errors.New("the configured ATS is not one")
		}
		c.ats = i.ATS
	}
	if i.Default != nil {
		if len(i.Default.Secret) != defaultKeyLen {
			return c, fmt.Errorf("a default key of %d bytes", len(i.Default.Secret))
		}
		c.preset, c.version = i.Default.Secret, i.Default.Version
	}
	return c, nil
}

func (i applicationImage) application(on Chip) (*application, error) {
	if len(i.AID) != aidLen || len(i.Keys) < 1 || len(i.Keys) > maxKeys {
		return nil, fmt.Errorf("an application with AID %X and %d keys", i.AID, len(i.Keys))
	}
	a := &application{
		id: aid(i.AID), settings: settings(i.Settings),
		iso: i.ISO, name: i.Name, isoFiles: i.ISOFiles,
	}
	if s := i.Slot; s != nil {
		a.slot = &slot{s.Number, s.Version, s.Quota}
	}
	if len(a.name) > maxDFName || a.iso != 0 && !isoFree(a.iso) || a.iso == 0 && len(a.name) > 0 {
		return nil, fmt.Errorf("application %X has names that cannot be", a.id)
	}
	var err error
	if a.keySet, err = (keySetImage{Keys: i.Keys}).keySet(); err != nil {
		return nil, err
	}
	if r := i.KeySets; r != nil {
		a.version = r.Version
		if a.keySets, err = r.ring(a.keySet); err != nil || on == EV1 {
			return nil, fmt.Errorf("application %X has key sets that cannot be", a.id)
		}
	}
	for _, fi := range i.Files {
		f, err := fi.file()
		if err != nil {
			return nil, err
		}
		if a.accept(f, on) != operationOK {
			return nil, fmt.Errorf("file %d of application %X cannot be", f.number, a.id)
		}
		a.files[f.number] = f
	}
	return a, nil
}

func (i keySetsImage) ring(used keySet) (keySets, error) {
	r := keySets{longest: i.Longest, roller: i.Roller}
	for _, si := range i.Waiting {
		s, err := si.keySet()
		if err != nil {
			return keySets{}, err
		}
		if !s.sensible(r.longest, len(used.keys)) {
			return keySets{}, errors.New("a key set that cannot be")
		}
		r.sets = append(r.sets, s)
	}
	if !r.sensible(used.kind, len(used.keys)) {
		return keySets{}, errors.New("key sets that cannot be")
	}
	return r, nil
}

// sensible reports whether the key set fits an application with that many keys.
func (s keySet) sensible(longest, keys int) bool {
	if s.keys == nil {
		return s.version == 0 && !s.final
	}
	return len(s.keys) == keys && s.kind.length() <= longest
}

func (i keySetImage) keySet() (keySet, error) {
	s := keySet{version: i.Version, final: i.Final}
	for _, ki := range i.Keys {
		k, err := ki.key()
		if err != nil {
			return keySet{}, err
		}
		if s.keys != nil && k.kind != s.kind {
			return keySet{}, errors.New("keys of two types in one application")
		}
		s.kind, s.keys = k.kind, append(s.keys, k)
	}
	return s, nil
}

func (i keyImage) key() (key, error) {
	if !i.Kind.known() || len(i.Secret) != i.Kind.length() {
		return key{}, fmt.Errorf("a key of %d bytes", len(i.Secret))
	}
	return key{kind: i.Kind, secret: i.Secret, version: i.Version}, nil
}

func (i fileImage) file() (*file, error) {
	f := &file{
		number: i.Number, kind: fileType(i.Type), mode: mode(i.Mode),
		access: access(i.Access), listed: i.Listed, more: i.More, iso: i.ISO,
		size: i.Size, most: i.Most, data: i.Data, limit: i.Limit,
	}
	if !f.whole() {
		return nil, fmt.Errorf("file %d has type %d and %d bytes", i.Number, i.Type, len(i.Data))
	}
	if (f.kind == tmacFile) != (i.Key != nil) || (f.kind == valueFile) != (i.Value != nil) {
		return nil, fmt.Errorf("file %d and its key do not belong together", i.Number)
	}
	if v := i.Value; v != nil {
		f.purse = purse{v.Lower, v.Upper, v.Value, v.Allowance, v.Options}
	}
	if i.Key == nil {
		return f, nil
	}
	if len(i.Reader) != len(f.reader) || i.Key.Kind != typeAES {
		return nil, fmt.Errorf("file %d has no Transaction MAC", i.Number)
	}
	var err error
	f.reader = block(i.Reader)
	f.key, err = i.Key.key()
	return f, err
}

// whole reports whether the type is one of the card's and the content has a possible length.
func (f *file) whole() bool {
	n := len(f.data)
	switch f.kind {
	case standardFile, backupFile:
		return n == f.size
	case tmacFile:
		return n == f.size && n == tmacLen
	case valueFile:
		return n == 0 && f.size == 0 && f.most == 0
	case linearFile, cyclicFile:
		return f.size > 0 && n%f.size == 0 && n/f.size <= f.usable()
	}
	return false
}
