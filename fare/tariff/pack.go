package tariff

import (
	"errors"
	"fmt"
	"slices"

	"leima/cardlayout/canonical"
)

// Pack encodes sources for a bundle, as a CBOR array. All must compile, and together be a Set.
func Pack(sources []Source, locations Locations) ([]byte, error) {
	if _, err := compileSet(sources, locations); err != nil {
		return nil, err
	}
	return canonical.Encode.Marshal(sources)
}

// Unpack decodes the output of Pack and compiles it.
func Unpack(raw []byte, locations Locations) (*Set, []Source, error) {
	var sources []Source
	if err := canonical.Decode.Unmarshal(raw, &sources); err != nil || len(sources) == 0 {
		return nil, nil, errors.New("it holds no tariffs")
	}
	again, err := canonical.Encode.Marshal(sources)
	if err != nil || !slices.Equal(raw, again) {
		return nil, nil, errors.New("its tariffs are not written as they should be")
	}
	set, err := compileSet(sources, locations)
	if err != nil {
		return nil, nil, fmt.Errorf("its tariffs do not compile: %w", err)
	}
	return set, sources, nil
}

func compileSet(sources []Source, locations Locations) (*Set, error) {
	tariffs, err := compileAll(sources, locations)
	if err != nil {
		return nil, err
	}
	return SetOf(sources, tariffs)
}
