package matkakortti

// The files of Waltti cards (Metrodroid, transit/hsl). A field that is also in HSL's document has
// its name there.

// slotW is one of the two seasons in file 1.
var slotW = table{
	{"Region", 8, number},
	{"ProductCodeType", 4, number},
	{"ProductCode", 14, number},
	{"Invoicable", 1, flag},
	{"ValidityArea", 6, number},
	{"PeriodStartDate", 14, day},
	{"PeriodEndDate", 14, day},
	{"reserved", 1, unused},
	{"not known", 18, unknown},
}

// seasonW is file 1, Kausi.
var seasonW = join(slotW.numbered("1"), slotW.numbered("2"), table{
	{"LoadedProductCode", 14, number},
	{"LoadingDate", 14, day},
	{"LoadingTime", 11, minute},
	{"LoadedPeriodLength", 9, number},
	{"LoadedPrice", 20, cents},
	{"LoadingOrganisationID", 14, number},
	{"LoadingDeviceNumber", 13, number},
	{"LoadedPass", 1, flag},
	{"not known", 24, unknown},
	{"BoardingDate", 14, day},
	{"BoardingTime", 11, minute},
	{"BoardingVehicle", 14, number},
	{"BoardingRegion", 8, number},
	{"BoardingDirection", 1, number},
	{"BoardingArea", 4, number},
	{"not known", 4, unknown},
})

// ticketW is file 3, Arvo.
var ticketW = table{
	{"Region", 8, number},
	{"ProductCode", 14, number},
	{"CustomerProfile", 5, number},
	{"CustomerProfileGroup", 5, number},
	{"LanguageCode", 2, number},
	{"ValidityLengthType", 2, number},
	{"ValidityLength", 8, number},
	{"ValidityArea", 6, number},
	{"SaleDate", 14, day},
	{"SaleTime", 5, hour},
	{"SaleDeviceType", 3, number},
	{"SaleDeviceNumber", 14, number},
	{"TicketFare", 14, cents},
	{"GroupSize", 6, number},
	{"SaleStatus", 1, flag},
	{"not known", 5, unknown},
	{"ValidityStartDate", 14, day},
	{"ValidityStartTime", 11, minute},
	{"ValidityEndDate", 14, day},
	{"ValidityEndTime", 11, minute},
	{"reserved", 5, unused},
	{"ValidityStatus", 1, flag},
	{"BoardingDate", 14, day},
	{"BoardingTime", 11, minute},
	{"BoardingVehicle", 14, number},
	{"BoardingDirection", 1, number},
	{"BoardingArea", 4, number},
	{"not known", 4, unknown},
}

// A slot and a load that were never used hold these instead of zeros.
const (
	unusedStart = 999 // with no end
	unusedDays  = 511 // with no season on the card
)
