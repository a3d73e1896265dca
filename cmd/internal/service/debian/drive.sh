#!/bin/bash
# A bus drives its line, inside the container: its computer speaks over a real broker, passengers lay
# their cards on a virtual reader, and all that can die on the way does. In the end each tap has the
# zone in which the bus was, or says that it is not sure, and every card agrees with the journal.
. /test/in-container.sh
cd /test

# The line is a sixth as long, and so is its time: it takes nine minutes, at the speed of a bus.
mkdir feed
cp testdata/feed/* feed
awk -F, -v OFS=, 'NR == 2 { lat = $3; lon = $4 } NR > 1 {
	$3 = sprintf("%.6f", lat + ($3 - lat) / 6); $4 = sprintf("%.6f", lon + ($4 - lon) / 6) } 1' \
	testdata/feed/stops.txt >feed/stops.txt
awk -F, -v OFS=, 'NR > 1 { split($2, t, ":"); s = t[1] * 3600 + (t[2] * 60 + t[3]) / 6
	$2 = $3 = sprintf("%02d:%02d:%02d", s / 3600, s % 3600 / 60, s % 60) } 1' \
	testdata/feed/stop_times.txt >feed/stop_times.txt

cat >/etc/mosquitto/conf.d/bus.conf <<'CONF'
listener 1883 127.0.0.1
allow_anonymous true
CONF
systemctl restart mosquitto pcscd.socket
sed -i 's|^area = |stops = "/test/feed"\n&|' validator.toml
printf '[place]\nmqtt = "mqtt://127.0.0.1"\n' >>validator.toml
install_package
done_ "installed and started"

issued=50
for n in $(seq 24); do
	for check in $(seq 0 9); do # one of them is the check digit
		printf 'number 924699 0011 23%02d 123%d\narea 227\nkind bearer\npurse %d.00\n' "$n" "$check" \
			$issued | ./bench issue - --keys keys.toml --out "card$n.img" >/dev/null 2>&1 && break
	done
done

# A passenger lays a card on the reader for as long as is said, and may take it away in mid-write.
lay() { timeout -s "$1" "$2" ./bench emulate "card$3.img" >/dev/null 2>&1 || true; }
board() {
	for ((tap = 0; ; tap++)); do
		if ((tap % 7 == 3)); then
			lay KILL "0.$((RANDOM % 90 + 10))" $((tap % 24 + 1))
		else
			lay INT 1.5 $((tap % 24 + 1))
		fi
	done
}

stdbuf -oL ./bench drive --feed feed --trip 2-0800-0 --retain |
	while read -r line; do echo "$(date +%s) $line"; done >driven &
drive=$!
until [ -s driven ]; do sleep 0.2; done
board 2>/dev/null &
boarding=$!
at() { sleep $(($1 - $(date +%s) + begun)); } # so many seconds after the first stop
begun=$(head -1 driven | cut -d ' ' -f 1) SECONDS=0
at 80; killed
at 130; systemctl kill -s KILL mosquitto
at 170; systemctl stop mosquitto
at 215; systemctl start mosquitto
at 260; hang
at 350; panic
at 420; upgrade
wait $drive
kill $boarding
wait $boarding || true
done_ "driven, with the broker killed and gone, and the validator killed, hung, panicked, upgraded"

# What was not heard is resolved when its card comes again.
for n in $(seq 24); do lay INT 2 "$n"; done
systemctl stop leima-validator
journal=$state/journal
./bench journal verify $journal
./bench journal export $journal --office office.pem |
	jq -r 'select(.kind == "intent" or .kind == "record") | .event | [.at, .place.zone, .place.also,
		.place.next_zone, .place.unsure // false, .place.source, .place.stop] | map(. // "-") | @tsv' |
	while read -r at rest; do echo "$(date -d "$at" +%s) $rest"; done >taps
awk 'FNR == NR { time[++n] = $1; stop[n] = $2; next }
	FILENAME ~ /stops/ { split($0, f, ","); zone[f[1]] = substr("ABC", f[5], 1); next }
	$1 >= time[1] - 60 && $1 <= time[n] + 60 {
		right = 0
		for (i = 1; i <= n; i++) # a second before or after a stop it may be either
			if (time[i] <= $1 + 2 && (i == n || time[i + 1] >= $1 - 2))
				right = right || $5 == "true" || $2 == zone[stop[i]]
		count[$5 == "true" ? "unsure" : "sure", $6]++
		if (!right) { print "wrong:", $0; wrong++ }
	}
	END {
		for (k in count) { split(k, f, SUBSEP); print count[k], "taps", f[1] ", by", f[2] }
		exit wrong > 0
	}' driven feed/stops.txt taps
./bench reconcile $journal --keys keys.toml --office office.pem --all --json >verdicts
jq -r 'map(.verdict) | group_by(.) | map("\(length) \(.[0])") | .[]' verdicts
jq -e 'all(.verdict == "settled" or .verdict == "undone")' verdicts >/dev/null
for n in $(seq 24); do ./bench inspect "card$n.img" --keys keys.toml --json; done |
	jq -s 'map({card: .card.number, purse: .card.purse_cents, counter: .card.counter})' >cards
jq -rn --slurpfile cards cards --slurpfile verdicts verdicts --argjson issued ${issued}00 '
	$cards[0] | map(. as $c | [$verdicts[0][] | select(.card == $c.card and .verdict == "settled")] as $of |
		. + {settled: ($of | length), charged: ([$of[].events[0].charge_cents] | add)}) |
	map(select(.counter != .settled or .purse != $issued - .charged)) |
	if . == [] then "each transaction and each cent of each card is in the journal"
	else error(tojson) end'
done_ "judged"
