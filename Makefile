# Countersign. `make demo` runs the main job on made-up data, `make test` runs
# every test. packaging/need fetches what the machine lacks, and says what.

GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2 # its name is 2026.2.2
VERSION     := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT      := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
LDFLAGS     := -s -w -buildid= -X main.version=$(VERSION) -X main.commit=$(COMMIT)

# How long `make sim` and each target of `make fuzz` run.
SIM      ?= 10m
FUZZTIME ?= 30s
# Flags for `make demo` and `make run`, as in: make run ARGS='--data /srv/salon'
ARGS     ?=

.PHONY: demo run build test check sim fuzz bench

demo: build
	bin/countersign demo $(ARGS)

run: build
	bin/countersign run $(ARGS)

build:
	@packaging/need go
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/countersign ./cmd/countersign

# The limit is for one package: the whole takes less than ten minutes on two cores.
test:
	@packaging/need go gcc chromium zbarimg pdftoppm
	CGO_ENABLED=1 $(GO) test -race -shuffle=on -timeout 20m ./...
	$(GO) test -run Simulation -timeout 9m ./daemon

check:
	@packaging/need go
	@unformatted=$$(gofmt -l cmd daemon display web store); \
	if [ -n "$$unformatted" ]; then echo "not gofmt:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

# Random days of a salon with a bad network and power cuts, and displays in bad weather, for as long as wanted.
sim:
	@packaging/need chromium
	COUNTERSIGN_SIM=$(SIM) $(GO) test -run 'Simulation|BadWeather|DoesNotGrow' -count=1 -timeout 0 ./daemon ./cmd/countersign ./display

fuzz:
	@for file in $$(grep -rl '^func Fuzz' --include='*_test.go' cmd daemon display web store); do \
	  for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' $$file); do \
	    echo "$$file: $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) ./$$(dirname $$file) || exit 1; \
	  done; \
	done

bench: build
	@packaging/need chromium
	$(GO) test -p 1 -run '^$$' -bench . ./cmd/countersign ./display/qr ./store
