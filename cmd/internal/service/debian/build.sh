#!/bin/sh
# Builds PACKAGE from the programs in BIN, for ARCH, as OUT: build.sh PACKAGE BIN ARCH VERSION OUT.
# Those beside BIN run on this machine, and say what stands in the manual pages.
# The same commit gives the same package, byte for byte (SOURCE_DATE_EPOCH).
set -eu
umask 022
package=$1 bin=$(realpath "$2") arch=$3 version=$4 out=$(realpath "$5")
cd "$(dirname "$0")"
root=$(mktemp -d)
trap 'rm -r "$root"' EXIT
put() { install -D -m "$1" "$2" "$root/$3"; }
doc=usr/share/doc/$package

# program puts a program, its unit, its completion and its manual page.
program() {
	put 755 "$bin/$1" "usr/bin/leima-$1"
	put 644 "$2" "usr/lib/systemd/system/leima-$1.service"
	put 644 completion "usr/share/bash-completion/completions/leima-$1"
	mkdir -p "$root/usr/share/man/man1"
	./man.sh "$bin/../$1" "leima-$1" | gzip -9n >"$root/usr/share/man/man1/leima-$1.1.gz"
}

# monitoring puts the alerts and the dashboard of a monitoring system.
monitoring() {
	for file in alerts.yaml dashboard.json; do put 644 "$1/$file" "$doc/examples/$file"; done
}

case $package in
leima)
	about=.
	for name in validator console; do
		program $name leima-$name.service
		put 644 $name.toml "etc/leima/$name.toml"
	done
	put 644 leima-display.service usr/lib/systemd/system/leima-display.service
	put 644 50-leima-pcscd.rules usr/share/polkit-1/rules.d/50-leima-pcscd.rules
	put 644 credentials.conf "$doc/examples/credentials.conf"
	put 644 acr122u.conf "$doc/examples/acr122u.conf"
	monitoring ../../metrics
	;;
leima-depot)
	about=depot
	program depot depot/leima-depot.service
	monitoring ../../depotmetrics
	;;
esac
put 644 $about/$package.sysusers "usr/lib/sysusers.d/$package.conf"
put 644 copyright "$doc/copyright"
put 644 $about/overrides "usr/share/lintian/overrides/$package"
gzip -9n >"$root/$doc/changelog.gz" <<CHANGES
$package ($version) stable; urgency=medium

  * What has changed is in CHANGELOG.md of the source.

 -- The keepers of leima <leima@localhost.localdomain>  $(date -uRd "@$SOURCE_DATE_EPOCH")
CHANGES

chmod 755 "$root"
mkdir "$root/DEBIAN"
size=$(du -sk --apparent-size "$root" | cut -f1)
sed "s/@ARCH@/$arch/; s/@VERSION@/$version/; s/@SIZE@/$size/" $about/control >"$root/DEBIAN/control"
for script in postinst prerm postrm; do put 755 $about/$script "DEBIAN/$script"; done
(cd "$root" && find usr -type f | sort | xargs md5sum >DEBIAN/md5sums)
[ ! -d "$root/etc" ] || (cd "$root" && find etc -type f -printf '/%p\n' | sort >DEBIAN/conffiles)
(cd "$root/DEBIAN" && chmod 644 control md5sums && { [ ! -e conffiles ] || chmod 644 conffiles; })
dpkg-deb --root-owner-group --threads-max=1 -Zxz --build "$root" "$out" >/dev/null
