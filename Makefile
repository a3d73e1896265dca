# The two commands a newcomer needs are `make run` and `make test`.
# `make check` is what else must hold before a change lands.

GO ?= go
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
DEADCODE := golang.org/x/tools/cmd/deadcode@v0.52.0

# Where the library of PC/SC is, everything is built with it; where SoftHSM is, a token in
# software, everything is built with PKCS#11. "make deps" installs both.
TAGS := $(shell [ "$$($(GO) env CGO_ENABLED)" = 1 ] && { \
	pkg-config --exists libpcsclite && echo pcsc; \
	command -v softhsm2-util >/dev/null && echo pkcs11; } 2>/dev/null | paste -sd ,)

# What Debian has of PC/SC: the service, its virtual reader, the library, and other
# people's programs that the tests let loose on our card; a browser, and a token; a receiver of
# positions, a broker, and the checks of a monitoring system.
DEBIAN := pcscd vsmartcard-vpcd libpcsclite-dev pkg-config pcsc-tools opensc gcc libc6-dev \
	chromium softhsm2 gpsd gpsd-clients gpsd-tools mosquitto prometheus systemd \
	avahi-daemon iproute2 libxml2-utils qemu-user-static

# The check that a page can be used by everybody (MPL 2.0); it is no part of leima.
AXE := axe-core@4.14.1

# The servers among which the tests keep a stream (Apache 2.0); they are no part of leima.
NATS := github.com/nats-io/nats-server/v2@v2.15.3

.PHONY: help run day test pictures crash bench bench-lists bench-depot bin check fmt vet lint reach exhaustive race nocgo arm same deb debs qemu boot drive cross bit32 fuzz golden cover tree pcsc fleet deps axe debian soak fleet-soak nats nats-soak town mutants

help: ## what there is to make
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

run: bin ## validator, driver's console and passenger's display, on emulated cards
	@bin/bench bus run --config testdata/bus.toml --console testdata/console.toml \
		--feed testdata/feed --drive 2-0800-0

day: bin ## a bus drives its line by itself, with emulated passengers
	@bin/bench bus validator --config testdata/demo.toml

bin: ## the programs
	@$(GO) build -trimpath -buildvcs=auto -tags "$(TAGS)" -o bin/ ./cmd/validator ./cmd/console ./cmd/bench ./cmd/depot

# A package has PC/SC and PKCS#11 built in, against the library of its architecture: "make cross"
# installs the others'. Its version grows with each commit.
ARCH ?= amd64
GNU_amd64 := x86_64-linux-gnu
GNU_arm64 := aarch64-linux-gnu
GNU_armhf := arm-linux-gnueabihf
GO_armhf := arm
FOR = CGO_ENABLED=1 GOARCH=$(or $(GO_$(ARCH)),$(ARCH)) GOARM=7 CC=$(GNU_$(ARCH))-gcc \
	PKG_CONFIG_LIBDIR=/usr/lib/$(GNU_$(ARCH))/pkgconfig
VERSION ?= 0.$(shell TZ=UTC git log -1 --date=format-local:%Y%m%d.%H%M%S --format=%cd)
deb: bin ## the packages of a bus and of a depot for Debian, for ARCH: amd64, arm64 or armhf
	@$(FOR) $(GO) build -trimpath -buildvcs=auto -buildmode=pie -ldflags "-s -w" \
		-tags pcsc,pkcs11 -o bin/$(ARCH)/ ./cmd/validator ./cmd/console ./cmd/depot
	@for package in leima leima-depot; do \
		deb=bin/$${package}_$(VERSION)_$(ARCH).deb; \
		SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) cmd/internal/service/debian/build.sh \
			$$package bin/$(ARCH) $(ARCH) $(VERSION) $$deb && echo $$deb || exit 1; done

debs: ## the packages of all architectures, looked through by lintian
	@for arch in amd64 arm64 armhf; do $(MAKE) -s deb ARCH=$$arch VERSION=$(VERSION) || exit 1; done
	lintian --fail-on error,warning bin/leima*_$(VERSION)_*.deb

qemu: ARCH := armhf
qemu: ## the tests of card, hardware, fares and journal as a program of armhf runs them (qemu)
	$(FOR) $(TEST) -short -tags pcsc ./cardlayout/... ./hw/... ./fare/... ./validator/journal

boot: ## a Debian boots, installs the package, and is killed, hung, upgraded and removed (as root)
	cmd/internal/service/debian/boot.sh life.sh

drive: ## a bus drives its line in it, while broker and validator are killed: 12 minutes (as root)
	cmd/internal/service/debian/boot.sh drive.sh

