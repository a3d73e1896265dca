package desfire

import "fmt"

// A commandSet is how the session reads and writes files.
type commandSet struct {
	readData, readRecords, writeData, writeRecord Code

	// chunk is the most data one command carries.
	maxData int
}

// isoChained uses ISO/IEC 14443-4 chaining, afChained AF frames, which every card supports.
// Encrypted, with header and MAC, 192 bytes fit the 255 of a short APDU and its answer; 1024 need
// fewer frames than an answer may have.
var (
	isoChained = commandSet{CodeReadData, CodeReadRecords, CodeWriteData, CodeWriteRecord, 192}
	afChained  = commandSet{
		CodeReadDataAF, CodeReadRecordsAF, CodeWriteDataAF, CodeWriteRecordAF,
		1024,
	}
)

// commandSet is the newer set only within an EV2 session: only then the card is known to support
// it.
func (s *Session) commandSet() *commandSet {
	if s.EV2() {
		return &isoChained
	}
	return &afChained
}

// Read fills p from a data file, from offset on, in the file's communication mode. It reads the old
// content of uncommitted writes.
func (s *Session) Read(file byte, mode Mode, offset int, p []byte) error {
	d := s.commandSet()
	for len(p) > 0 {
		part := p[:min(len(p), d.maxData)]
		c := command{code: d.readData, header: span(file, offset, len(part)), mode: mode}
		data, err := s.run(c, len(part))
		if err != nil {
			return fmt.Errorf("reading file %d: %w", file, err)
		}
		copy(part, data)
		s.appendTMI(c.code, c.header, part)
		offset += len(part)
		p = p[len(part):]
	}
	return nil
}

// Detect reads at most 192 bytes from a file whose communication mode is unknown, and finds the
// mode by the length of the answer. An answer without protection is ErrForged, since our files are
// never sent bare within a session. Under EV1 a plain file cannot be told from one in MAC mode,
// since its answers have a MAC too. A length of 8 more than a multiple of 16 is refused there: it
// does not tell the modes apart.
func (s *Session) Detect(file byte, p []byte) (Mode, error) {
	c := command{code: s.commandSet().readData, header: span(file, 0, len(p)), mode: MAC}
	mode, answer, err := s.detect(c, len(p))
	if err != nil {
		return 0, fmt.Errorf("reading file %d: %w", file, err)
	}
	copy(p, answer)
	s.appendTMI(c.code, c.header, p)
	return mode, nil
}

func (s *Session) detect(c command, size int) (mode Mode, data []byte, err error) {
	if err = s.checkOpen(MAC); err != nil {
		return 0, nil, err
	}
	bare, enciphered := s.secure.wireLength(MAC, size), s.secure.wireLength(Full, size)
	if bare == enciphered {
		return 0, nil, fmt.Errorf("the modes of %d bytes cannot be told apart", size)
	}
	answer, err := s.exchange(c)
	if err != nil {
		return 0, nil, err
	}
	switch len(answer) {
	case bare:
		mode = MAC
	case enciphered:
		mode = Full
	case size:
		return 0, nil, s.end(fmt.Errorf("%w: it came without a MAC", ErrForged))
	default:
		return 0, nil, s.end(lengthError(len(answer), bare))
	}
	data, err = s.secure.open(mode, answer, size)
	if err == nil && len(data) != size {
		err = lengthError(len(data), size)
	}
	if err != nil {
		return 0, nil, s.end(err)
	}
	return mode, data, nil
}

// Write writes p into a data file from offset on. In a backup file it takes effect with Commit.
func (s *Session) Write(file byte, mode Mode, offset int, p []byte) error {
	d := s.commandSet()
	for len(p) > 0 {
		part := p[:min(len(p), d.maxData)]
		header := span(file, offset, len(part))
		err := s.execute(command{code: d.writeData, header: header, data: part, mode: mode})
		if err != nil {
			return fmt.Errorf("writing file %d: %w", file, err)
		}
		s.appendTMI(d.writeData, header, part)
		offset += len(part)
		p = p[len(part):]
	}
	return nil
}

// ReadRecords reads the newest count records of size bytes each from a record file, oldest first. A
// file without a record answers BoundaryError, which ends the session.
func (s *Session) ReadRecords(file byte, mode Mode, size, count int) ([]byte, error) {
	c := command{code: s.commandSet().readRecords, header: span(file, 0, count), mode: mode}
	data, err := s.run(c, size*count)
	if err != nil {
		return nil, fmt.Errorf("reading records of file %d: %w", file, err)
	}
	s.appendTMI(c.code, c.header, data)
	return append([]byte(nil), data...), nil
}

// WriteRecord writes p into the new record of a record file. The card merges several writes of one
// transaction into one record.
func (s *Session) WriteRecord(file byte, mode Mode, p []byte) error {
	c := command{
		code: s.commandSet().writeRecord, header: span(file, 0, len(p)), data: p, mode: mode,
	}
	if err := s.execute(c); err != nil {
		return fmt.Errorf("writing a record of file %d: %w", file, err)
	}
	s.appendTMI(c.code, c.header, p)
	return nil
}

// span is the header of the data and record commands: file ‖ offset3 ‖ length3.
func span(file byte, offset, length int) []byte {
	return []byte{
		file,
		byte(offset), byte(offset >> 8), byte(offset >> 16),
		byte(length), byte(length >> 8), byte(length >> 16),
	}
}

// A TMAC is the card's signature of a committed transaction: the Transaction MAC counter after it
// and the Transaction MAC value (DESFire EV2 and later). It is zero if the application has no
// Transaction MAC file.
type TMAC struct {
	TMC uint32
	TMV [8]byte
}

// Commit makes all writes since Open valid at once. With returnTMAC it asks for the Transaction
// MAC; the application must have the file.
//
// nil means that the card has committed and answered so. Any error wraps ErrCommitUnknown, also an
// error status, which carries no MAC and proves nothing: the card's next tap decides.
func (s *Session) Commit(returnTMAC bool) (TMAC, error) {
	c, size := command{code: CodeCommitTransaction, mode: managed}, 0
	if returnTMAC {
		c.header, size = []byte{0x01}, tmacSize
	}
	data, err := s.run(c, size)
	s.tmi = s.tmi[:0]
	if err != nil {
		return TMAC{}, fmt.Errorf("committing: %w: %w", ErrCommitUnknown, err)
	}
	if !returnTMAC {
		return TMAC{}, nil
	}
	return parseTMAC(data), nil
}

// Abort drops all uncommitted writes.
func (s *Session) Abort() error {
	s.tmi = s.tmi[:0]
	if err := s.execute(command{code: CodeAbortTransaction, mode: managed}); err != nil {
		return fmt.Errorf("aborting: %w", err)
	}
	return nil
}
