package tariff

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

const termsFolder = "../../testdata/terms"

func termsOf(t testing.TB, name string) string {
	raw, err := os.ReadFile(filepath.Join(termsFolder, name+".toml"))
	require.NoError(t, err)
	return string(raw)
}

func compileTerms(text string, t testing.TB) (*fare.Tariff, error) {
	return Compile("t.toml", []byte(termsOf(t, "pricelist")+text), time.LoadLocation)
}

// Ensure that the four cities' terms differ where the documents do (D-2 to D-7, D-9 to
// D-11, D-14, D-15, D-19, D-20), each as it is written.
func TestOfficeOfTheCities(t *testing.T) {
	office := map[string]fare.Terms{}
	for _, name := range []string{
		"oulu-2015", "lappeenranta-2016", "jyvaskyla-2018",
		"mikkeli-2021",
	} {
		tariff, err := compileTerms(termsOf(t, name), t)
		require.NoError(t, err)
		require.True(t, tariff.Terms.Stated)
		office[name[:4]] = tariff.Terms
	}
	o, l, j, m := office["oulu"], office["lapp"], office["jyva"], office["mikk"]
	require.Equal(t, []fare.Span{{Months: 2}, {Days: 14}},
		[]fare.Span{o.Claim.Within, l.Claim.Within}, "D-2")
	require.Equal(t, []fare.UnusedPeriodRule{{MoreThan: 5, ByTrips: true}, {MoreThan: 14}},
		[]fare.UnusedPeriodRule{o.UnusedPeriod, l.UnusedPeriod}, "D-3, D-4")
	require.Equal(t, fare.RefundRule{
		Fee: 500, ByPeriod: true, MostFees: 6,
		Paid: fare.ToCustomer,
	}, o.Refund, "D-5, D-7")
	require.Equal(t, fare.RefundRule{Fee: 500, Paid: fare.InCash}, l.Refund, "D-5, D-7")
	require.Equal(t, []bool{true, false}, []bool{o.Claim.BySingles, l.Claim.BySingles}, "D-6")
	require.Equal(t, fare.MisuseRule{
		TakesCompany: true, Inspectors: true, InspectionFee: 8000,
		InspectionAge: 15, Retrieval: fare.RetrievalRule{Within: fare.Span{Days: 3}},
	}, o.Misuse,
		"D-9 to D-11")
	require.Equal(t, fare.MisuseRule{Retrieval: fare.RetrievalRule{
		Within:    fare.Span{Days: 30},
		Delivered: true,
	}}, l.Misuse, "D-9 to D-11")
	require.Equal(t, fare.FaultyRule{Repeated: 4, Within: 7}, o.Faulty, "D-1")
	require.Equal(t, fare.FaultyRule{SingleFare: true}, l.Faulty, "D-1")
	require.Equal(t, fare.SingleRule{TwoGroups: true, PrintsZones: true}, o.Single, "D-14")
	require.Equal(t, fare.SingleRule{}, l.Single, "D-14")
	require.Equal(t, fare.LifetimeRule{
		Card: fare.Span{Months: 96}, Guarantee: fare.Span{Months: 60},
		Residual: fare.Span{Months: 12},
	}, o.Lifetime, "D-15")
	require.Zero(t, l.Lifetime.Card, "D-15")
	require.Equal(t, []bool{false, false, true, false},
		[]bool{o.UpdateFirst, l.UpdateFirst, j.UpdateFirst, m.UpdateFirst}, "D-19")
	require.Equal(t, fare.StudentRule{
		LeastAge: 25, UntilMonth: time.September, UntilDay: 30,
		ShortMonths: 8, CertificateAge: fare.Span{Months: 6},
	}, j.Student, "D-20")
	require.Zero(t, l.Student, "D-20")
	require.True(t, m.AccountCounts, "D-26")
	require.Equal(t, [fare.Channels]cardlayout.Cents{300, 300, 400, 0}, m.Value.Commission, "D-24")
	require.Equal(t, []fare.ProductRule{
		{Code: 140, SaleRule: fare.SaleRule{Entitlement: fare.StudentRight}},
		{Code: 152, SaleRule: fare.SaleRule{
			Entitlement: fare.ByCertificate, OwnShare: 4300,
			RestFrom: "Kela", Commission: [fare.Channels]cardlayout.Cents{0, 0, 0, fare.NoPrice},
		}},
	}, j.Products)
	require.Equal(t, []string{"commute"}, m.BenefitTypes)
	require.True(t, j.PersonalGroups[cardlayout.Senior])
	require.False(t, o.PersonalGroups[cardlayout.Senior])
	require.Equal(t, fare.RetentionRule{
		Customer: fare.Span{Months: 12},
		History:  fare.Span{Months: 12},
	}, o.Retention)
}

