package matkakortti

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// pack writes fields of bits, most significant first: "4:1 14:255" is 1 in four bits and
// 255 in fourteen. The widths stand here once more, so that a wrong one in a table does
// not cancel itself out.
func pack(t testing.TB, fields string) []byte {
	t.Helper()
	var text strings.Builder
	for _, f := range strings.Fields(fields) {
		var width, value uint64
		_, err := fmt.Sscanf(f, "%d:%v", &width, &value)
		require.NoError(t, err, f)
		bits := fmt.Sprintf("%0*b", width, value)
		require.Len(t, bits, int(width), "%s does not fit", f)
		text.WriteString(bits)
	}
	bits := text.String()
	require.Zero(t, len(bits)%8, "%d bits are no bytes", len(bits))
	p := make([]byte, len(bits)/8)
	for i, b := range bits {
		p[i/8] |= byte(b-'0') << (7 - i%8)
	}
	return p
}

// Invented cards. Every field has a value of its own, so that none passes for another.
// 0x924699001123456787 is a number with the right check digit. Day 8194 is 2019-06-09.
var packed = map[System]map[byte]string{
	HSLv1: {
		8: "4:1 4:2 72:0x924699001123456787 3:0 1:1 4:0",
		0: "14:8001 1:1 33:0",
		1: "14:31 1:0 4:5 14:8194 14:8224 1:0 14:32 1:1 4:7 14:8225 14:0 1:0 " +
			"14:33 14:8193 11:754 9:30 20:20001 14:55 14:77 " +
			"14:8195 11:481 14:1074 2:1 14:2550 1:1 4:4 4:0",
		2: "20:1234 14:8191 11:1411 20:500 14:3 14:2 3:0",
		3: "14:250 1:1 2:1 2:1 8:2 1:0 4:14 14:8192 5:23 3:2 14:909 14:460 5:3 1:1 " +
			"14:8192 11:1431 14:8193 11:81 5:0 1:1 14:8196 11:600 14:1075 2:2 14:3002 1:0 4:1 4:0",
		4: "1:0 14:8190 11:500 14:8190 11:560 14:0 5:1 20:0 6:0 " +
			"1:1 14:8192 11:1431 14:8193 11:81 14:460 5:3 20:774 6:0",
	},
	HSLv2: {
		8: "4:2 4:1 72:0x924699001123456787 3:0 1:1 4:0",
		0: "14:8002 1:0 1:0 8:7 24:70000 32:5",
		1: "1:1 14:255 2:2 6:10 14:8194 14:8224 5:0 1:0 14:256 2:0 6:8 14:8225 14:8300 5:0 " +
			"1:1 14:257 14:8193 11:754 9:30 20:20001 14:55 13:77 " +
			"14:8195 11:481 14:1074 2:1 14:2550 1:1 2:2 6:3 8:0",
		2: "20:1234 14:8191 11:1411 20:500 14:3 14:2 11:0",
		3: "1:1 14:250 14:251 5:1 5:2 2:2 2:0 8:90 2:1 8:2 2:2 6:2 14:8192 5:23 3:2 14:909 " +
			"14:460 14:920 6:33 1:1 6:11 14:252 6:12 14:101 6:13 14:102 1:1 4:0 " +
			"14:8192 11:1431 14:8193 11:81 14:8194 11:82 5:0 1:1 " +
			"14:8196 11:600 14:1075 2:2 14:3002 1:1 2:2 6:2 10:0",
		4: "1:0 14:8190 11:500 14:8190 11:560 14:0 6:1 20:0 5:0 " +
			"1:1 14:8192 11:1431 14:8193 11:81 14:460 6:33 20:774 5:0",
	},
	Waltti: {
		8: "4:1 4:0 72:0x924699001123456787 3:0 1:1 4:0",
		1: "8:229 4:3 14:30 1:1 6:12 14:8194 14:8224 1:0 18:0 " +
			"8:223 4:0 14:31 1:0 6:6 14:8225 14:8255 1:0 18:0 " +
			"14:32 14:8193 11:754 9:30 20:5701 14:55 13:77 1:1 24:0 " +
			"14:8195 11:481 14:1074 8:229 1:1 4:1 4:0",
		2: "20:1234 14:8191 11:1411 20:500 14:3 14:2 3:0",
		3: "8:227 14:250 5:1 5:2 2:1 2:3 8:1 6:11 14:8192 5:9 3:1 14:909 14:460 6:2 1:1 5:0 " +
			"14:8192 11:540 14:8193 11:270 5:0 1:1 14:8196 11:600 14:1075 1:1 4:2 4:0",
		4: "1:0 14:8190 11:500 14:8190 11:560 14:0 5:1 20:0 6:0 " +
			"1:1 14:8192 11:1431 14:8193 11:81 14:460 5:3 20:774 6:0",
	},
}

// files are those of the invented card of a system.
func files(t testing.TB, s System) map[byte][]byte {
	t.Helper()
	all := map[byte][]byte{}
	for n, fields := range packed[s] {
		all[n] = pack(t, strings.ReplaceAll(fields, "72:0x924699001123456787",
			"8:146 8:70 8:153 8:0 8:17 8:35 8:69 8:103 8:135"))
	}
	return all
}
