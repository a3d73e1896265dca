#!/bin/sh
# Makes a manual page of what a program's own help says, called by the NAME under which it is
# installed: man.sh PROGRAM NAME.
set -eu
name=$2
called=$(mktemp -d)
trap 'rm -r "$called"' EXIT
ln -s "$(realpath "$1")" "$called/$name"
says() { "$called/$name" "$@" --help; }
plain() { says "$@" | sed -e 's/\\/\\\\/g; s/-/\\-/g; s/^\([.'"'"']\)/\\\&\1/'; }
about=$(plain | sed -n '3{s/\.$//;p}')
date=$(date -ud "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)
printf '.TH %s 1 %s leima\n.SH NAME\n%s \\- %s\n.SH DESCRIPTION\n.nf\n' "$name" "$date" "$name" "$about"
plain
printf '.fi\n.SH COMMANDS\n'
says | sed -n '/^Commands:/,$s/^  \([a-z][a-z ]*\)[ -].*/\1/p' | sed 's/ *[[-].*//; s/ *$//' |
while read -r command; do
	# shellcheck disable=SC2086  # a command has several words
	printf '.SS %s\n.nf\n%s\n.fi\n' "$command" "$(plain $command)"
done
case $name in
leima-depot) files=/var/lib/leima-depot ;;
*) files="/etc/leima, /var/lib/leima" ;;
esac
printf '.SH FILES\n%s\n' "$files"
