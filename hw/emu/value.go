package emu

import (
	"encoding/binary"
	"math"
)

// A purse is the content of a value file with its limits.
type purse struct {
	lower, upper int32
	value        int32
	allowance    int32 // the amount that LimitedCredit may still return
	options      byte
}

// Options of a value file (EV1 data sheet, CreateValueFile).
const (
	limitedCreditOn = 0x01
	freeGetValue    = 0x02
)

func (p purse) sensible() bool {
	return p.lower <= p.value && p.value <= p.upper && p.allowance >= 0 &&
		p.options&^(limitedCreditOn|freeGetValue) == 0
}

// settings are both limits, the allowance and the options (recorded by skjolber/desfire-tools).
func (p purse) settings() []byte {
	out := binary.LittleEndian.AppendUint32(nil, uint32(p.lower))
	out = binary.LittleEndian.AppendUint32(out, uint32(p.upper))
	out = binary.LittleEndian.AppendUint32(out, uint32(p.allowance))
	return append(out, p.options)
}

// A change is a transaction's change to a purse.
type change struct {
	value   int32
	debits  int64 // their sum, without any credits
	limited bool  // LimitedCredit was used
}

// apply makes the change the content. LimitedCredit may be used once, up to the debits of the last
// transaction that had any (libfreefare, tests of value files).
func (p *purse) apply(ch change) {
	p.value = ch.value
	switch {
	case ch.debits > 0:
		p.allowance = int32(min(ch.debits, math.MaxInt32))
	case ch.limited:
		p.allowance = 0
	}
}

const amountLen = 4

// toValue guards the commands of value files.
func (c *Card) toValue(header []byte, data int, of func(access) []byte) (terms, status) {
	f, st := c.dataFile(header[0])
	switch {
	case st != operationOK:
		return terms{}, st
	case f.kind != valueFile:
		return terms{}, permissionDenied
	}
	m, st := c.grant(f, of)
	return terms{mode: m, data: data}, st
}

func toGetValue(c *Card, header []byte) (terms, status) {
	t, st := c.toValue(header, 0, byAny)
	if st == authenticationError || st == permissionDenied {
		f, found := c.dataFile(header[0])
		if found == operationOK && f.kind == valueFile && f.purse.options&freeGetValue != 0 {
			return terms{mode: modePlain}, operationOK
		}
	}
	return t, st
}

func toCredit(c *Card, header []byte) (terms, status) {
	return c.toValue(header, amountLen, byReadWrite)
}

func toDebit(c *Card, header []byte) (terms, status) {
	return c.toValue(header, amountLen, byAny)
}

func toLimitedCredit(c *Card, header []byte) (terms, status) {
	return c.toValue(header, amountLen, byWrite)
}

// getValue returns the committed value.
func getValue(c *Card, q request) ([]byte, status) {
	f := c.power.app.files[q.header[0]]
	out := binary.LittleEndian.AppendUint32(nil, uint32(f.purse.value))
	c.account(q.code, q.header, out, nil)
	return out, operationOK
}

func credit(c *Card, q request) ([]byte, status) {
	return c.move(q, func(_ *file, ch *change, n int32) (by int64, st status) {
		return int64(n), operationOK
	})
}

func debit(c *Card, q request) ([]byte, status) {
	return c.move(q, func(_ *file, ch *change, n int32) (by int64, st status) {
		ch.debits += int64(n)
		return -int64(n), operationOK
	})
}

func limitedCredit(c *Card, q request) ([]byte, status) {
	return c.move(q, func(f *file, ch *change, n int32) (by int64, st status) {
		switch {
		case f.purse.options&limitedCreditOn == 0:
			return 0, permissionDenied
		case ch.limited || n > f.purse.allowance:
			return 0, boundaryError
		}
		ch.limited = true
		return int64(n), operationOK
	})
}

// move changes the value that the transaction will leave. The limits are checked at once; a
// negative amount is refused.
func (c *Card) move(
	q request, by func(*file, *change, int32) (int64, status),
) ([]byte, status) {
	f, n := c.power.app.files[q.header[0]], int32(binary.LittleEndian.Uint32(q.data))
	if n < 0 {
		return nil, parameterError
	}
	s := c.power.pending.shadow(f)
	step, st := by(f, &s.change, n)
	if st != operationOK {
		return nil, st
	}
	value := int64(s.change.value) + step
	if value < int64(f.purse.lower) || value > int64(f.purse.upper) {
		return nil, boundaryError
	}
	s.change.value = int32(value)
	c.spend(0, amountLen)
	c.account(q.code, q.header, q.data, nil)
	return nil, operationOK
}

// toRestore guards RestoreTransfer, of a target and a source, in the mode of the target. That much
// is public (Leosac/liblogicalaccess, restoreTransfer; the name is that of two commands of MIFARE
// Classic). Its rights are not: here they are those of GetValue for the source and of a credit for
// the target. Nor is its part of a Transaction MAC, so with one it is refused.
func toRestore(c *Card, header []byte) (terms, status) {
	if _, st := c.toValue(header[1:], 0, byAny); st != operationOK {
		return terms{}, st
	}
	if c.power.app.tmac() != nil {
		return terms{}, permissionDenied
	}
	return c.toValue(header[:1], 0, byReadWrite)
}

// restoreTransfer makes the committed value of the source the target's value in the transaction.
func restoreTransfer(c *Card, q request) ([]byte, status) {
	target, source := c.power.app.files[q.header[0]], c.power.app.files[q.header[1]]
	value := source.purse.value
	if value < target.purse.lower || value > target.purse.upper {
		return nil, boundaryError
	}
	c.power.pending.shadow(target).change.value = value
	c.spend(0, amountLen)
	return nil, operationOK
}
