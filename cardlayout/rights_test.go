package cardlayout

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// rolled are keys whose rights are of the next generation.
func rolled(k Keys, next byte) Keys {
	k.FormerRights = [][2]Key{k.Rights}
	k.Rights = [2]Key{{next}, {next, 1}}
	return k
}

// Ensure that rights sealed with the keys of the generation before are read, that a tap leaves
// them to that generation, whatever it writes, and that none older are.
func TestRightsOfTheGenerationBefore(t *testing.T) {
	before, now := testKeys(), rolled(testKeys(), 11)
	for _, c := range cards(1) {
		image, err := Encode(c, testUID, false, before)
		require.NoError(t, err)
		held, err := Decode(&image, now)
		require.NoError(t, err)
		next := held
		next.Counter++
		for range 2 { // first the rights stay as they are, then they change
			writes, err := image.Rewrite(held, next, now)
			require.NoError(t, err)
			after := image
			after.Apply(writes)
			for _, keys := range []Keys{before, now} {
				got, err := Decode(&after, keys)
				require.NoError(t, err)
				require.Equal(t, next.Funded, got.Funded)
			}
			_, err = Decode(&after, rolled(now, 12))
			require.ErrorIs(t, err, ErrForged)
			next.Funded += 100
			next.StudentUntil ^= 1
		}
	}
}

// Ensure that what is resealed opens with the newest keys alone, holds what it held, and is
// written once.
func TestReseal(t *testing.T) {
	for _, c := range cards(1) {
		now := rolled(testKeys(), 11)
		image, err := Encode(c, testUID, false, testKeys())
		require.NoError(t, err)
		next := c
		next.Funded += 100
		writes, err := image.Reseal(c, next, now)
		require.NoError(t, err)
		require.Len(t, writes, int(c.Layout)) // the seals of files 6 and 7
		image.Apply(writes)
		_, err = Decode(&image, testKeys())
		require.ErrorIs(t, err, ErrForged)
		now.FormerRights = nil
		got, err := Decode(&image, now)
		require.NoError(t, err)
		require.Equal(t, next, got)
		writes, err = image.Reseal(next, next, now)
		require.NoError(t, err)
		require.Empty(t, writes)
	}
}

// mute are keys that do not answer.
type mute struct{ Keys }

func (mute) Seal(UID, int) ([2]Key, error) { return [2]Key{}, ErrKeys }

// Ensure that keys which do not answer are no fault of the card.
func TestKeysThatDoNotAnswer(t *testing.T) {
	for _, c := range cards(1) {
		image, err := Encode(c, testUID, false, testKeys())
		require.NoError(t, err)
		keys := mute{testKeys()}
		_, err = Decode(&image, keys)
		require.ErrorIs(t, err, ErrKeys)
		require.NotErrorIs(t, err, ErrForged)
		_, err = Encode(c, testUID, false, keys)
		require.ErrorIs(t, err, ErrKeys)
		_, err = image.Reseal(c, c, keys)
		require.ErrorIs(t, err, ErrKeys)
		next := c
		next.Funded++
		_, err = image.Rewrite(c, next, keys)
		require.ErrorIs(t, err, ErrKeys)
	}
}
