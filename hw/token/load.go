//go:build pkcs11

package token

import (
	"fmt"

	"github.com/miekg/pkcs11"
)

// Load replaces all our keys on the token, and writes the description last. A torn load leaves a
// token without a description: load it again.
func (t *Token) Load(description []byte, keys []Named) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.clear(); err != nil {
		return err
	}
	for _, key := range keys {
		if _, err := t.module.CreateObject(t.session, secretKey(key)); err != nil {
			return explain("loading a key", err)
		}
	}
	_, err := t.module.CreateObject(t.session, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_DATA),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
		pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, true),
		pkcs11.NewAttribute(pkcs11.CKA_APPLICATION, id),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, label),
		pkcs11.NewAttribute(pkcs11.CKA_VALUE, description),
	})
	if err != nil {
		return explain("loading what the keys are for", err)
	}
	return nil
}

// secretKey describes a key that only computes AES-CMAC and cannot be read.
func secretKey(key Named) []*pkcs11.Attribute {
	all := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY),
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_AES),
		pkcs11.NewAttribute(pkcs11.CKA_ID, id),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, key.Label),
		pkcs11.NewAttribute(pkcs11.CKA_VALUE, key.Key[:]),
	}
	for _, yes := range []uint{
		pkcs11.CKA_TOKEN, pkcs11.CKA_PRIVATE, pkcs11.CKA_SENSITIVE,
		pkcs11.CKA_SIGN,
	} {
		all = append(all, pkcs11.NewAttribute(yes, true))
	}
	for _, no := range []uint{
		pkcs11.CKA_EXTRACTABLE, pkcs11.CKA_ENCRYPT, pkcs11.CKA_DECRYPT,
		pkcs11.CKA_WRAP, pkcs11.CKA_UNWRAP, pkcs11.CKA_DERIVE,
	} {
		all = append(all, pkcs11.NewAttribute(no, false))
	}
	return all
}

// clear removes all our objects from the token, the description first.
func (t *Token) clear() error {
	t.keys = map[string]pkcs11.ObjectHandle{}
	for _, class := range []uint{pkcs11.CKO_DATA, pkcs11.CKO_SECRET_KEY} {
		found, err := t.find(class, "")
		if err != nil {
			return err
		}
		for _, object := range found {
			if err := t.module.DestroyObject(t.session, object); err != nil {
				return explain("removing old keys", err)
			}
		}
	}
	return nil
}

// Description is the description that was loaded with the keys.
func (t *Token) Description() ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found, err := t.find(pkcs11.CKO_DATA, label)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%w: no keys are on it, or only a part: load them "+
			"(bench keys token)", ErrToken)
	}
	values, err := t.module.GetAttributeValue(t.session, found[0], []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil),
	})
	if err != nil {
		return nil, explain("reading what the keys are for", err)
	}
	return values[0].Value, nil
}
