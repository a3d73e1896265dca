package matkakortti

// The files of HSL cards (HSL Matkakortin kuvaus v1.11, tables 3 to 5).

// application is file 8 of all three systems.
var application = table{
	{"ApplicationVersion", 4, number},
	{"ApplicationKeyVersion", 4, number},
	{"ApplicationInstanceId", 72, digits},
	{"PlatformType", 3, number},
	{"SecurityLevel", 1, number},
	{"reserved", 4, unused},
}

// control1 is file 0 of HSL v1; the rest of it is not known.
var control1 = table{
	{"ApplicationIssuingDate", 14, day},
	{"ApplicationStatus", 1, number},
	{"not known", 33, unknown},
}

// control2 is file 0 of HSL v2.
var control2 = table{
	{"ApplicationIssuingDate", 14, day},
	{"ApplicationStatus", 1, number},
	{"reserved", 1, unused},
	{"ApplicationUnblockingNumber", 8, number},
	{"ApplicationTransactionCounter", 24, number},
	{"ActionListCounter", 32, number},
}

// slot1 is one of the two seasons in file 1 of HSL v1.
var slot1 = table{
	{"ProductCode", 14, number},
	{"ValidityAreaType", 1, number},
	{"ValidityArea", 4, number},
	{"PeriodStartDate", 14, day},
	{"PeriodEndDate", 14, day},
	{"reserved", 1, unused},
}

// season1 is file 1 of HSL v1, PeriodPass.
var season1 = join(slot1.numbered("1"), slot1.numbered("2"), table{
	{"LoadedProductCode", 14, number},
	{"LoadingDate", 14, day},
	{"LoadingTime", 11, minute},
	{"LoadedPeriodLength", 9, number},
	{"LoadedPrice", 20, cents}, // PriceOfPeriod
	{"LoadingOrganisationID", 14, number},
	{"LoadingDeviceNumber", 14, number},
	{"BoardingDate", 14, day},
	{"BoardingTime", 11, minute},
	{"BoardingVehicle", 14, number},
	{"BoardingLocationNumberType", 2, number},
	{"BoardingLocationNumber", 14, number},
	{"BoardingDirection", 1, number},
	{"BoardingArea", 4, number},
	{"reserved", 4, unused},
})

// slot2 is one of the two seasons in file 1 of HSL v2.
var slot2 = table{
	{"ProductCodeType", 1, number},
	{"ProductCode", 14, number},
	{"ValidityAreaType", 2, number},
	{"ValidityArea", 6, number},
	{"PeriodStartDate", 14, day},
	{"PeriodEndDate", 14, day},
	{"reserved", 5, unused},
}

// season2 is file 1 of HSL v2, PeriodPass.
var season2 = join(slot2.numbered("1"), slot2.numbered("2"), table{
	{"LoadedProductCodeType", 1, number},
	{"LoadedProductCode", 14, number},
	{"LoadingDate", 14, day},
	{"LoadingTime", 11, minute},
	{"LoadedPeriodLength", 9, number},
	{"LoadedPrice", 20, cents}, // PriceOfPeriod
	{"LoadingOrganisationID", 14, number},
	{"LoadingDeviceNumber", 13, number},
	{"BoardingDate", 14, day},
	{"BoardingTime", 11, minute},
	{"BoardingVehicle", 14, number},
	{"BoardingLocationNumberType", 2, number},
	{"BoardingLocationNumber", 14, number},
	{"BoardingDirection", 1, number},
	{"BoardingAreaType", 2, number},
	{"BoardingArea", 6, number},
	{"reserved", 8, unused},
})

// value is file 2, StoredValue, but for the bits at its end.
var value = table{
	{"ValueCounter", 20, cents},
	{"LoadingDate", 14, day},
	{"LoadingTime", 11, minute},
	{"LoadedValue", 20, cents},
	{"LoadingOrganisationID", 14, number},
	{"LoadingDeviceNumber", 14, number},
}

// value1 is file 2 of HSL v1 and Waltti, value2 that of HSL v2.
var (
	value1 = join(value, table{{"reserved", 3, unused}})
	value2 = join(value, table{{"reserved", 11, unused}})
)

