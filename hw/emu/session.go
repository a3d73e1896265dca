package emu

// A mode is how a command and its answer are protected within a session. The
// values are those of a file's communication settings (EV2 data sheet, file
// types and communication modes).
type mode byte

const (
	modePlain mode = 0x00
	modeMAC   mode = 0x01
	modeFull  mode = 0x03

	// modeManage marks the commands that concern no file's data. They carry a MAC
	// where a session has one for them: both ways under EV2, on the answer under
	// EV1, none under D40.
	modeManage mode = 0xFE

	// modeOutside marks commands that make or end sessions and so take no part
	// in them: they are not even counted.
	modeOutside mode = 0xFF
)

// terms are what a guard says of a command that it lets through.
type terms struct {
	mode mode
	data int // bytes that follow the header, deciphered; or anyLength
	tail int // of them, those that the checksum of the older sessions leaves out

	// measure tells the length of data that announce it themselves; the older
	// sessions ask it of what they have deciphered. Nil: 80 marks the end.
	measure func(plain []byte) int

	// untold is set when the reader did not say how much it wants: the older
	// sessions then mark the end of what they encipher.
	untold bool
}

// anyLength is the data of a command whose length shows only when deciphered.
const anyLength = -1

// A session is what an authentication leaves behind. An error ends it.
type session interface {
	// keyNo is the key that was proven.
	keyNo() byte

	// protection returns how many bytes the data takes on the wire and how many
	// the MAC takes behind it.
	protection(t terms) (data, mac int)

	// open checks and deciphers what follows the header of a command.
	open(q *call, header, rest []byte) ([]byte, status)

	// seal protects an answer and the status, which is that of a success: errors
	// carry no MAC.
	seal(q *call, data []byte, st status) []byte

	// digest is the checksum with which ChangeKey proves the new key.
	digest(p []byte) []byte

	// frame is how much of a long answer goes into a frame with room for n.
	frame(n int) int

	// survives says whether an error leaves the session as it was.
	survives(st status) bool
}

// evenly is the largest multiple of a block that fits into n.
func evenly(n, blockSize int) int { return n - n%blockSize }

// whole rounds up to whole blocks.
func whole(n, blockSize int) int { return (n + blockSize - 1) / blockSize * blockSize }
