package main

func (*initCommand) Help() string {
	return `Makes a certificate for these names, and depot.toml with the first settings.
Every device is given a copy of the certificate, and nobody its key.

Example:

  depot init depot --name depot.example --name 192.0.2.1`
}

func (*serveCommand) Help() string {
	return `Says where devices send to and where the page is, and logs to the standard
error. Ctrl-C and SIGTERM end it. depot.toml is read at the start; devices and
persons are read again when they have changed.

Example:

  depot serve depot`
}

func (*addCommand) Help() string {
	return `The key is the one that "validator commission" or "console commission" prints.
A device of an emulated bus has it in its log, as "public". The depot may run.

Example:

  depot device add depot 9 --key 1Spam6zROakmXibl3sPiEfbpNi11ed/EoOkKQtYx0go=`
}

func (*withdrawCommand) Help() string {
	return `What it has sent stays. It is taken back by "depot device add". The depot may
run.

Example:

  depot device withdraw depot 9`
}

func (*listCommand) Help() string {
	return `Says of each its key, and since when it may send no more. The JSON has the fields
device, key and withdrawn.

Example:

  depot device list depot`
}

func (*rootCommand) Help() string {
	return `"bench list key new" makes keys, and "bench list key show" says their public
halves. The keys of the lists themselves are others, in [shelf] keys. Owners whose
keys are apart sign a draft one after another: with --owner, --signer and a name for
it, --draft writes it, and needs no key; "depot sign" signs it; and --draft alone
takes it back.

Examples:

  depot root depot --owner 1Spam6zROakmXibl3sPiEfbpNi11ed/EoOkKQtYx0go= \
      --signer uKVunljNXcmRcuujehVVEQJSDrKWNKVYQzvBSWq1qm0= --key owner.pem
  depot root depot --owner 1Spam6zROakmXibl3sPiEfbpNi11ed/EoOkKQtYx0go= \
      --signer uKVunljNXcmRcuujehVVEQJSDrKWNKVYQzvBSWq1qm0= --draft root.draft
  depot root depot --draft root.draft`
}

func (*signCommand) Help() string {
	return `Says what the root would be, and adds the owner's signature to the file. No depot
is needed for that, and no network.

Example:

  depot sign root.draft --area 227 --key owner.pem`
}

func (*publishCommand) Help() string {
	return `"bench list sign" and "bench tariff sign" make bundles. The depot may run.

Examples:

  depot publish depot blocklist.bundle tariffs.bundle
  depot publish depot --key manifest.pem`
}

func (*personAdd) Help() string {
	return `A PIN has 6 digits at least. Who has forgotten theirs is added again, with a new
one, and need not wait for their wrong ones. The depot may run.

Example:

  depot person add depot --number 7 --role service`
}

func (*personList) Help() string {
	return `The JSON has the fields number and role.

Example:

  depot person list depot`
}

func (*personRemove) Help() string {
	return `"depot person list" lists the numbers. The depot may run.

Example:

  depot person remove depot --number 7`
}

func (*exportCommand) Help() string {
	return `A CBOR sequence, as that of "bench journal export --format cbor" without the
signed head, to the standard output: of the devices that are named, or of all.
"bench reconcile" and "bench verify" read it, also from a pipe ("bench reconcile
-"). Of a device with two journals, of which the settlement counts the first, --chain
writes one alone, for a person to look at. The depot may run.

Examples:

  depot export depot 9 > device-9.cbor
  depot export depot 9 --chain 1 > parted.cbor
  depot export depot > fleet.cbor`
}

func (*settlementCommand) Help() string {
	return `A line has for each row of the settlement when it was booked, what of which card
it is about, the verdict, the amounts in cents, and where that was: --schema says
it of each column. The depot may run.

Example:

  depot settlement depot --booked 2026-11-29 > rows.csv`
}

func (*verifyCommand) Help() string {
	return `The depot has verifier = true in [ledger] of depot.toml, and no keys: so the program
that hears the network does not have them. Only the depot's own user and root reach
its socket. To another user, or to another machine, one of them brings it:
"ssh -N -L ./depot.sock:FOLDER/depot.sock USER@HOST". Ctrl-C ends it; what comes
meanwhile waits.

Example:

  depot verify depot/depot.sock --office office.key --keys issuer.toml`
}

func (*backupCommand) Help() string {
	return `Only the store is copied: the command says which files to copy too. To restore
them, on this machine or an empty one, stop the depot, put the copy in the place
of store, and the others where they were. The ledger is made anew.

Example:

  depot backup depot depot-2026-11-29.store`
}
