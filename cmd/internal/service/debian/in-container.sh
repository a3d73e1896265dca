# What the scripts in a booted container share: each step says how long it took.
set -Eeuo pipefail
trap 'echo "failed in line $LINENO"; status; journalctl --no-pager -n 40 || true' ERR
config=/etc/leima/validator.toml state=/var/lib/leima/validator
systemctl start multi-user.target
done_() { echo "$1: $SECONDS s"; SECONDS=0; }
unit=leima-validator
is() { systemctl show -P "$1" $unit; }
status() { leima-validator status --config $config "$@" || true; }
# again waits until another process serves than the one that is given.
again() {
	for _ in $(seq 300); do
		[ "$(is ActiveState)" = active ] && [ "$(is MainPID)" != "$1" ] && return
		sleep 0.2
	done
	return 1
}

install_package() {
	dpkg -i /test/leima_0.1_*.deb
	install -m 640 -g leima /test/validator.toml $config
	install -m 600 -o leima /test/keys.toml /etc/leima/keys.toml
	leima-validator commission --config $config | tee /root/commission
	install -D -m 644 /test/1.bundle $state/inbox/1.bundle
	systemctl enable --now leima-validator # it returns when the program has said that it is ready
	again 0
}

hang() {
	local pid
	pid=$(is MainPID)
	kill -STOP "$pid"
	again "$pid"
	journalctl -u leima-validator | grep -q "Watchdog timeout"
}

killed() {
	local pid
	pid=$(is MainPID)
	kill -9 "$pid"
	again "$pid"
}

# A program that gets no memory panics, as Go does: it ends with 2, until it gets some again.
panic() {
	local pid limited=/run/systemd/system/leima-validator.service.d
	pid=$(is MainPID)
	mkdir $limited
	printf '[Service]\nLimitAS=60M\n' >$limited/panic.conf
	systemctl daemon-reload
	kill -9 "$pid"
	until journalctl -u leima-validator | grep -q "code=exited, status=2"; do sleep 0.2; done
	rm -r $limited
	systemctl daemon-reload
	again "$pid"
}

upgrade() {
	local pid
	dpkg -i /test/leima_0.2_*.deb
	[ "$(is ActiveState)" = active ]
	pid=$(is MainPID)
	systemctl restart leima-validator
	again "$pid"
}
