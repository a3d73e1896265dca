package lists

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"

	"leima/fare/tariff"
	"leima/validator/lists/bundle"
)

// largestTariffs is the most bytes of a bundle's tariffs, which are in memory.
const largestTariffs = 4 << 20

// A TariffSet is the tariffs of a bundle with their sources.
type TariffSet struct {
	*tariff.Set
	Sources []tariff.Source
}

// Tariffs are the store of a device's tariffs.
type Tariffs = Store[TariffSet]

// OpenTariffs takes the stored tariffs into use.
func OpenTariffs(folder string, trust bundle.Trust, locations tariff.Locations) (*Tariffs, error) {
	trust.Largest = largestTariffs
	return openWhole(folder, "tariffs", trust, bundle.Tariffs,
		whole[TariffSet]{of: readTariffs(locations)})
}

// readTariffs compiles tariffs and compares them with their manifest.
func readTariffs(locations tariff.Locations) func([]byte, bundle.Manifest, TariffSet) (
	TariffSet, error,
) {
	return func(file []byte, m bundle.Manifest, _ TariffSet) (TariffSet, error) {
		set, sources, err := tariff.Unpack(file, locations)
		if err != nil {
			return TariffSet{}, err
		}
		for _, t := range set.All() {
			if t.Area != m.Area {
				return TariffSet{}, fmt.Errorf("tariff %s is of area %d, and the bundle for %d",
					t.ID, t.Area, m.Area)
			}
		}
		if len(sources) != m.Count || m.Base != 0 || m.Digest != m.Sum {
			return TariffSet{}, fmt.Errorf("it has %d tariffs, and says %d", len(sources), m.Count)
		}
		return TariffSet{set, sources}, nil
	}
}

// SignTariffs writes the bundle of tariffs. m gives its version, area, and the times at which it
// was made and expires.
func SignTariffs(w io.Writer, sources []tariff.Source, m bundle.Manifest,
	locations tariff.Locations, key ed25519.PrivateKey,
) (bundle.Manifest, error) {
	raw, err := tariff.Pack(sources, locations)
	if err != nil {
		return m, err
	}
	m.Purpose, m.Count, m.Digest = bundle.Tariffs, len(sources), sha256.Sum256(raw)
	m.Sum = m.Digest
	if len(raw) > largestTariffs {
		return m, fmt.Errorf("the tariffs have %d bytes: no device takes more than %d", len(raw),
			largestTariffs)
	}
	if _, err := readTariffs(locations)(raw, m, TariffSet{}); err != nil {
		return m, err
	}
	return bundle.Write(w, m, bytes.NewReader(raw), key)
}
