package desfire

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
)

// cbcEncrypt is CBC over the session's start value, which it leaves at the last block sent or
// received: cipher.NewCBCEncrypter would allocate for each command.
func cbcEncrypt(block cipher.Block, iv, data []byte) {
	for size := len(iv); len(data) > 0; data = data[size:] {
		subtle.XORBytes(data[:size], data[:size], iv)
		block.Encrypt(data[:size], data[:size])
		copy(iv, data)
	}
}

func cbcDecrypt(block cipher.Block, iv, data []byte) {
	var room [16]byte
	size := len(iv)
	last := room[:copy(room[:], data[len(data)-size:])]
	for i := len(data) - size; i >= 0; i -= size {
		before := iv
		if i > 0 {
			before = data[i-size : i]
		}
		here := data[i : i+size]
		block.Decrypt(here, here)
		subtle.XORBytes(here, here, before)
	}
	copy(iv, last)
}

// cbcSend is the CBC for a card that can only encrypt: it sends what gives the data when encrypted.
func cbcSend(block cipher.Block, iv, data []byte) {
	for size := len(iv); len(data) > 0; data = data[size:] {
		subtle.XORBytes(data[:size], data[:size], iv)
		block.Decrypt(data[:size], data[:size])
		copy(iv, data)
	}
}

// roundUp rounds n up to a multiple of size.
func roundUp(n, size int) int { return (n + size - 1) / size * size }

// padZeros pads the bytes after the head with zeros to whole blocks.
func padZeros(text []byte, head, size int) []byte {
	for (len(text)-head)%size != 0 {
		text = append(text, 0)
	}
	return text
}

// insertCRC inserts the checksum before the last tail bytes.
func insertCRC(text []byte, tail int, sum []byte) []byte {
	return slices.Insert(text, len(text)-tail, sum...)
}

// verifyCRC returns the data of data ‖ checksum ‖ zeros.
func verifyCRC(plain []byte, size int, sum []byte) ([]byte, error) {
	rest := plain[size+len(sum):]
	zeros := !slices.ContainsFunc(rest, func(b byte) bool { return b != 0 })
	if subtle.ConstantTimeCompare(sum, plain[size:size+len(sum)]) != 1 || !zeros {
		return nil, fmt.Errorf("checking the answer's checksum: %w", ErrForged)
	}
	return plain[:size], nil
}

var errWrongMAC = fmt.Errorf("checking the answer's MAC: %w", ErrForged)

// splitMAC splits an answer into data and MAC.
func splitMAC(answer []byte, size int) (data, tag []byte, err error) {
	n := len(answer) - size
	if n < 0 {
		return nil, nil, fmt.Errorf("%w: %d bytes leave no room for a MAC", ErrAnswer, len(answer))
	}
	return answer[:n], answer[n:], nil
}

const (
	crc32Size = 4
	crc16Size = 2
)

// crc32Of is the CRC of ISO 3309 without its final inversion, known as JAMCRC
// (libfreefare, desfire_crc32).
func crc32Of(p []byte) []byte {
	return binary.LittleEndian.AppendUint32(nil, ^crc32.ChecksumIEEE(p))
}

// crc16Of is CRC_A of ISO/IEC 14443-3: polynomial 8408 reflected, beginning with 6363.
func crc16Of(p []byte) []byte {
	sum := uint16(0x6363)
	for _, b := range p {
		sum ^= uint16(b)
		for range 8 {
			sum = sum>>1 ^ sum&1*0x8408
		}
	}
	return binary.LittleEndian.AppendUint16(nil, sum)
}
