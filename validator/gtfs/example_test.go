package gtfs_test

import (
	"fmt"
	"testing/fstest"

	"leima/validator/gtfs"
)

// A validator needs the zone of each stop, and is told of what it cannot use.
func ExampleReadStops() {
	feed := fstest.MapFS{"stops.txt": {Data: []byte("stop_id,stop_name,zone_id\n" +
		"100,Graani,1\n200,Rantakylä,2\n300,Kaukana,11\n")}}
	stops, warnings, err := gtfs.ReadStops(feed)
	fmt.Println(err)
	for _, stop := range stops.All() {
		fmt.Println(stop.ID, stop.Name, stop.Zones())
	}
	for _, warning := range warnings {
		fmt.Println(warning.Error())
	}
	// Output:
	// <nil>
	// 100 Graani A
	// 200 Rantakylä B
	// 300 Kaukana -
	// stops.txt:4: stop "300" is in zone "11": want a number from 1 to 10
	// stops.txt:4: stop "300" has no zone: who boards there cannot be charged by zones
}
