package emu

import (
	"bytes"
	"slices"
)

func (c *Card) image() cardImage {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := cardImage{
		UID: c.uid[:], Chip: c.chip, Memory: c.memory, Batch: c.batch[:],
		Frame: c.frame, Settings: byte(c.root.settings), Key: c.root.keys[0].image(),
		Configuration: c.config.image(),
	}
	if c.signature != (Config{}).Signature {
		i.Signature = c.signature[:]
	}
	if slices.ContainsFunc(c.dam[:], key.set) {
		for _, k := range c.dam {
			i.DAM = append(i.DAM, k.imageIfSet())
		}
	}
	for _, a := range c.apps {
		i.Applications = append(i.Applications, a.image())
	}
	return i
}

func (c configuration) image() configurationImage {
	i := configurationImage{
		NoFormat: c.noFormat, RandomUID: c.randomUID, ATS: c.ats,
		Messaging: c.messaging,
	}
	if slices.ContainsFunc(c.capabilities[:], notZero) {
		i.Capabilities = c.capabilities[:]
	}
	if c.preset != nil {
		i.Default = &keyImage{Secret: c.preset, Version: c.version}
	}
	return i
}

func (a *application) image() applicationImage {
	i := applicationImage{
		AID: a.id[:], Settings: byte(a.settings),
		ISO: a.iso, Name: a.name, ISOFiles: a.isoFiles,
	}
	if s := a.slot; s != nil {
		i.Slot = &slotImage{s.no, s.version, s.quota}
	}
	i.Keys = a.keySet.image().Keys
	if len(a.keySets.sets) > 0 {
		i.KeySets = a.keySetsImage()
	}
	for _, f := range a.files {
		if f != nil {
			i.Files = append(i.Files, f.image())
		}
	}
	return i
}

func (a *application) keySetsImage() *keySetsImage {
	i := &keySetsImage{Version: a.version, Longest: a.keySets.longest, Roller: a.keySets.roller}
	for _, s := range a.keySets.sets {
		i.Waiting = append(i.Waiting, s.image())
	}
	return i
}

func (s keySet) image() keySetImage {
	i := keySetImage{Version: s.version, Final: s.final}
	for _, k := range s.keys {
		i.Keys = append(i.Keys, k.image())
	}
	return i
}

func (k key) image() keyImage {
	return keyImage{Kind: k.kind, Secret: bytes.Clone(k.secret), Version: k.version}
}

func (k key) imageIfSet() *keyImage {
	if !k.set() {
		return nil
	}
	i := k.image()
	return &i
}

func (f *file) image() fileImage {
	i := fileImage{
		Number: f.number, Type: byte(f.kind), Mode: byte(f.mode),
		Access: uint16(f.access), Listed: f.listed, More: f.more, ISO: f.iso,
		Size: f.size, Most: f.most, Data: append([]byte{}, f.data...), Limit: f.limit,
	}
	switch f.kind {
	case valueFile:
		p := f.purse
		i.Value = &valueImage{p.lower, p.upper, p.value, p.allowance, p.options}
	case tmacFile:
		k := f.key.image()
		i.Key = &k
		i.Reader = f.reader[:]
	}
	return i
}