bench: bin ## what a tap takes, a decision, and block lists
	@bin/bench measure
	@echo
	@$(GO) test -run '^$$' -bench Decide -benchmem ./fare
	@echo
	@$(GO) test -run '^$$' -bench . ./validator/journal
	@echo
	@$(GO) test -run '^$$' -bench LampToPage -benchtime 100x ./cmd/internal/emulated/bus
	@echo
	@$(GO) test -run '^$$' -bench Flood -benchtime 20x ./cmd/internal/onboard
	@echo
	@$(MAKE) --no-print-directory bench-lists
	@echo
	@$(MAKE) --no-print-directory bench-depot

bench-depot: bin ## entries a second of a depot, beside what disk and servers take without it
	@$(GO) test -run '^$$' -bench . ./validator/depot/embedded ./validator/depot/jetstream \
		./validator/depot/settlement | grep Benchmark
	@rm -rf state/measured && bin/bench fleet state/measured --devices 300 --rate 36 --for 1m \
		2>/dev/null | grep -E '^(from lamp|the depot.s memory)'

bench-lists: ## lookups, start, exchange and memory of lists, up to ten million cards
	@$(GO) test -run '^$$' -bench . -benchtime 300ms ./validator/lists

crash: N ?= 3000
crash: ## kill a process N times while it writes its journal
	$(GO) test -count=1 -v -timeout 0 -run 'Killed|PowerCut' ./validator/journal -kills $(N)

TEST := $(GO) test -vet=off -timeout 10m

test: ## all tests, with a sample of what is exhaustive
	$(TEST) -short -tags "$(TAGS)" ./...

# Only the packages whose tests take a sample in "make test" have more to do.
exhaustive: ## every byte, cut and screen of what make test takes a sample of
	$(TEST) -timeout 20m -tags "$(TAGS)" $$(grep -rl --include='*.go' 'testing.Short()' . | \
		xargs -n1 dirname | sort -u)

PICTURES := drive display
pictures: ## the README's pictures of page and display, as a browser's test has seen them
	@shots=$$(mktemp -d) && trap 'rm -r "$$shots"' EXIT && mkdir -p testdata/pictures && \
	LEIMA_SCREENSHOTS=$$shots $(GO) test -count=1 -tags "$(TAGS)" -run 'TestDriversDay$$' ./cmd/internal/terminal && \
	for name in $(PICTURES); do \
		cp "$$shots/TestDriversDay-$$name.png" "testdata/pictures/$$name.png" || exit 1; done

pcsc: ## only the tests through a real pcscd, with its figures: ours/bare should be at most 1.1
	$(GO) test -count=1 -tags pcsc -bench Transmit ./hw/pcsc

deps: ## install what PC/SC, the token's and the browser's tests need, on Debian
	apt-get install -qy --no-install-recommends $(DEBIAN)
	$(MAKE) axe nats

axe: ## fetch the check of pages for accessibility (needs npm)
	npm install --silent --no-fund --no-audit --prefix .tools $(AXE)

nats: ## build the servers of the tests of JetStream
	GOBIN=$(CURDIR)/.tools $(GO) install $(NATS)

CROSS := gcc-aarch64-linux-gnu libc6-dev-arm64-cross libpcsclite-dev:arm64 \
	gcc-arm-linux-gnueabihf libc6-dev-armhf-cross libpcsclite-dev:armhf qemu-user-static lintian
cross: ## install what builds the packages of arm64 and armhf, and runs their tests, on Debian
	dpkg --add-architecture arm64 && dpkg --add-architecture armhf && apt-get update -q
	apt-get install -qy --no-install-recommends $(CROSS)

debian:
	@echo $(DEBIAN)

check: fmt vet lint reach exhaustive race nocgo arm same bit32 town mutants tree ## what test does not do already

# These build more than they run, and the compiler has memory to spare.
fmt vet lint reach nocgo arm same mutants: export GOGC := 400

fmt:
	$(GO) run $(GOLANGCI) fmt -c .ci/golangci.yml --diff

vet:
	$(GO) vet -tags "$(TAGS)" ./...

lint:
	$(GO) run $(GOLANGCI) run -c .ci/golangci.yml --timeout 15m --build-tags "$(TAGS)"

# The rules' code that no program reaches would show nothing to anybody.
RULES := ^leima/(fare|cardlayout|blocklist|validator($$|/(api|console|servicepoint|journal|ledger|lists|terminal)))
reach: ## no rule lives where no program comes
	@dead=$$($(GO) run $(DEADCODE) -tags "$(TAGS)" -filter '$(RULES)' ./cmd/...) && \
	test -z "$$dead" || { echo "no program reaches:"; echo "$$dead"; exit 1; }

# What runs beside other things: the tests of all else are of one goroutine, or of programs that are
# built without the detector.
RACE := ./blocklist ./hw/emu ./hw/panel ./hw/pcsc ./hw/tape ./hw/token ./validator ./validator/api \
	./validator/console ./validator/journal ./validator/listener ./validator/lists \
	./validator/terminal ./validator/upload ./validator/depot/... ./cmd/internal/emulated/...
