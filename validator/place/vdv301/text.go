package vdv301

import (
	"cmp"
	"strings"
	"time"

	"leima/cardlayout/plain"
	"leima/validator/place/subscription"
)

// A leaf is a value in its wrapper: Value, and beside it what is wrong with it. Enumerations have
// no wrapper (IBIS-IP_common_V2.2.xsd).
type leaf struct {
	Value string `xml:"Value"`
	Error string `xml:"ErrorCode"`
	Bare  string `xml:",chardata"`
}

// The limits of what is taken from outside.
const (
	longest   = 100 // characters of a text
	mostAhead = 200 // stops
	mostZones = 20
)

// text is the value, "" if it was not said.
func (l leaf) text() string {
	if l.Error != "" && strings.TrimSpace(l.Error) != "DataEstimated" {
		return ""
	}
	return plain.Line(strings.TrimSpace(cmp.Or(l.Value, l.Bare)), longest)
}

// time is the value as a time, zero if it is none.
func (l leaf) time() time.Time { return subscription.Time(l.text()) }

// An answer is any that a service gives, or sends. One of its parts is there.
type answer struct {
	Error *leaf `xml:"OperationErrorMessage"`

	Stop *struct {
		Time leaf  `xml:"TimeStamp"`
		Stop point `xml:"CurrentTariffStop"`
		Trip leaf  `xml:"CurrentTripRef"`
	} `xml:"CurrentTariffStopData"`
	Line *struct {
		Time leaf `xml:"TimeStamp"`
		Line line `xml:"CurrentLine"`
	} `xml:"CurrentLineData"`
	Vehicle *struct {
		Time leaf `xml:"TimeStamp"`
		vehicle
	} `xml:"VehicleData"`
	Trip *struct {
		Time leaf `xml:"TimeStamp"`
		Trip trip `xml:"TripInformation"`
	} `xml:"TripData"`
	All *struct {
		Time  leaf   `xml:"TimeStamp"`
		Trips []trip `xml:"TripInformation"` // this one, and the one after it
		Index leaf   `xml:"CurrentStopIndex"`
		vehicle
	} `xml:"AllData"`
}

// A point is a stop of a trip (StopInformationStructure).
type point struct {
	Index   leaf   `xml:"StopIndex"`
	Ref     leaf   `xml:"StopRef"`
	Names   []leaf `xml:"StopName"` // in several languages
	Zones   []leaf `xml:"FareZone"`
	Display []struct {
		Line line `xml:"LineInformation"`
	} `xml:"DisplayContent"`
}

type line struct {
	Ref    leaf   `xml:"LineRef"`
	Shorts []leaf `xml:"LineShortName"`
	Number leaf   `xml:"LineNumber"`
}

// text is the line as passengers know it.
func (l *line) text() string {
	return cmp.Or(first(l.Shorts), l.Number.text(), l.Ref.text())
}

func first(texts []leaf) string {
	if len(texts) == 0 {
		return ""
	}
	return texts[0].text()
}

type vehicle struct {
	Ref       leaf `xml:"VehicleRef"`
	Deviation leaf `xml:"RouteDeviation"`
	Doors     leaf `xml:"DoorOpenState"`
	Door      leaf `xml:"DoorState"` // as CustomerInformationService calls it
}

type trip struct {
	Ref      leaf    `xml:"TripRef"`
	Stops    []point `xml:"StopSequence>StopPoint"`
	Location leaf    `xml:"LocationState"`
}
