# The two commands a newcomer needs are `make run` and `make test`.
# `make check` is what else must hold before a change lands.

GO ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Where the library of PC/SC is, everything is built with it; "make deps" installs it.
TAGS := $(shell [ "$$($(GO) env CGO_ENABLED)" = 1 ] && pkg-config --exists libpcsclite \
	2>/dev/null && echo pcsc)

# What Debian has of PC/SC: the service, its virtual reader, the library, and other
# people's programs that the tests let loose on our card.
DEBIAN := pcscd vsmartcard-vpcd libpcsclite-dev pkg-config pcsc-tools opensc gcc libc6-dev \
	chromium

# What tells whether a page can be used by everybody (MPL 2.0); it is no part of leima.
AXE := axe-core@4.14.1

.PHONY: help run day test pictures crash bench bench-lists bin check fmt vet lint race nocgo arm bit32 fuzz golden cover tree pcsc deps axe debian soak town mutants

help: ## what there is to make
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

run: bin ## validator, driver's console and passenger's display, on emulated cards
	@bin/validator run --plain --config testdata/street.toml & validator=$$!; \
	trap 'kill $$validator 2>/dev/null; wait $$validator' EXIT; trap : HUP INT TERM; \
	bin/console run --config testdata/console.toml

day: bin ## a bus drives its line by itself, with emulated passengers
	@bin/validator run --config testdata/demo.toml

bin: ## the programs
	@$(GO) build -tags "$(TAGS)" -o bin/ ./cmd/validator ./cmd/console ./cmd/bench

bench: bin ## what a tap takes, a decision, and block lists
	@bin/bench measure
	@echo
	@$(GO) test -run '^$$' -bench Decide -benchmem ./fare
	@echo
	@$(GO) test -run '^$$' -bench . ./validator/journal
	@echo
	@$(GO) test -run '^$$' -bench LampToPage -benchtime 100x ./cmd/validator
	@echo
	@$(MAKE) --no-print-directory bench-lists

bench-lists: ## lookups, start, exchange and memory of lists, up to ten million cards
	@$(GO) test -run '^$$' -bench . -benchtime 300ms ./blocklist/shelf
	@$(GO) test -run '^$$' -bench . -benchtime 300ms ./fare/actionlist/tray

crash: N ?= 3000
crash: ## kill a process N times while it writes its journal
	$(GO) test -count=1 -v -timeout 0 -run 'Killed|PowerCut' ./validator/journal -kills $(N)

test: ## all tests
	$(GO) test -tags "$(TAGS)" ./...

PICTURES := drive display
pictures: ## the README's pictures of page and display, as a browser's test has seen them
	@shots=$$(mktemp -d) && trap 'rm -r "$$shots"' EXIT && mkdir -p testdata/pictures && \
	LEIMA_SCREENSHOTS=$$shots $(GO) test -count=1 -tags "$(TAGS)" -run 'TestDriversDay$$' ./cmd && \
	for name in $(PICTURES); do \
		cp "$$shots/TestDriversDay-$$name.png" "testdata/pictures/$$name.png" || exit 1; done

pcsc: ## only the tests through a real pcscd, with its figures
	$(GO) test -count=1 -tags pcsc -bench Transmit ./hw/pcsc

deps: ## install what PC/SC and the browser's tests need, on Debian
	apt-get install -qy --no-install-recommends $(DEBIAN)
	$(MAKE) axe

axe: ## fetch what tells whether a page can be used by everybody (needs npm)
	npm install --silent --no-fund --no-audit --prefix .tools $(AXE)

debian:
	@echo $(DEBIAN)

check: fmt vet lint race nocgo arm bit32 town mutants tree ## what test does not do already

fmt:
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }

vet:
	$(GO) vet -tags "$(TAGS)" ./...

lint:
	$(GO) run $(STATICCHECK) -tags "$(TAGS)" ./...

race:
	$(GO) test -race -tags "$(TAGS)" ./...

nocgo: ## build without C, and so without PC/SC
	CGO_ENABLED=0 $(GO) build ./...

arm: ## build for the computers buses have
	CGO_ENABLED=0 GOOS=linux GOARCH=arm GOARM=7 $(GO) build ./...
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 $(GO) build ./...

bit32: ## the tests on 32 bits
	CGO_ENABLED=0 GOARCH=386 $(GO) test ./...

SEED ?= 1
TOWN := $(GO) test -count=1 -v -timeout 0 -run 'TestTown$$' ./validator/sim
soak: N ?= 200000
soak: ## a town's life of N taps from a SEED, with all that can go wrong
	$(TOWN) -seed $(SEED) -taps $(N)

town: ## a day of a town: 20,000 cards, 50,000 taps
	$(TOWN) -seed $(SEED) -cards 20000 -taps 50000

# Of the money path each Nth place is broken: 1 is all of them.
EACH ?= 1
mutants: ## break a copy of the tree in each known way, and the money path everywhere
	$(GO) test -count=1 -v -timeout 30m -run TestMutants ./validator -mutants
	$(GO) test -count=1 -v -timeout 3h -run 'TestMutation$$' ./validator -mutation $(EACH)

# FUZZ is what is done with each; the tests are found, so that none is left out.
FUZZ := $(GO) test -run '^$$' -fuzztime 10s -fuzzminimizetime 10x
fuzz: ## each fuzz test for ten seconds
	@grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9]*' . | sort | \
		sed 's|/[^/]*:func | |' | while read folder name; do \
		$(FUZZ) -fuzz "^$$name$$" "$$folder" || exit 1; done

golden: ## write the expected output of scenarios and programs anew
	$(GO) test ./validator/sim ./hw/panel ./hw/pcsc ./cmd/bench ./cmd/validator -update

cover: ## how much of each package its tests reach
	$(GO) test -tags "$(TAGS)" -cover ./...

tree: ## no test may leave a file behind
	@test -z "$$(git status --porcelain)" || \
		{ echo "the tree is not clean:"; git status --short; exit 1; }
