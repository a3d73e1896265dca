#!/bin/bash
# A package's life, inside the container.
. /test/in-container.sh

install_package
done_ "installed and started"
is StatusText
status
status --json | grep -q '"running": true'
journalctl -u leima-validator -p info -o cat | grep -q "^msg=" # with its priority, and without a second time
systemd-analyze security leima-validator | tail -1

systemctl reload leima-validator
hang
done_ "hung, ended by the watchdog and restarted"
killed
done_ "killed and restarted"
panic
done_ "panicked and restarted"

# Taps, on the same journal: the emulated bus is killed in the middle of its day, and goes on.
systemctl stop leima-validator
day() { runuser -u leima -- /test/bench bus validator --plain --config /test/testdata/emulated.toml; }
(day >/dev/null &) ; sleep 3; kill -9 "$(pidof bench)"
systemctl start leima-validator
status | grep to.send
done_ "tapped, killed in between"

upgrade
done_ "upgraded and restarted"

cp $config /root/validator.toml
echo 'device = "x"' >$config
systemctl restart leima-validator || true
sleep 5
[ "$(is ExecMainStatus)" = 78 ] && [ "$(is ActiveState)" = failed ]
cp /root/validator.toml $config
status | grep "^wrong"
journalctl -u leima-validator -p err -o cat | grep -q "^validator: .*device"
systemctl restart leima-validator
done_ "wrong configuration: stays ended, and says why"

dpkg -r leima
[ -d $state/journal ]
/test/bench journal verify $state/journal
! dpkg -P leima
/test/bench journal verify $state/journal
done_ "removed, purge refused: the journal is whole"

last=$(/test/bench journal export $state/journal --office /test/office.pem | jq .position | tail -1)
/test/bench journal ack $state/journal "$last"
dpkg -i /test/leima_0.2_*.deb # what is removed cannot tell what it has acknowledged
cp /root/validator.toml $config # dpkg has taken it, before the purge was refused
dpkg -P leima
[ ! -e $state ]
done_ "all is acknowledged: purged"
