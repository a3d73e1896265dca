package desfire

import "fmt"

// A dialect is how the session reads and writes files.
type dialect struct {
	readData, readRecords, writeData, writeRecord Code

	// chunk is the most data one command carries.
	chunk int
}

// In ISO/IEC 14443-4 blocks, or in AF frames, which every card knows. Enciphered, with
// header and MAC, 192 bytes fit the 255 of a short APDU and its answer; 1024 need fewer
// frames than an answer may have.
var (
	inBlocks = dialect{CodeReadData, CodeReadRecords, CodeWriteData, CodeWriteRecord, 192}
	inFrames = dialect{CodeReadDataAF, CodeReadRecordsAF, CodeWriteDataAF, CodeWriteRecordAF,
		1024}
)

// dialect: only within a session it is known that the card understands the newer one.
func (s *Session) dialect() *dialect {
	if s.EV2() {
		return &inBlocks
	}
	return &inFrames
}

// Read fills p from a data file, from offset on, in the file's communication
// mode. Reading what has been written but not committed gives the old content.
func (s *Session) Read(file byte, mode Mode, offset int, p []byte) error {
	d := s.dialect()
	for len(p) > 0 {
		part := p[:min(len(p), d.chunk)]
		c := command{code: d.readData, header: span(file, offset, len(part)), mode: mode}
		data, err := s.run(c, len(part))
		if err != nil {
			return fmt.Errorf("reading file %d: %w", file, err)
		}
		copy(part, data)
		s.sign(c.code, c.header, part)
		offset += len(part)
		p = p[len(part):]
	}
	return nil
}

// Detect is a Read of at most 192 bytes from a file whose communication mode is not
// known: the length of the answer tells it. An answer without protection is ErrForged,
// for our files are never sent bare inside a session; under EV1 a plain file cannot be
// told from one in MAC mode, since its answers have a MAC too. Nor can the modes be
// told apart there by a length of 8 more than a multiple of 16: it is refused.
func (s *Session) Detect(file byte, p []byte) (Mode, error) {
	c := command{code: s.dialect().readData, header: span(file, 0, len(p)), mode: MAC}
	mode, answer, err := s.detect(c, len(p))
	if err != nil {
		return 0, fmt.Errorf("reading file %d: %w", file, err)
	}
	copy(p, answer)
	s.sign(c.code, c.header, p)
	return mode, nil
}

func (s *Session) detect(c command, size int) (mode Mode, data []byte, err error) {
	if err = s.alive(MAC); err != nil {
		return 0, nil, err
	}
	bare, enciphered := s.secure.wire(MAC, size), s.secure.wire(Full, size)
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
		return 0, nil, s.end(unlike(len(answer), bare))
	}
	data, err = s.secure.open(mode, answer, size)
	if err == nil && len(data) != size {
		err = unlike(len(data), size)
	}
	if err != nil {
		return 0, nil, s.end(err)
	}
	return mode, data, nil
}

// Write writes p into a data file from offset on. In a backup file nothing
// changes before Commit.
func (s *Session) Write(file byte, mode Mode, offset int, p []byte) error {
	d := s.dialect()
	for len(p) > 0 {
		part := p[:min(len(p), d.chunk)]
		header := span(file, offset, len(part))
		err := s.order(command{code: d.writeData, header: header, data: part, mode: mode})
		if err != nil {
			return fmt.Errorf("writing file %d: %w", file, err)
		}
		s.sign(d.writeData, header, part)
		offset += len(part)
		p = p[len(part):]
	}
	return nil
}

// ReadRecords reads the newest count records of size bytes each from a record
// file, oldest first. A file without a record answers BoundaryError, which ends
// the session.
func (s *Session) ReadRecords(file byte, mode Mode, size, count int) ([]byte, error) {
	c := command{code: s.dialect().readRecords, header: span(file, 0, count), mode: mode}
	data, err := s.run(c, size*count)
	if err != nil {
		return nil, fmt.Errorf("reading records of file %d: %w", file, err)
	}
	s.sign(c.code, c.header, data)
	return append([]byte(nil), data...), nil
}

// WriteRecord writes p into the new record of a record file. The card merges
// several writes of one transaction into one record.
func (s *Session) WriteRecord(file byte, mode Mode, p []byte) error {
	c := command{
		code: s.dialect().writeRecord, header: span(file, 0, len(p)), data: p, mode: mode,
	}
	if err := s.order(c); err != nil {
		return fmt.Errorf("writing a record of file %d: %w", file, err)
	}
	s.sign(c.code, c.header, p)
	return nil
}

// span is the header of the data and record commands: file ‖ offset3 ‖ length3.
func span(file byte, offset, length int) []byte {
	return []byte{file,
		byte(offset), byte(offset >> 8), byte(offset >> 16),
		byte(length), byte(length >> 8), byte(length >> 16)}
}

// A Receipt is the card's own signature under a committed transaction: the
// Transaction MAC counter after it and the Transaction MAC value (DESFire EV2
// and later). It is zero where the application has no Transaction MAC file.
type Receipt struct {
	TMC uint32
	TMV [8]byte
}

// Commit makes everything written since Open valid at once. With receipt the
// card's Transaction MAC is asked for; the application must have the file.
//
// nil means that the card has committed and said so. Any error wraps
// ErrCommitUnknown, also an error status, which carries no MAC and proves
// nothing: the card's next visit decides.
func (s *Session) Commit(receipt bool) (Receipt, error) {
	c, size := command{code: CodeCommitTransaction, mode: managed}, 0
	if receipt {
		c.header, size = []byte{0x01}, receiptSize
	}
	data, err := s.run(c, size)
	s.signed = s.signed[:0]
	if err != nil {
		return Receipt{}, fmt.Errorf("committing: %w: %w", ErrCommitUnknown, err)
	}
	if !receipt {
		return Receipt{}, nil
	}
	return receiptOf(data), nil
}

// Abort drops everything written and not committed.
func (s *Session) Abort() error {
	s.signed = s.signed[:0]
	if err := s.order(command{code: CodeAbortTransaction, mode: managed}); err != nil {
		return fmt.Errorf("aborting: %w", err)
	}
	return nil
}
