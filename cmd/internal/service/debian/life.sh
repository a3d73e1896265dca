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

# The depot takes the journal, on which the purge has waited, while it is killed and upgraded.
unit=leima-depot folder=/var/lib/leima-depot
depot() { runuser -u leima-depot -- "${program:-leima-depot}" "$@"; }
dpkg -i /test/leima-depot_0.1_*.deb
! leima-depot init $folder --name 127.0.0.1 # root's files would bar the depot
depot init $folder --name 127.0.0.1
public=$(sed -n 's/.*public key: //p' /root/commission)
depot device add $folder 9 --key "$public"
systemctl enable --now leima-depot
again 0
is StatusText
systemd-analyze security leima-depot | tail -1
dpkg -i /test/leima_0.2_*.deb # what is removed cannot tell what it has acknowledged
install -m 640 -g leima /root/validator.toml $config # dpkg has taken it, before the purge was refused
install -m 644 $folder/certificate.pem /etc/leima/depot.pem
printf '[depot]\nurl = "https://127.0.0.1:8443"\ncertificate = "/etc/leima/depot.pem"\n' >>$config
systemctl start leima-validator
for _ in $(seq 300); do status --json | grep -q '"unacknowledged": 0' && break; sleep 0.2; done
status --json | grep -q '"unacknowledged": 0'
killed
dpkg -i /test/leima-depot_0.2_*.deb
systemctl restart leima-depot
depot export $folder 9 >/root/sent
[ -s /root/sent ]
done_ "the depot has all of the journal: killed, upgraded"

dpkg -P leima
[ ! -e $state ]
done_ "all is acknowledged: purged"
cp "$(command -v leima-depot)" /usr/local/bin/depot-copy
dpkg -P leima-depot
program=depot-copy depot export $folder 9 | cmp - /root/sent
done_ "the depot is purged, and what it has kept is there"
