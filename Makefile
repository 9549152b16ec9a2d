# The commands people need. `make run` and `make test` install what is missing (Debian packages, by name) and work
# without the internet beyond the package registries.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# Real data for tests and benchmarks, where it is there; the product never depends on it.
export BEDRAIL_SHARED ?= $(abspath $(CURDIR)/../shared)
BEDRAIL_DATA ?= $(CURDIR)/data
LISTEN ?= 127.0.0.1:8080

.PHONY: help
help: ## Show this list.
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## Build, load the sample hospital, serve on 127.0.0.1:8080, print the address and a one-time password.
	@scripts/install-build-tools.sh
	cargo build --locked --bin bedrail
	target/debug/bedrail --data "$(BEDRAIL_DATA)" demo load --if-empty
	target/debug/bedrail --data "$(BEDRAIL_DATA)" serve --listen "$(LISTEN)"

.PHONY: test
test: ## Install what the tests need and run them all.
	@scripts/install-build-tools.sh
	@scripts/install-test-tools.sh
	cargo test --locked --workspace --no-fail-fast

.PHONY: check
check: ## Everything a change must pass: format, lints, docs, tests, dependency rules, generated files.
	@scripts/install-build-tools.sh
	cargo fmt --all -- --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --workspace --no-deps --document-private-items
	$(MAKE) test
	@scripts/install-cargo-deny.sh
	cargo deny --locked check bans licenses sources
	@scripts/features-agree.sh
	@scripts/generated-files-are-current.sh

.PHONY: check-long
check-long: ## The tests that take long: a million alerts, killed at twenty random moments, on both databases (BEDRAIL_SEED=N repeats one).
	@scripts/install-build-tools.sh
	@scripts/install-test-tools.sh
	BEDRAIL_LONG=1 cargo test --locked -p bedrail --test it -- --nocapture cli::alerts

.PHONY: check-windows
check-windows: ## Compile the program for Windows, without linking it (MinGW and that target of the toolchain are installed).
	@scripts/install-build-tools.sh
	scripts/check-windows.sh

.PHONY: check-api
check-api: ## Hold the running API against its description (schemathesis from PyPI; SQLite and PostgreSQL; minutes).
	@scripts/install-build-tools.sh
	cargo build --locked --bin bedrail
	scripts/check-api.sh embedded postgres

.PHONY: generate
generate: ## Write the generated files anew (OpenAPI).
	cargo run --locked --quiet --bin bedrail -- openapi > docs/openapi.json

.PHONY: bench
bench: ## Measure against the figures in docs/performance.md (release build; needs the shared data and, for peers, Go).
	@scripts/install-build-tools.sh
	bench/run.sh

.PHONY: differences
differences: ## Compare with osv-scanner on all public bills of materials; docs/differences.md must be current (WRITE=--write writes it).
	@scripts/install-build-tools.sh
	nice bench/differences.sh $(WRITE)

.PHONY: mutants
mutants: ## Change the version orders and the matcher in one place after another; a test must notice (cargo mutants; hours).
	@scripts/install-build-tools.sh
	scripts/mutants.sh model $(MUTANTS)
	scripts/mutants.sh assess $(MUTANTS)

.PHONY: fuzz
fuzz: ## Try each reader of the scanner with bytes that mean harm (TARGETS="zip tar", SECONDS_EACH=300; else five minutes or an hour each).
	@scripts/install-build-tools.sh
	nice scripts/fuzz.sh $(TARGETS)

.PHONY: release
release: ## Make the archive that people install, with its SHA-256, in dist/ (TARGET=x86_64-unknown-linux-musl for any Linux, x86_64-pc-windows-gnu for Windows).
	@scripts/install-build-tools.sh
	scripts/release.sh

.PHONY: clean-data
clean-data: ## Remove the data folder of `make run` (devices, findings, feeds).
	rm -rf "$(BEDRAIL_DATA)"