// Ensure that a price list without terms says nothing of them, and that half of them is
// told.
func TestOfficeLeftOut(t *testing.T) {
	tariff, err := compileTerms("", t)
	require.NoError(t, err)
	require.Zero(t, tariff.Terms)

	_, err = compileTerms("[office]\n", t)
	for _, part := range []string{
		"office.card_fee: web is", "office.benefits: missing",
		"office.refund.fee: missing", "office.claim.within: missing",
	} {
		require.ErrorContains(t, err, part)
	}
	text := termsOf(t, "oulu-2015")
	_, err = compileTerms(strings.Replace(text, "office.sale.value", "office.sale.24", 1), t)
	require.ErrorContains(t, err, "24 stands there twice, or as another kind of thing: take one away")
	from, to := strings.Index(text, "[office.sale.value]"), strings.Index(text, "[office.sale.24]")
	_, err = compileTerms(text[:from]+text[to:], t)
	require.ErrorContains(t, err, "no [office.sale.value]: want what a load costs by channel")
	require.ErrorContains(t, err, "no [office.sale.season]")
	for _, setting := range regexp.MustCompile(`(?m)^\w+ = \{ is.*\}$`).FindAllString(text, -1) {
		_, err := compileTerms(strings.Replace(text, setting, "", 1), t)
		require.Error(t, err, setting)
		sourced := regexp.MustCompile(`, (source|assumed) = "[^"]*"`).ReplaceAllString(setting, "")
		_, err = compileTerms(strings.Replace(text, setting, sourced, 1), t)
		require.ErrorContains(t, err, "the figures have no source", setting)
	}
}

// Ensure that each mistake in the terms is told with its line.
func TestMistakesOfOffice(t *testing.T) {
	for _, m := range []struct{ city, old, new, want string }{
		{
			"oulu-2015", `is = "5.00"`, `is = "5.005"`,
			`office.refund.fee.is: amount "5.005": want euros and cents, for example 2.51`,
		},
		{"oulu-2015", `is = "2 months"`, `is = "2"`, `office.claim.within.is: "2": want a length ` +
			`such as "5 days", "2 weeks", "2 months" or "8 years"`},
		{
			"oulu-2015", `is = "5 days"`, `is = "2 months"`,
			`office.obstacle.longer_than.is: "2 months": want days or weeks`,
		},
		{"oulu-2015", `is = "8 years"`, `is = "0 years"`, `office.card.life.is: "0 years": want ` +
			`a length such as "5 days", "2 weeks", "2 months" or "8 years"`},
		{
			"oulu-2015", `is = "trips"`, `is = "halves"`,
			`office.obstacle.refund.is: "halves": want "days" or "trips"`,
		},
		{"oulu-2015", `["student"]`, `["students"]`, `office.personal_groups.is: "students" is no ` +
			`customer group of this file: want adult, child, senior, student, youth`},
		{"oulu-2015", `is = "09-30"`, `is = "30.9."`, `office.student.until.is: "30.9.": want a ` +
			`month and a day, for example "09-30", or "studies"`},
		{
			"oulu-2015", `["1", "60"]`, `["1"]`,
			`office.sale.24.days: want the fewest and the most, for example ["1", "60"]`,
		},
		{
			"oulu-2015", `["1", "60"]`, `["61", "60"]`,
			`office.sale.24.days: "61": want a whole number from 1 to 60`,
		},
		{"oulu-2015", `[office.sale.24]`, `[office.sale.25]`, `office.sale.25: no season of this ` +
			`file: want "value", "season" or a season's code`},
		{
			"jyvaskyla-2018", `"certificate"`, `"paper"`,
			`office.sale.152.entitlement: "paper": want "student" or "certificate"`,
		},
		{
			"jyvaskyla-2018", `rest_from = "Kela"`, ``,
			`office.sale.152: who pays the rest is missing: want rest_from = "…"`,
		},
		{
			"jyvaskyla-2018", `web = "0.00"`, ``,
			`office.sale.value: web is missing: want an amount, or "-" for no sale`,
		},
	} {
		text := termsOf(t, m.city)
		require.Contains(t, text, m.old)
		_, err := compileTerms(strings.Replace(text, m.old, m.new, 1), t)
		require.ErrorContains(t, err, m.want, "%q for %q", m.new, m.old)
		require.NotContains(t, err.Error(), "\n", "it is told once")
		var line int
		_, scanned := fmt.Sscanf(err.Error(), "t.toml:%d:", &line)
		require.NoError(t, scanned)
		before, _, _ := strings.Cut(termsOf(t, "pricelist")+text, m.old)
		at := 1 + strings.Count(before, "\n")
		require.LessOrEqual(t, line, at, "%v", err)
		require.Greater(t, line, at-9, "%v", err)
	}
}

// FuzzOffice states that whatever the terms, compiling them does not panic and tells every
// fault by its line.
func FuzzOffice(f *testing.F) {
	list := termsOf(f, "pricelist")
	f.Add(termsOf(f, "oulu-2015"))
	f.Add(termsOf(f, "jyvaskyla-2018"))
	f.Add("[office]\npersonal_groups = { is = [\"\"] }\n[office.sale.value]\ndays = [\"0\", \"\"]\n")
	f.Fuzz(func(t *testing.T, text string) {
		tariff, err := Compile("t.toml", []byte(list+text), time.LoadLocation)
		require.Equal(t, err == nil, tariff != nil)
		if err != nil {
			for _, told := range strings.Split(err.Error(), "\n") {
				require.Regexp(t, `^t\.toml:(\d+: .| and \d+ more$)`, told)
			}
		}
	})
}
