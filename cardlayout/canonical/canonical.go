// Package canonical is the one form of CBOR that leima writes, the deterministic encoding of RFC
// 8949 section 4.2, and the strict way to read it: no indefinite lengths, no tags, no duplicate
// keys.
package canonical

import "github.com/fxamacker/cbor/v2"

// Encode writes the deterministic encoding.
var Encode = must(cbor.CoreDetEncOptions().EncMode())

// Decode reads the output of Encode.
var Decode = Within(0, 0)

// Within is Decode with limits for untrusted input: the elements of an array and the nesting of
// arrays. Zero is the library's limit.
func Within(elements, levels int) cbor.DecMode {
	return must(cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		MaxArrayElements: elements,
		MaxNestedLevels:  levels,
	}.DecMode())
}

func must[T any](mode T, err error) T {
	if err != nil {
		panic("canonical: internal error: " + err.Error())
	}
	return mode
}