race:
	$(TEST) -short -timeout 20m -race -tags "$(TAGS)" $(RACE)

nocgo: ## build without C, and so without PC/SC
	CGO_ENABLED=0 $(GO) build ./...

arm: ## build for the computers buses have
	CGO_ENABLED=0 GOOS=linux GOARCH=arm GOARM=7 $(GO) build ./...
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO) build ./...

same: ## the packages are the same, byte for byte, wherever they are built
	@trees=$$(mktemp -d) && trap 'rm -r "$$trees"' EXIT && for n in one other; do \
		git clone -q . "$$trees/$$n" && $(MAKE) -s -C "$$trees/$$n" deb || exit 1; done && \
	for deb in "$$trees"/one/bin/*.deb; do \
		cmp "$$deb" "$$trees/other/bin/$${deb##*/}" || exit 1; done

# All is built for 32 bits; what others do, a browser, a broker or NATS, is as on 64. Where the kernel
# runs no such program, qemu runs the tests of what counts and seals: it cannot interrupt a goroutine
# of Go, nor map a file as bbolt does.
NOT32 := ^leima/(cmd|hw/(panel|pcsc)|validator/(console|depot/jetstream|place/mqtt|terminal))
RUN32 := CGO_ENABLED=0 GOARCH=386
BY_QEMU := ./cardlayout/... ./fare ./fare/actionlist ./fare/calendar ./fare/sale ./hw/desfire \
	./validator/ledger ./validator/lists/bundle ./validator/lists/manifest
bit32: ## the tests of what counts, seals and keeps on 32 bits
	$(RUN32) $(GO) vet ./...
	@if $(RUN32) $(GO) test -run '^$$' ./cardlayout/plain >/dev/null 2>&1; then \
		$(RUN32) $(TEST) -short $$($(GO) list ./... | grep -vE '$(NOT32)'); \
	else echo "this kernel runs no program of 386: qemu does" && \
		GODEBUG=asyncpreemptoff=1 $(RUN32) $(TEST) -short -exec qemu-i386-static $(BY_QEMU); fi

SEED ?= 1
TOWN := $(GO) test -count=1 -v -timeout 0 -run 'TestCity$$' ./validator/sim
soak: N ?= 200000
soak: ## a town's life of N taps from a SEED, with all that can go wrong
	$(TOWN) -seed $(SEED) -taps $(N)

town: CARDS ?= 20000
town: ## a day of a town: CARDS cards, and two and a half taps of each
	$(TOWN) -seed $(SEED) -cards $(CARDS) -taps $$(($(CARDS) * 5 / 2))

# Of the money path each Nth place is broken: 1 is all of them. Of the known mutants each OF-th is
# tried, others with the next commit.
EACH ?= 1
OF ?= 1
mutants: ## break a copy of the tree in each known way, and the money path everywhere
	$(GO) test -count=1 -v -timeout 30m -run TestMutants ./validator -mutants \
		-of $(OF) -from $$(git rev-list --count HEAD)
	$(GO) test -count=1 -v -timeout 3h -run 'TestMutation$$' ./validator -mutation $(EACH)

fleet: bin ## a depot, 20 buses with their passengers, torn cards, lost links and a dead bus
	@rm -rf state/fleet && mkdir -p state && bin/bench fleet state/fleet

FLEET := $(GO) test -count=1 -v -timeout 0 -run 'TestFleet$$' ./cmd/depot
fleet-soak: MINUTES ?= 10
fleet-soak: ## a city's 3,000 devices send 360 entries a second, and their depot is killed every 30 s
	$(FLEET) -args -devices 3000 -rate 360 -for $(MINUTES)m -kill 30s

nats-soak: MINUTES ?= 10
nats-soak: ## three servers keep a stream while one is killed, hangs, is cut off, full or wiped
	$(GO) test -count=1 -v -timeout 0 -run 'TestTornCluster$$' ./validator/depot/jetstream \
		-args -chaos $(MINUTES)m

# FUZZ is what is done with each; the tests are found, so that none is left out.
FUZZ := $(GO) test -run '^$$' -fuzztime 10s -fuzzminimizetime 10x
fuzz: ## each fuzz test for ten seconds
	@grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9]*' . | sort | \
		sed 's|/[^/]*:func | |' | while read folder name; do \
		$(FUZZ) -fuzz "^$$name$$" "$$folder" || exit 1; done

golden: ## write the expected output of scenarios and programs anew
	$(GO) test ./validator/sim ./validator/depot/page ./hw/panel ./hw/pcsc ./cmd/bench \
		./cmd/internal/emulated/bus -update

cover: ## how much of each package its tests reach
	$(GO) test -tags "$(TAGS)" -cover ./...

tree: ## no test may leave a file behind
	@test -z "$$(git status --porcelain)" || \
		{ echo "the tree is not clean:"; git status --short; exit 1; }
