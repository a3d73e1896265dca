package desfire

import "fmt"

// The codes of the data and record commands in their ISO-chaining form (DESFire EV2
// data sheet).
const (
	readData    = 0xAD
	readRecords = 0xAB
	writeData   = 0x8D
	writeRecord = 0x8B
)

// chunk is the most data one read or write command carries: enciphered, with
// header and MAC, it fits the 255 bytes of a short APDU and its answer.
const chunk = 192

// Read fills p from a data file, from offset on, in the file's communication
// mode. Reading what has been written but not committed gives the old content.
func (s *Session) Read(file byte, mode Mode, offset int, p []byte) error {
	for len(p) > 0 {
		part := p[:min(len(p), chunk)]
		data, err := s.send(readData, span(file, offset, len(part)), nil, mode)
		if err == nil {
			err = s.fill(part, data)
		}
		if err != nil {
			return fmt.Errorf("reading file %d: %w", file, err)
		}
		s.sign(readData, span(file, offset, len(part)), part)
		offset += len(part)
		p = p[len(part):]
	}
	return nil
}

// Detect is a Read of at most 192 bytes from a file whose communication mode is
// not known: the length of the answer tells it. An answer without protection is
// ErrForged, for our files are never sent bare inside a session.
func (s *Session) Detect(file byte, p []byte) (Mode, error) {
	answer, err := s.exchange(readData, span(file, 0, len(p)), nil, MAC)
	mode := MAC
	if err == nil {
		switch len(answer) {
		case len(p) + macSize:
		case padded(len(p)) + macSize:
			mode = Full
		case len(p):
			err = s.end(fmt.Errorf("%w: it came without a MAC", ErrForged))
		default:
			err = s.end(fmt.Errorf("%w: %d bytes for %d", ErrAnswer, len(answer), len(p)))
		}
	}
	if err == nil {
		if answer, err = s.open(mode, answer); err == nil {
			err = s.fill(p, answer)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("reading file %d: %w", file, err)
	}
	s.sign(readData, span(file, 0, len(p)), p)
	return mode, nil
}

// Write writes p into a data file from offset on. In a backup file nothing
// changes before Commit.
func (s *Session) Write(file byte, mode Mode, offset int, p []byte) error {
	for len(p) > 0 {
		part := p[:min(len(p), chunk)]
		err := s.order(writeData, span(file, offset, len(part)), part, mode)
		if err != nil {
			return fmt.Errorf("writing file %d: %w", file, err)
		}
		s.sign(writeData, span(file, offset, len(part)), part)
		offset += len(part)
		p = p[len(part):]
	}
	return nil
}

// ReadRecords reads the newest count records of size bytes each from a record
// file, oldest first. A file without a record answers BoundaryError, which ends
// the session.
func (s *Session) ReadRecords(file byte, mode Mode, size, count int) ([]byte, error) {
	data, err := s.send(readRecords, span(file, 0, count), nil, mode)
	if err == nil && len(data) != size*count {
		err = s.end(fmt.Errorf("%w: %d bytes, not %d records of %d",
			ErrAnswer, len(data), count, size))
	}
	if err != nil {
		return nil, fmt.Errorf("reading records of file %d: %w", file, err)
	}
	s.sign(readRecords, span(file, 0, count), data)
	return append([]byte(nil), data...), nil
}

// WriteRecord writes p into the new record of a record file. The card merges
// several writes of one transaction into one record.
func (s *Session) WriteRecord(file byte, mode Mode, p []byte) error {
	if err := s.order(writeRecord, span(file, 0, len(p)), p, mode); err != nil {
		return fmt.Errorf("writing a record of file %d: %w", file, err)
	}
	s.sign(writeRecord, span(file, 0, len(p)), p)
	return nil
}

// span is the header of the data and record commands: file ‖ offset3 ‖ length3.
func span(file byte, offset, length int) []byte {
	return []byte{file,
		byte(offset), byte(offset >> 8), byte(offset >> 16),
		byte(length), byte(length >> 8), byte(length >> 16)}
}

// fill copies an answer that must be of just this length.
func (s *Session) fill(p, data []byte) error {
	if len(data) != len(p) {
		return s.end(fmt.Errorf("%w: %d bytes, not %d", ErrAnswer, len(data), len(p)))
	}
	copy(p, data)
	return nil
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
	var header []byte
	size := 0
	if receipt {
		header, size = []byte{0x01}, receiptSize
	}
	data, err := s.send(0xC7, header, nil, MAC)
	if err == nil && len(data) != size {
		err = s.end(fmt.Errorf("%w: %d bytes, not %d", ErrAnswer, len(data), size))
	}
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
	if err := s.order(0xA7, nil, nil, MAC); err != nil {
		return fmt.Errorf("aborting: %w", err)
	}
	return nil
}
