package emu

import "slices"

// settings are the key settings of an application or of the PICC: KS1 of GetKeySettings (EV2 data
// sheet, key settings).
type settings byte

const (
	masterChangeable settings = 0x01
	freeListing      settings = 0x02
	freeCreation     settings = 0x04
	settingsOpen     settings = 0x08
)

// factorySettings allow everything.
const factorySettings settings = 0x0F

// The upper half of an application's settings: the right to change keys, besides the key numbers 1
// to 13.
const (
	changeByMaster = 0x0
	changeByItself = 0xE
	changeFrozen   = 0xF
)

func (s settings) has(bit settings) bool { return s&bit != 0 }
func (s settings) changeKey() byte       { return byte(s) >> 4 }

// An access is the access rights of a file: four key numbers, where E means free and F never (EV2
// data sheet, access rights).
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

// The rights that allow a command. Any right but change allows reading a value and a debit; only
// read-write allows a credit, and changes of existing records (EV1 data sheet, value files;
// MF2DL(H)x0 data sheet, UpdateRecord).
func byRead(a access) []byte      { return []byte{a.read(), a.readWrite()} }
func byWrite(a access) []byte     { return []byte{a.write(), a.readWrite()} }
func byReadWrite(a access) []byte { return []byte{a.readWrite()} }
func byAny(a access) []byte       { return []byte{a.read(), a.write(), a.readWrite()} }

// known reports whether every right names an existing key.
func (a access) known(keys int) bool {
	for _, r := range [...]byte{a.read(), a.write(), a.readWrite(), a.change()} {
		if r < free && int(r) >= keys {
			return false
		}
	}
	return true
}

// grant decides whether a command may use the file by one of the given rights. If the session's key
// has the right, the file's communication mode holds. If the right is only free, the command is
// plain, even within a session. Any of the file's sets of rights will do.
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

// master reports whether the session was authenticated with the master key of the selected
// application or PICC.
func (c *Card) master() bool { return c.proven(0) }

// proven reports whether the session was authenticated with that key.
func (c *Card) proven(keyNo byte) bool {
	return c.power.session != nil && c.power.session.keyNo() == keyNo
}

// allowed reports whether a setting or the master key allows a command.
func (c *Card) allowed(bit settings) bool {
	return c.power.app.settings.has(bit) || c.master()
}

// atRoot reports whether the PICC level is selected.
func (c *Card) atRoot() bool { return c.power.app == &c.root }

// outside guards the commands that begin or end a session.
func outside(*Card, []byte) (terms, status) { return terms{mode: modeOutside}, operationOK }

// managed guards the commands that concern no file's data and check the right to them themselves.
func managed(*Card, []byte) (terms, status) { return terms{mode: modeManage}, operationOK }

// sessionOnly guards commands with an encrypted answer, which need a session's key.
func sessionOnly(c *Card, _ []byte) (terms, status) {
	if c.power.session == nil {
		return terms{}, authenticationError
	}
	return terms{mode: modeFull}, operationOK
}
