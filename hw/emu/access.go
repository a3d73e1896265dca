package emu

import "slices"

// settings are the key settings of an application or of the PICC, the first byte
// of GetKeySettings (EV2 data sheet, key settings).
type settings byte

const (
	masterChangeable settings = 0x01
	freeListing      settings = 0x02
	freeCreation     settings = 0x04
	settingsOpen     settings = 0x08
)

// factorySettings are those of a card from the factory: everything is allowed.
const factorySettings settings = 0x0F

// Who may change a key, besides the key numbers 1 to 13 (the upper half of an
// application's settings).
const (
	changeByMaster = 0x0
	changeByItself = 0xE
	changeFrozen   = 0xF
)

func (s settings) has(bit settings) bool { return s&bit != 0 }
func (s settings) changeKey() byte       { return byte(s) >> 4 }

// An access is the access rights of a file: four key numbers, of which E stands
// for anybody and F for nobody (EV2 data sheet, access rights).
type access uint16

const (
	free  = 0xE
	never = 0xF
)

func accessOf(p []byte) access   { return access(p[0]) | access(p[1])<<8 }
func (a access) read() byte      { return byte(a >> 12) }
func (a access) write() byte     { return byte(a>>8) & 0xF }
func (a access) readWrite() byte { return byte(a>>4) & 0xF }
func (a access) change() byte    { return byte(a) & 0xF }

// Which rights serve for a command, of each set of them. Any right but that to
// change serves for reading a value and for a debit; only read-write serves for a
// credit, and for what changes records that are there (EV1 data sheet, value files;
// MF2DL(H)x0 data sheet, UpdateRecord).
func byRead(a access) []byte      { return []byte{a.read(), a.readWrite()} }
func byWrite(a access) []byte     { return []byte{a.write(), a.readWrite()} }
func byReadWrite(a access) []byte { return []byte{a.readWrite()} }
func byAny(a access) []byte       { return []byte{a.read(), a.write(), a.readWrite()} }

// known says whether every right names a key that there is.
func (a access) known(keys int) bool {
	for _, r := range [...]byte{a.read(), a.write(), a.readWrite(), a.change()} {
		if r < free && int(r) >= keys {
			return false
		}
	}
	return true
}

// grant decides whether a command may use the file under one of the rights that
// serve for it. The file's communication mode holds when the session's key gives
// the access. When only "anybody" gives it the command is plain, even within a
// session. Any of the file's sets of rights will do.
func (c *Card) grant(f *file, of func(access) []byte) (mode, status) {
	rights := of(f.access)
	for _, a := range f.more {
		rights = append(rights, of(a)...)
	}
	if s := c.power.session; s != nil && slices.Contains(rights, s.keyNo()) {
		return f.mode, operationOK
	}
	denied := permissionDenied
	for _, r := range rights {
		switch {
		case r == free:
			return modePlain, operationOK
		case r != never:
			denied = authenticationError
		}
	}
	return 0, denied
}

// master says whether the session is one with the master key of what is selected.
func (c *Card) master() bool { return c.proven(0) }

// proven says whether the session is one with that key.
func (c *Card) proven(keyNo byte) bool {
	return c.power.session != nil && c.power.session.keyNo() == keyNo
}

// allowed says whether a setting or the master key lets a command through.
func (c *Card) allowed(bit settings) bool {
	return c.power.app.settings.has(bit) || c.master()
}

// atRoot says whether the PICC level is selected.
func (c *Card) atRoot() bool { return c.power.app == &c.root }

// outside guards the commands that make or end a session.
func outside(*Card, []byte) (terms, status) { return terms{mode: modeOutside}, operationOK }

// managed guards the commands that concern no file's data and judge for
// themselves who may give them.
func managed(*Card, []byte) (terms, status) { return terms{mode: modeManage}, operationOK }

// sessionOnly guards commands with an enciphered answer: without a session there
// is no key to encipher it with.
func sessionOnly(c *Card, _ []byte) (terms, status) {
	if c.power.session == nil {
		return terms{}, authenticationError
	}
	return terms{mode: modeFull}, operationOK
}
