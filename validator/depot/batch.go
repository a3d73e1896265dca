package depot

import (
	"errors"
	"time"

	"leima/cardlayout/canonical"
	"leima/validator/journal"
)

// batch is a Batch as stores keep it.
type batch struct {
	Device   uint16 `cbor:"1,keyasint"`
	Chain    uint8  `cbor:"2,keyasint,omitzero"`
	Received int64  `cbor:"3,keyasint"` // seconds since 1970
	Items    []byte `cbor:"4,keyasint"` // as they came, the report last
}

// Encode is the batch as a store keeps it.
func (b *Batch) Encode() ([]byte, error) {
	var items []byte
	for n := range b.Entries {
		items = append(items, b.Entries[n].Raw...)
	}
	if b.Report != nil {
		items = append(items, b.Report.Raw...)
	}
	return canonical.Encode.Marshal(batch{b.Device, b.Chain, b.Received.Unix(), items})
}

// Decode reads what Encode wrote. It copies what it keeps.
func Decode(raw []byte) (*Batch, error) {
	var stored batch
	if canonical.Decode.Unmarshal(raw, &stored) != nil {
		return nil, errors.New("a batch in the store is damaged")
	}
	b := &Batch{
		Device: stored.Device, Chain: stored.Chain, Received: time.Unix(stored.Received, 0).UTC(),
	}
	items, err := Items(stored.Items)
	if err != nil {
		return nil, errors.New("a batch in the store is damaged")
	}
	if n := len(items) - 1; n >= 0 && items[n].IsHead() {
		b.Report, items = &items[n], items[:n]
	}
	b.Entries = items
	return b, nil
}

// Items reads exported items, one after another.
func Items(raw []byte) (items []journal.Item, err error) {
	for len(raw) > 0 {
		var item journal.Item
		if item, raw, err = journal.ReadItem(raw); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}
