package emu

// A Chip is a generation of the product.
type Chip uint8

// The generations. The zero value is that of our own test cards.
const (
	EV2 Chip = iota
	EV1
	EV3

	chips = 3
)

// makes are the differences between the generations (recorded GetVersion answers of an EV1 and an
// EV3, fields as in the EV2 data sheet; proxmark3 for the EV2).
var makes = [chips]struct {
	hardware, software [2]byte // major and minor version
	memory             int     // if the Config has none
	frame              int     // the longest
	applications       int     // the largest number of them; 0 if only memory limits it
}{
	// The EV2's data sheet ends at frames of 128 bytes. Ours allows more, to measure the use of
	// longer frames.
	EV2: {[2]byte{0x12, 0x00}, [2]byte{0x02, 0x01}, 8192, 256, 0},
	EV1: {[2]byte{0x01, 0x00}, [2]byte{0x01, 0x04}, 4096, 64, 28},
	EV3: {[2]byte{0x33, 0x00}, [2]byte{0x03, 0x00}, 4096, 256, 0},
}

func (p Chip) String() string {
	if p >= chips {
		return "unknown chip"
	}
	return [chips]string{"EV2", "EV1", "EV3"}[p]
}

// memories are the sizes on sale, with their code in GetVersion: the power of two, doubled (EV2
// data sheet, GetVersion).
var memories = [...]struct {
	size int
	code byte
}{{2048, 0x16}, {4096, 0x18}, {8192, 0x1A}}

// memoryCode returns the code of a memory size, or 0 if it is not on sale.
func memoryCode(n int) byte {
	for _, m := range memories {
		if m.size == n {
			return m.code
		}
	}
	return 0
}

// version is the answer to GetVersion: maker NXP, type and subtype, version, storage, protocol 05
// for ISO 14443-4, first for the hardware and then for the software.
func (c *Card) version() []byte {
	m := makes[c.chip]
	code := memoryCode(c.memory)
	return []byte{
		0x04, 0x01, 0x01, m.hardware[0], m.hardware[1], code, 0x05,
		0x04, 0x01, 0x01, m.software[0], m.software[1], code, 0x05,
	}
}

// lacks reports whether the card is older than a command: EV2 authentication, the codes of ISO
// chaining, UpdateRecord, the Transaction MAC, key sets and delegated applications came with the
// EV2, and so did Read_Sig (proxmark3: an EV1 answers with 1C).
func (p Chip) lacks(code byte) bool {
	if p != EV1 {
		return false
	}
	switch code {
	case codeAuthenticateFirst, codeAuthenticateNext,
		codeReadDataISO, codeWriteDataISO, codeReadRecordsISO, codeWriteRecordISO,
		codeUpdateRecord, codeUpdateRecordISO,
		codeCreateTMACFile, codeCommitReaderID,
		codeChangeKeyEV2, codeInitializeKeySet, codeFinalizeKeySet, codeRollKeySet,
		codeCreateDelegated, codeGetDelegatedInfo, codeReadSignature, codeRestoreTransfer:
		return true
	}
	return false
}
