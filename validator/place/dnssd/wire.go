package dnssd

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
)

// The types of records that are read (RFC 1035 3.2.2, RFC 2782), and the class of the internet, of
// which multicast DNS uses the first bit for itself (RFC 6762 10.2).
const (
	typeA   = 1
	typePTR = 12
	typeTXT = 16
	typeSRV = 33

	internet = 1
)

// A name is the labels of a domain name. A label may have any bytes, dots too.
type name []string

func (n name) key() string { return small(strings.Join(n, "\x00")) }

// under reports whether a name is one label below another.
func (n name) under(above name) bool {
	return len(n) == len(above)+1 && n[1:].key() == above.key()
}

// small is a name in small letters. Names differ by nothing but ASCII letters (RFC 6762 16).
func small(text string) string {
	letters := []byte(text)
	for n, b := range letters {
		if 'A' <= b && b <= 'Z' {
			letters[n] += 'a' - 'A'
		}
	}
	return string(letters)
}

// A question is for records of a type that a name has.
type question struct {
	name name
	of   uint16
}

// query is a message with one question.
func query(q question) []byte {
	message := []byte{0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}
	message = binary.BigEndian.AppendUint16(appendName(message, q.name), q.of)
	return binary.BigEndian.AppendUint16(message, internet)
}

func appendName(message []byte, n name) []byte {
	for _, label := range n {
		message = append(append(message, byte(len(label))), label...)
	}
	return append(message, 0)
}

// A record is one of a message.
type record struct {
	name   name
	of     uint16
	ttl    uint32
	target name       // of PTR and SRV
	port   uint16     // of SRV
	text   []string   // of TXT
	host   netip.Addr // of A
}

var errShort = errors.New("a message that is not whole")

// A reader reads a message. After the first error all that it reads is zero.
type reader struct {
	message []byte
	at      int
	err     error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || len(r.message)-r.at < n {
		r.err = errShort
		return make([]byte, n)
	}
	r.at += n
	return r.message[r.at-n : r.at]
}

func (r *reader) uint16() uint16 { return binary.BigEndian.Uint16(r.take(2)) }

// longest is the length of a name in bytes (RFC 1035 2.3.4).
const longest = 255

// name reads a name. A part of it may stand further in front in the message (RFC 1035 4.1.4).
func (r *reader) name() (n name) {
	back, length := -1, 0
	for r.err == nil {
		size := int(r.take(1)[0])
		switch {
		case size == 0:
			if back >= 0 {
				r.at = back
			}
			return n
		case size >= 0xc0:
			to := (size&0x3f)<<8 | int(r.take(1)[0])
			if back < 0 {
				back = r.at
			}
			if length++; length > longest { // it goes in a circle
				r.err = errShort
			}
			r.at = to
		default:
			if length += size + 1; size >= 0x40 || length > longest {
				r.err = errShort
				return nil
			}
			n = append(n, string(r.take(size)))
		}
	}
	return nil
}

// answers are the records of a message that is an answer, up to the first one that cannot be read.
func answers(message []byte) (all []record) {
	r := &reader{message: message}
	header := r.take(12)
	if r.err != nil || header[2]&0x80 == 0 {
		return nil
	}
	for range binary.BigEndian.Uint16(header[4:]) {
		if r.name(); r.err != nil {
			return nil
		}
		r.take(4)
	}
	records := 0
	for _, section := range []int{6, 8, 10} {
		records += int(binary.BigEndian.Uint16(header[section:]))
	}
	for range records {
		one := r.record()
		if r.err != nil {
			break
		}
		all = append(all, one)
	}
	return all
}

func (r *reader) record() record {
	one := record{name: r.name(), of: r.uint16()}
	r.uint16() // class
	one.ttl = binary.BigEndian.Uint32(r.take(4))
	size := int(r.uint16())
	end := r.at + size
	switch one.of {
	case typePTR:
		one.target = r.name()
	case typeSRV:
		r.take(4) // priority and weight
		one.port, one.target = r.uint16(), r.name()
	case typeTXT:
		for r.err == nil && r.at < end {
			one.text = append(one.text, string(r.take(int(r.take(1)[0]))))
		}
	case typeA:
		one.host = netip.AddrFrom4([4]byte(r.take(4)))
	default:
		r.take(size)
	}
	if r.at != end {
		r.err = errShort
	}
	return one
}
