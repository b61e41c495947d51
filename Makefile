# reconcile: build, try, test, install. `make` alone lists the targets.

PREFIX  ?= /usr/local
DESTDIR ?=

# sudo hides the caller's PATH, so Swift is also looked for where its installers put it.
SWIFT ?= $(shell command -v swift 2>/dev/null \
	|| ls -d /opt/swift/usr/bin/swift /opt/swift*/usr/bin/swift /usr/local/swift/usr/bin/swift /usr/share/swift/usr/bin/swift \
		"$$(getent passwd "$${SUDO_USER:-root}" | cut -d: -f6)/.local/share/swiftly/bin/swift" 2>/dev/null | head -n 1)

CHECKS  := --explicit-target-dependency-import-check error
RELEASE := -c release --static-swift-stdlib $(CHECKS)
BINARY  := .build/release/reconcile

.DEFAULT_GOAL := help
.PHONY: help packages runtime swift build image demo fleet-demo lint unit kernel examples docs test install uninstall clean print-binary

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

packages: ## install the Debian packages that are needed (root)
	@scripts/packages.sh

runtime:
	@scripts/packages.sh run

swift:
	@test -n "$(SWIFT)" || { echo "Swift 6.2 or later is needed and was not found. Name it: make SWIFT=/path/to/swift" >&2; exit 1; }

build: swift ## build the release binary
	$(SWIFT) build $(RELEASE)

image: ## make a small OCI image from busybox, in images/busybox
	@scripts/image.sh

demo: ## show it all, in namespaces that cannot harm this machine (root)
	@SWIFT="$(SWIFT)" scripts/demo.sh

fleet-demo: ## show three hosts as one fleet, in namespaces that cannot harm this machine (root)
	@SWIFT="$(SWIFT)" scripts/fleet-demo.sh

lint: swift ## check the format of sources, scripts and man page, and the service
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift
	@for script in scripts/*.sh .ci/run; do echo "bash -n $$script"; bash -n "$$script" || exit 1; done
	mandoc -T lint -W warning docs/reconcile.8
	scripts/check-service.sh

unit: swift ## run the tests that need no privileges
	$(SWIFT) test $(CHECKS) --skip KernelTests

kernel: swift image ## run the tests that change a kernel, in namespaces of their own (root)
	@SWIFT="$(SWIFT)" scripts/kernel-tests.sh $(CHECKS)

examples: build image ## run every example as its README tells it (root)
	@RECONCILE=$(BINARY) scripts/examples.sh

docs: build ## check that the documents tell of every field, command and option
	@RECONCILE=$(BINARY) scripts/check-docs.sh

# One after the other, whatever -j says: the machine is tested, too.
test: ## all of it: packages, lint, build, tests, examples, documents (root)
	@for target in packages lint build image docs unit kernel examples; do \
		echo "== make $$target"; $(MAKE) --no-print-directory $$target || exit 1; \
	done

install: runtime build ## install below PREFIX, /usr/local by default (root)
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/reconcile
	install -D -m 644 docs/reconcile.8 $(DESTDIR)$(PREFIX)/share/man/man8/reconcile.8
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(BINARY) --generate-completion-script bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/reconcile
	$(BINARY) --generate-completion-script zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_reconcile
	$(BINARY) --generate-completion-script fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/reconcile.fish
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|/usr/local/bin/|$(PREFIX)/bin/|' dist/reconcile.service > $(DESTDIR)$(PREFIX)/lib/systemd/system/reconcile.service
	chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/reconcile.service
	@echo "Installed $$($(BINARY) --version). Begin with: man reconcile"

uninstall: ## remove what install put there; containers and networks are left running
	rm -f $(DESTDIR)$(PREFIX)/bin/reconcile $(DESTDIR)$(PREFIX)/share/man/man8/reconcile.8 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/reconcile \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_reconcile \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/reconcile.fish \
		$(DESTDIR)$(PREFIX)/lib/systemd/system/reconcile.service

clean: ## remove what was built here
	rm -rf .build images

print-binary:
	@echo $(BINARY)
