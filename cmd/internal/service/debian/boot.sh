#!/bin/bash
# Boots a Debian in a container, in which a script lives a package's life: boot.sh SCRIPT, as root,
# from the top of the tree. ROOT keeps what debootstrap has made for the next time.
set -euo pipefail
here=$(dirname "$0") script=$1
root=${ROOT:-/var/cache/leima-boot}
for tool in debootstrap systemd-nspawn dpkg-deb; do
	command -v $tool >/dev/null || { echo "want $tool: apt-get install debootstrap systemd-container" >&2; exit 1; }
done
need="libpcsclite1 pcscd polkitd vsmartcard-vpcd mosquitto jq"
[ "$(cat "$root.has" 2>/dev/null)" = "$need" ] || {
	rm -rf "$root"
	debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus bookworm "$root" >&2
	# shellcheck disable=SC2086  # the packages are words
	systemd-nspawn -q -D "$root" --register=no --keep-unit --pipe apt-get install -qy --no-install-recommends $need >&2
	echo "$need" >"$root.has"
}
make -s deb VERSION=0.1 && make -s deb VERSION=0.2 && make -s bin

test=$(mktemp -d)
trap 'rm -rf "$test"' EXIT
cp bin/leima*_0.[12]_*.deb bin/bench "$here/in-container.sh" "$here/$script" "$test"
cp -r testdata "$test/testdata"
chmod 755 "$test"
bin/bench keys new "$test/keys.toml"
bin/bench journal key new "$test/office.pem" >/dev/null
bin/bench list key new "$test/lists.pem" >/dev/null
bin/bench tariff sign testdata/tariffs/mikkeli-2025.toml --version 1 --key "$test/lists.pem" \
	--out "$test/1.bundle"
cat >"$test/validator.toml" <<CONFIG
state = "/var/lib/leima/validator"
device = 9
area = 227
keys = "/etc/leima/keys.toml"
back_office = "$(bin/bench journal key show "$test/office.pem")"
[api]
listen = ["unix:api.sock"]
[tariff_list]
keys = ["$(bin/bench list key show "$test/lists.pem")"]
[service]
line = "2"
stop = "Graani"
vehicle = 42
trip = 201
zone = "A"
CONFIG
sed 's|^state = .*|state = "/var/lib/leima/validator"|; s|^pace = .*|pace = "200ms"|' \
	testdata/demo.toml >"$test/testdata/emulated.toml"
cat >"$test/leima-test.service" <<UNIT
[Unit]
After=multi-user.target
[Service]
Type=oneshot
StandardOutput=file:/test/said
StandardError=inherit
ExecStart=/bin/bash /test/$script
ExecStopPost=/bin/bash -c 'systemctl exit \$EXIT_STATUS'
UNIT

# adjtimex is what nspawn itself refuses otherwise.
code=0
timeout 1200 systemd-nspawn -q -D "$root" --ephemeral --register=no --keep-unit --private-network \
	--system-call-filter=adjtimex --bind="$test:/test" \
	--bind-ro="$test/leima-test.service:/etc/systemd/system/leima-test.service" \
	--console=pipe -b systemd.unit=leima-test.service </dev/null >"$test/console" 2>&1 || code=$?
cat "$test/said"
exit "$code"
