package cardlayout

import "bytes"

// rightsRoom is the size of the content of file 6, in bytes.
const rightsRoom = RightsSize - sealSize

// A seal is the sealed part of a file, as stored on the card.
type seal struct {
	file int
	uid  UID
	name []byte // to which it is bound
	p    []byte
}

func (i *Image) rights() seal { return seal{FileRights, i.UID, i.UID[:], i.Rights[:]} }

// validation is bound to the layout as well, which stands before it in the clear.
func (i *Image) validation() seal {
	name := append(i.UID[:len(i.UID):len(i.UID)], i.Validation[0])
	return seal{FileValidation, i.UID, name, i.Validation[validationSealAt:]}
}

// open opens the seal and returns the generation of the keys that made it.
func (s seal) open(plain []byte, keys Seals) (generation int, err error) {
	for generation = range keys.Generations() {
		pair, err := keys.Seal(s.uid, generation)
		if err != nil {
			return 0, err
		}
		if newSIV(pair[0], pair[1]).open(plain, s.name, s.p) {
			return generation, nil
		}
	}
	return 0, inFile(s.file, ErrForged)
}

// put seals content with the keys of a generation.
func (s seal) put(plain []byte, keys Seals, generation int) error {
	pair, err := keys.Seal(s.uid, generation)
	if err != nil {
		return err
	}
	newSIV(pair[0], pair[1]).seal(s.p, s.name, plain)
	return nil
}

// replace makes the seal of the next image, if newest with the newest keys. Otherwise unchanged
// content is left as it is; changed content is sealed with the card's own generation, because the
// next bus may not have the newest keys yet.
func (s seal) replace(next seal, before, plain []byte, keys Seals, newest bool) error {
	switch {
	case newest:
		return next.put(plain, keys, 0)
	case bytes.Equal(before, plain):
		copy(next.p, s.p)
		return nil
	}
	generation, err := s.open(make([]byte, len(plain)), keys)
	if err != nil {
		return err
	}
	return next.put(plain, keys, generation)
}

// seal makes the sealed parts of the next image.
func (i *Image) seal(next *Image, held, after *Card, keys Seals, newest bool) error {
	var before, plain [rightsRoom]byte
	err := firstOf(
		func() error { return inFile(FileRights, held.packRights(before[:])) },
		func() error { return inFile(FileRights, after.packRights(plain[:])) },
		func() error {
			return i.rights().replace(next.rights(), before[:], plain[:], keys, newest)
		},
	)
	if err != nil || after.Layout == 1 {
		return err
	}
	return i.sealValidation(next, held, after, keys, newest || held.Layout != after.Layout)
}
