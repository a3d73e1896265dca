package matkakortti

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// publicDump is the one dump of a real card that is public, with its number and data
// made unreadable (metrodroid, src/commonTest/assets/hsl/hslv2.json). It is not ours to
// keep, and lies beside the project on machines that have it.
const publicDump = "../../../shared/data/hsl-v2-card.json"

// Ensure that a real card reads as the one who dumped it says (parsed/hslv2.json there).
func TestPublicDump(t *testing.T) {
	file, err := os.Open(publicDump)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the public dump of an HSL card is not on this machine: put it at %s",
			publicDump)
	}
	require.NoError(t, err)
	defer file.Close()
	dump, err := ReadDump(file)
	require.NoError(t, err)
	require.Equal(t, HSLv2, dump.System)
	require.Equal(t, "04512492b23a80", hex.EncodeToString(dump.UID))
	require.Len(t, dump.Files, 7, "two of nine need a key")

	card, err := Decode(dump.System, dump.Files)
	require.NoError(t, err)
	require.Equal(t, "924620 0011 2345 6789", card.Application.Number.String())
	card.Application.Number = Number{}
	require.Equal(t, Card{
		System:      HSLv2,
		Application: &Application{Version: 2, KeyVersion: 1, Check: Mistyped, Security: 1},
		Control:     &Control{Counters: &Counters{Transactions: 3}},
		Seasons: []Season{{
			Slot: 1, Product: Product{255, Fares2010, 0},
			Area: Area{ZoneCircles, 10, "B-C"}, First: 8194, Last: 8224,
		}},
		SeasonLoad: &SeasonLoad{
			Product: Product{255, Fares2010, 0},
			At:      at("2019-06-08T12:34"), Days: 30, Price: 20000, Organisation: 55, Device: 77,
		},
		Purse: &Purse{40, &ValueLoad{at("2019-06-06T23:31"), 500, 0, 2}},
		Ticket: &Ticket{
			Product: Product{250, Fares2014, 0}, Profile: 1, Language: 2,
			Period: Period{90, 0}, Area: Area{ZoneCircles, 2, "A-C"},
			Sold: at("2019-06-06T23:00"), Device: 4, Fare: 460, Persons: 1,
			Start: at("2019-06-06T23:51"), End: at("2019-06-07T01:21"), Started: true,
			Boarding: &Boarding{
				At: at("2019-06-06T23:51"), Vehicle: 1074,
				Location: Location{2, 3002}, Area: Area{ZoneCircles, 2, "C"},
			},
		},
		History: []Event{{
			ValueDebit, at("2019-06-06T23:51"), at("2019-06-07T01:21"), 460, 1,
			40,
		}},
	}, card)
}

// dumped is a card as Metrodroid would write it.
func dumped(t testing.TB, s System) string {
	t.Helper()
	aid := s.AID()
	var all []string
	for n, p := range files(t, s) {
		all = append(all, fmt.Sprintf(`"%d":{"settings":"00","data":"%x"}`, n, p))
	}
	all = append(all, `"9":{"data":"","error":"Authentication error","isUnauthorized":true}`)
	return fmt.Sprintf(`{"tagId":"04010203040506","mifareDesfire":{"applications":{"%d":`+
		`{"files":{%s}},"1":{"files":{}}}}}`, int(aid[0])<<16|int(aid[1])<<8|int(aid[2]),
		strings.Join(all, ","))
}

// Ensure that a dump gives the files of the card, of every system.
func TestReadDump(t *testing.T) {
	for _, s := range Systems {
		dump, err := ReadDump(strings.NewReader(dumped(t, s)))
		require.NoError(t, err)
		require.Equal(t, Dump{[]byte{4, 1, 2, 3, 4, 5, 6}, s, files(t, s)}, dump)
	}
}

// Ensure that what is no dump of a travel card is refused in words, without the content
// of a file in them.
func TestReadDumpRefuses(t *testing.T) {
	good := dumped(t, Waltti)
	for _, c := range []struct{ old, new, want string }{
		{good, "{", "not the JSON of Metrodroid"},
		{good, `{"tagId":12345678}`, "wrong type at byte 17"},
		{good, "{}", "no mifareDesfire"},
		{good, strings.Repeat(" ", longest+1), "longer than"},
		{`"tagId":"`, `"tagId":"secret`, "tagId: its bytes are not hexadecimal"},
		{`"4267"`, `"4268"`, `its applications are ["000001" "0010AC"]: want 1420EF of HSL v2`},
		{`"8":{`, `"300":{`, `"300" is not the number of a file`},
		{`"data":"109`, `"data":"secret`, "file 8: its bytes are not hexadecimal"},
	} {
		require.Contains(t, good, c.old)
		_, err := ReadDump(strings.NewReader(strings.ReplaceAll(good, c.old, c.new)))
		require.ErrorContains(t, err, "reading the dump: ", c.want)
		require.ErrorContains(t, err, c.want)
		require.NotContains(t, err.Error(), "secret")
		require.NotContains(t, err.Error(), "12345678")
	}
	_, err := ReadDump(iotest.ErrReader(errors.New("the disk failed")))
	require.ErrorContains(t, err, "the disk failed")
}

// Ensure that no file, whatever is in it, does any harm.
func FuzzReadDump(f *testing.F) {
	for _, s := range Systems {
		f.Add([]byte(dumped(f, s)))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		dump, err := ReadDump(bytes.NewReader(p))
		if err != nil {
			require.Zero(t, dump)
			return
		}
		card, err := Decode(dump.System, dump.Files)
		if err == nil {
			_, err = json.Marshal(card)
			require.NoError(t, err)
		}
	})
}
