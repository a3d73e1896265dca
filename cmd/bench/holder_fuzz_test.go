package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzHolder: whatever stands in a holder's file, an error names the file, and repeats none of
// the values in it: they are a person's.
func FuzzHolder(f *testing.F) {
	for _, text := range []string{
		"name = \"Matti Meikalainen\"\nsex = 1", "name = 5", "sex = 3", "{", "",
		"identity_code = \"131052-308T\"\nname = ", "municipality = 99999999",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := &bench{in: strings.NewReader(text)}
		holder, err := readHolder(t.Context(), b, "-")
		if err != nil {
			require.Regexp(t, `^(standard input|-)`, err.Error())
			if strings.Contains(text, "131052-308T") {
				require.NotContains(t, err.Error(), "131052-308T")
			}
			return
		}
		require.NotEmpty(t, holder.Name)
	})
}
