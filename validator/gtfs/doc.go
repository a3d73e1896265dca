// Package gtfs reads a public timetable feed (GTFS Schedule, gtfs.org/schedule/reference): the
// zones and places of stops, the calls of a trip in order, and the days on which it runs.
//
// It knows the files of a feed, and no tariffs, cards or buses. A feed is any fs.FS, so that a
// folder (os.DirFS) and a zip file (zip.Reader) are alike.
//
// Its one rule: a feed comes from outside. A faulty row is a warning with file and line, and the
// rest is read; only a file that cannot be read at all is an error.
//
//	file                is                       read
//	stops.txt           required                 stop_id, zone_id; stop_code, stop_name,
//	                                             stop_lat, stop_lon, location_type,
//	                                             parent_station
//	routes.txt          for a timetable          route_id; route_short_name
//	trips.txt           for a timetable          trip_id, route_id, service_id; direction_id
//	stop_times.txt      for a timetable          trip_id, stop_id, stop_sequence;
//	                                             arrival_time, departure_time
//	calendar.txt        one of the two           service_id, the days, start_date, end_date
//	calendar_dates.txt  one of the two           service_id, date, exception_type
//
// Waltti's feeds number the zones of an area from 1, which is its zone A.
package gtfs
