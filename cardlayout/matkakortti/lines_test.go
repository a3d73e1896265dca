package matkakortti

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that people read this.
func TestLines(t *testing.T) {
	require.Equal(t, strings.TrimSpace(`
system          HSL v2
number          924699 0011 2345 6787
application     version 2, keys of version 1, NXP DESFire 4 kB, MAC protected
control         issued 2018-11-29, status 0, unblocking number 7, transaction counter 70000, action list counter 5
season 1        product 255, 2014 fares, zones B-C, from 2019-06-09, to 2019-07-09
season 2        product 256, 2010 fares, Nurmijärvi, from 2019-07-10, to 2019-09-23
season load     product 257, 2014 fares, 2019-06-08T12:34, 30 days, price 200.01, organisation 55, device 77
boarded         2019-06-10T08:01, vehicle 1074, line 2550, direction 1, zones D
purse           12.34
value load      5.00, 2019-06-06T23:31, organisation 3, device 2
ticket          product 250, 2014 fares, profile adult, 90 minutes, zones A-C, fare 4.60, persons 33, in English
ticket party    product 251, profile unknown 2, 2 hours, fare 9.20, to 2019-06-09T01:22
ticket extends  extra zone, product 252, season's area 11, area 12 for 1.01, area 13 for 1.02
ticket sold     2019-06-07T23:00, self-service reader 909
ticket valid    from 2019-06-07T23:51, to 2019-06-08T01:21, set at sale, started
ticket boarded  2019-06-11T10:00, vehicle 1075, train 3002, direction 1, zones C
history         2019-06-05T08:20, season stamp, fare 0.00, persons 1, until 2019-06-05T09:20, remaining 0.00
history         2019-06-07T23:51, value debit, fare 4.60, persons 33, until 2019-06-08T01:21, remaining 7.74
`), strings.Join(decoded(t, HSLv2).Lines(), "\n"))
}

// Ensure that machines read this.
func TestJSON(t *testing.T) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetIndent("", "  ")
	card := decoded(t, Waltti)
	card.Ticket, card.History = nil, card.History[1:]
	require.NoError(t, e.Encode(card))
	require.Equal(t, strings.TrimLeft(walttiJSON, "\n"), out.String())
}

const walttiJSON = `
{
  "system": "Waltti",
  "application": {
    "version": 1,
    "key_version": 0,
    "number": "924699001123456787",
    "number_check": "valid",
    "platform": "NXP DESFire 4 kB",
    "security": "MAC protected"
  },
  "seasons": [
    {
      "slot": 1,
      "product": {
        "code": 30,
        "type": 3
      },
      "region": {
        "code": 229,
        "name": "Oulu"
      },
      "area": {
        "type": "zones",
        "code": 12,
        "name": "City A-B"
      },
      "invoicable": true,
      "first": "2019-06-09",
      "last": "2019-07-09"
    },
    {
      "slot": 2,
      "product": {
        "code": 31
      },
      "region": {
        "code": 223,
        "name": "Lahti"
      },
      "area": {
        "type": "zones",
        "code": 6,
        "name": "F1"
      },
      "first": "2019-07-10",
      "last": "2019-08-09"
    }
  ],
  "season_load": {
    "product": {
      "code": 32
    },
    "at": "2019-06-08T12:34",
    "days": 30,
    "price_cents": 5701,
    "organisation": 55,
    "device": 77,
    "loaded": true
  },
  "season_boarding": {
    "at": "2019-06-10T08:01",
    "vehicle": 1074,
    "direction": 1,
    "region": {
      "code": 229,
      "name": "Oulu"
    },
    "area": {
      "type": "zones",
      "code": 1,
      "name": "City A"
    }
  },
  "purse": {
    "value_cents": 1234,
    "load": {
      "at": "2019-06-06T23:31",
      "amount_cents": 500,
      "organisation": 3,
      "device": 2
    }
  },
  "history": [
    {
      "transaction": "value debit",
      "at": "2019-06-07T23:51",
      "until": "2019-06-08T01:21",
      "fare_cents": 460,
      "persons": 3,
      "remaining_cents": 774
    }
  ]
}
`
