package emu

// production is the end of the third frame of GetVersion: five bytes of batch number, week and year
// in BCD. No real card has this batch.
var production = [7]byte{0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x26}

// getVersion hides the serial number of a card with random identifiers: otherwise any reader could
// ask for it.
func getVersion(c *Card, _ request) ([]byte, status) {
	out := c.version()
	if c.config.randomUID {
		out = append(out, make([]byte, len(c.uid))...)
	} else {
		out = append(out, c.uid[:]...)
	}
	return append(out, c.batch[:]...), operationOK
}

func getCardUID(c *Card, _ request) ([]byte, status) { return c.uid[:], operationOK }

// signatureLen is the length of the originality signature, of ECDSA on secp224r1
// (AN12343, originality checking).
const signatureLen = 56

// toReadSignature guards Read_Sig, which has the number 0. The answer is encrypted in a session
// (SLAB DESFire library; it says nothing of older sessions, which are treated alike here).
func toReadSignature(_ *Card, header []byte) (terms, status) {
	if header[0] != 0 {
		return terms{}, parameterError
	}
	return terms{mode: modeFull}, operationOK
}

func readSignature(c *Card, _ request) ([]byte, status) { return c.signature[:], signatureOK }

func freeMem(c *Card, _ request) ([]byte, status) {
	n := threeBytes(c.free())
	return n[:], operationOK
}

// selectApplication drops all state of the application before. If there is none of that name, the
// old one stays selected, without its session.
func selectApplication(c *Card, q request) ([]byte, status) {
	a := c.find(aid(q.header))
	if a == nil {
		return nil, applicationNotFound
	}
	c.enter(a)
	return nil, operationOK
}

// listed reports whether applications may be listed now.
func (c *Card) listed() status {
	switch {
	case !c.atRoot():
		return permissionDenied
	case !c.allowed(freeListing):
		return authenticationError
	}
	return operationOK
}

func applicationIDs(c *Card, _ request) ([]byte, status) {
	if st := c.listed(); st != operationOK {
		return nil, st
	}
	out := make([]byte, 0, aidLen*len(c.apps))
	for _, a := range c.apps {
		out = append(out, a.id[:]...)
	}
	return out, operationOK
}

// dfNames returns for every application with a DF name its identifier, its ISO file identifier and
// its DF name, each in its own frame (libfreefare, mifare_desfire_get_df_names).
func dfNames(c *Card, _ request) ([]byte, status) {
	if st := c.listed(); st != operationOK {
		return nil, st
	}
	var out []byte
	for _, a := range c.apps {
		out = append(out, a.entry()...)
	}
	return out, operationOK
}

// entry is the application's part of GetDFNames: nothing without a DF name.
func (a *application) entry() []byte {
	if len(a.name) == 0 {
		return nil
	}
	return append(append(a.id[:len(a.id):len(a.id)], byte(a.iso), byte(a.iso>>8)), a.name...)
}

// nameCuts give each name its frame. The last also takes the MAC.
func nameCuts(c *Card, _ int) (cuts []int) {
	for _, a := range c.apps {
		if e := a.entry(); e != nil {
			cuts = append(cuts, len(e))
		}
	}
	if len(cuts) > 0 {
		cuts = cuts[:len(cuts)-1]
	}
	return append(cuts, c.room())
}

// formatPICC empties the card. The PICC's key and settings stay.
func formatPICC(c *Card, _ request) ([]byte, status) {
	switch {
	case !c.atRoot(), c.config.noFormat:
		return nil, permissionDenied
	case !c.master():
		return nil, authenticationError
	}
	c.apps = nil
	c.spend(0, pageLen)
	return nil, operationOK
}
