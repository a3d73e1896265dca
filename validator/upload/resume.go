package upload

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"

	"leima/validator/journal"
)

// resume goes on from where the depot is: from the last of its heads that is one of this journal's;
// if none is, from the oldest entry.
func (c *Client) resume(answer []byte) error {
	var says struct {
		Heads []head `json:"heads"`
	}
	if err := json.Unmarshal(answer, &says); err != nil {
		return errors.New("the depot's answer is none: it does not say where it is")
	}
	slices.SortFunc(says.Heads, func(a, b head) int { return cmp.Compare(b.Position, a.Position) })
	was, oldest := c.after, c.oldest
	c.after, c.oldest = 0, true
	for _, h := range says.Heads {
		hash, err := c.hash(h.Position)
		if err != nil {
			return err
		}
		if h.Position > 0 && h.is(hash) {
			c.after, c.oldest = h.Position, false
			break
		}
	}
	if c.after == was && c.oldest == oldest {
		return errors.New("the depot does not take what follows its own end")
	}
	c.Log.Warn("upload: the depot lacks entries, which are sent again", "after", c.after,
		"instead_of", was)
	return nil
}

// hash is that of a stored position; zeros if it is not stored.
func (c *Client) hash(position uint64) (hash [32]byte, err error) {
	if position == 0 {
		return journal.Beginning(c.Device), nil
	}
	err = c.Journal.Export(position-1, func(at uint64, item []byte) error {
		read, _, err := journal.ReadItem(item)
		if err == nil && at == position {
			hash, err = read.Hash, errEnough
		}
		return cmp.Or(err, errEnough)
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return hash, err
}