// ticket1 is file 3 of HSL v1, eTicket.
var ticket1 = table{
	{"ProductCode", 14, number},
	{"Child", 1, flag},
	{"LanguageCode", 2, number},
	{"ValidityLengthType", 2, number},
	{"ValidityLength", 8, number},
	{"ValidityAreaType", 1, number},
	{"ValidityArea", 4, number},
	{"SaleDate", 14, day},
	{"SaleTime", 5, hour},
	{"SaleDeviceType", 3, number},
	{"SaleDeviceNumber", 14, number},
	{"TicketFare", 14, cents},
	{"GroupSize", 5, number},
	{"SaleStatus", 1, flag},
	{"ValidityStartDate", 14, day},
	{"ValidityStartTime", 11, minute},
	{"ValidityEndDate", 14, day},
	{"ValidityEndTime", 11, minute},
	{"reserved", 5, unused},
	{"ValidityStatus", 1, flag},
	{"BoardingDate", 14, day},
	{"BoardingTime", 11, minute},
	{"BoardingVehicle", 14, number},
	{"BoardingLocationNumberType", 2, number},
	{"BoardingLocationNumber", 14, number},
	{"BoardingDirection", 1, number},
	{"BoardingArea", 4, number},
	{"reserved", 4, unused},
}

// ticket2 is file 3 of HSL v2, eTicket.
var ticket2 = table{
	{"ProductCodeType", 1, number},
	{"ProductCode", 14, number},
	{"ProductCodeGroup", 14, number},
	{"CustomerProfile", 5, number},
	{"CustomerProfileGroup", 5, number},
	{"LanguageCode", 2, number},
	{"ValidityLengthType", 2, number},
	{"ValidityLength", 8, number},
	{"ValidityLengthTypeGroup", 2, number},
	{"ValidityLengthGroup", 8, number},
	{"ValidityAreaType", 2, number},
	{"ValidityArea", 6, number},
	{"SaleDate", 14, day},
	{"SaleTime", 5, hour},
	{"SaleDeviceType", 3, number},
	{"SaleDeviceNumber", 14, number},
	{"TicketFare", 14, cents},
	{"TicketFareGroup", 14, cents},
	{"GroupSize", 6, number},
	{"ExtraZone", 1, flag},
	{"PeriodPassValidityArea", 6, number},
	{"ExtensionProductCode", 14, number},
	{"Extension1ValidityArea", 6, number},
	{"Extension1Fare", 14, cents},
	{"Extension2ValidityArea", 6, number},
	{"Extension2Fare", 14, cents},
	{"SaleStatus", 1, flag},
	{"reserved", 4, unused},
	{"ValidityStartDate", 14, day},
	{"ValidityStartTime", 11, minute},
	{"ValidityEndDate", 14, day},
	{"ValidityEndTime", 11, minute},
	{"ValidityEndGroupDate", 14, day}, // ValidityEndDateGroup
	{"ValidityEndGroupTime", 11, minute},
	{"reserved", 5, unused},
	{"ValidityStatus", 1, flag},
	{"BoardingDate", 14, day},
	{"BoardingTime", 11, minute},
	{"BoardingVehicle", 14, number},
	{"BoardingLocationNumberType", 2, number},
	{"BoardingLocationNumber", 14, number},
	{"BoardingDirection", 1, number},
	{"BoardingAreaType", 2, number},
	{"BoardingArea", 6, number},
	{"reserved", 10, unused},
}

// event1 is a record of file 4 of HSL v1 and Waltti, History.
var event1 = table{
	{"TransactionType", 1, number},
	{"BoardingDate", 14, day},
	{"BoardingTime", 11, minute},
	{"TransferEndDate", 14, day},
	{"TransferEndTime", 11, minute},
	{"TicketFare", 14, cents},
	{"GroupSize", 5, number},
	{"RemainingValue", 20, cents},
	{"reserved", 6, unused},
}

// event2 is a record of file 4 of HSL v2, History.
var event2 = table{
	{"TransactionType", 1, number},
	{"BoardingDate", 14, day},
	{"BoardingTime", 11, minute},
	{"TransferEndDate", 14, day},
	{"TransferEndTime", 11, minute},
	{"TicketFare", 14, cents},
	{"GroupSize", 6, number},
	{"RemainingValue", 20, cents},
	{"reserved", 5, unused},
}

func join(tables ...table) (all table) {
	for _, t := range tables {
		all = append(all, t...)
	}
	return all
}
