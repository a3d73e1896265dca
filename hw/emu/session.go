package emu

// A mode is the protection of a command and its answer within a session. The values are those of a
// file's communication settings (EV2 data sheet, file types and communication modes).
type mode byte

const (
	modePlain mode = 0x00
	modeMAC   mode = 0x01
	modeFull  mode = 0x03

	// modeManage marks the commands that concern no file's data. They carry a MAC under EV2 both
	// ways, under EV1 on the answer, and under D40 none.
	modeManage mode = 0xFE

	// modeOutside marks commands that begin or end sessions: they are outside of them and not
	// counted.
	modeOutside mode = 0xFF
)

// terms are the conditions under which a guard admits a command.
type terms struct {
	mode mode
	data int // bytes after the header, decrypted; or anyLength
	tail int // the bytes of them outside of the older sessions' checksum

	// measure is the length of data that announce it themselves; the older sessions call it after
	// decryption. Nil: 80 marks the end.
	measure func(plain []byte) int

	// untold is set if the reader did not name a length: the older sessions then mark the end of
	// encrypted data.
	untold bool
}

// anyLength is the data of a command whose length is known only after decryption.
const anyLength = -1

// A session is the result of an authentication. An error ends it.
type session interface {
	// keyNo is the number of the authenticated key.
	keyNo() byte

	// protection returns the length of the data as sent, and that of the MAC after it.
	protection(t terms) (data, mac int)

	// open checks and decrypts the bytes after the header of a command.
	open(q *call, header, rest []byte) ([]byte, status)

	// seal protects an answer and its status, which is a success: errors carry no MAC.
	seal(q *call, data []byte, st status) []byte

	// digest is the checksum with which ChangeKey proves the new key.
	digest(p []byte) []byte

	// frame is how much of a long answer goes into a frame with room for n.
	frame(n int) int

	// survives reports whether an error leaves the session intact.
	survives(st status) bool
}

// evenly is the largest multiple of a block that fits into n.
func evenly(n, blockSize int) int { return n - n%blockSize }

// whole rounds up to whole blocks.
func whole(n, blockSize int) int { return (n + blockSize - 1) / blockSize * blockSize }
