#!/bin/sh
# Builds the package from the programs in BIN, for ARCH, as OUT: build.sh BIN ARCH VERSION OUT. Those
# beside BIN run on this machine, and say what stands in the manual pages.
# The same commit gives the same package, byte for byte (SOURCE_DATE_EPOCH).
set -eu
umask 022
bin=$(realpath "$1") arch=$2 version=$3 out=$(realpath "$4")
cd "$(dirname "$0")"
root=$(mktemp -d)
trap 'rm -r "$root"' EXIT
put() { install -D -m "$1" "$2" "$root/$3"; }
doc=usr/share/doc/leima

for program in validator console; do
	put 755 "$bin/$program" "usr/bin/leima-$program"
	put 644 "leima-$program.service" "usr/lib/systemd/system/leima-$program.service"
	put 644 "$program.toml" "etc/leima/$program.toml"
	put 644 completion "usr/share/bash-completion/completions/leima-$program"
	mkdir -p "$root/usr/share/man/man1"
	./man.sh "$bin/../$program" "leima-$program" | gzip -9n >"$root/usr/share/man/man1/leima-$program.1.gz"
done
put 644 leima-display.service usr/lib/systemd/system/leima-display.service
put 644 leima.sysusers usr/lib/sysusers.d/leima.conf
put 644 50-leima-pcscd.rules usr/share/polkit-1/rules.d/50-leima-pcscd.rules
put 644 credentials.conf "$doc/examples/credentials.conf"
put 644 acr122u.conf "$doc/examples/acr122u.conf"
put 644 copyright "$doc/copyright"
put 644 overrides usr/share/lintian/overrides/leima
gzip -9n >"$root/$doc/changelog.gz" <<CHANGES
leima ($version) stable; urgency=medium

  * What has changed is in CHANGELOG.md of the source.

 -- The keepers of leima <leima@localhost.localdomain>  $(date -uRd "@$SOURCE_DATE_EPOCH")
CHANGES

chmod 755 "$root"
mkdir "$root/DEBIAN"
size=$(du -sk --apparent-size "$root" | cut -f1)
sed "s/@ARCH@/$arch/; s/@VERSION@/$version/; s/@SIZE@/$size/" control >"$root/DEBIAN/control"
for script in postinst prerm postrm; do put 755 "$script" "DEBIAN/$script"; done
(cd "$root" && find etc -type f -printf '/%p\n' | sort >DEBIAN/conffiles &&
	find usr -type f | sort | xargs md5sum >DEBIAN/md5sums)
chmod 644 "$root"/DEBIAN/control "$root"/DEBIAN/conffiles "$root"/DEBIAN/md5sums
dpkg-deb --root-owner-group --threads-max=1 -Zxz --build "$root" "$out" >/dev/null
