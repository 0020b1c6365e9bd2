# The developer's manual: `make help`. Everything is made from this checkout, the Go module proxy and Debian's packages; what is built is
# kept in the user's cache, and what must not be lost in ~/.local/share/mediawiki-stack. The checkout stays as it is,
# except for what make docs and make bench write, and plain settings that make pulumi ARGS="config set …" changes.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Which Pulumi.STACK.yaml to run: local, recipe, rpi, …
STACK ?= local
# Which embedded cluster to run it on; each has a network, data and stacks of its own.
CLUSTER ?= mediawiki
export CLUSTER

# How many nodes the embedded cluster has; it keeps them. One at first.
NODES ?=
# INGRESS=yes adds Traefik and cert-manager to the cluster, which keeps them.
INGRESS ?=
ingress = $(if $(filter yes,$(INGRESS)),ingress)
# METRICS_SERVER=yes adds metrics-server to the cluster, which keeps it.
METRICS_SERVER ?=
addons = $(ingress) $(if $(filter yes,$(METRICS_SERVER)),metrics-server)

# All builds share what Go has compiled: tools, program and tests. go test does not run go vet as well, which is a part of `make lint` and
# takes two minutes of both cores the first time.
export GOFLAGS := $(strip $(filter-out -trimpath -vet=off,$(GOFLAGS)) -trimpath -vet=off)
export CGO_ENABLED := 0

# use puts the tools on the PATH of a recipe's shell and selects the cluster. use-wiki also adds wiki, built from this checkout.
use := lines=$$(local/env); eval "$$lines";
use-wiki := lines=$$(local/env wiki); eval "$$lines";
# The arguments, each after a space, that make another command use the same stack and cluster.
this-cluster = $(if $(filter-out mediawiki,$(CLUSTER)), CLUSTER=$(CLUSTER))
this = $(if $(filter-out local,$(STACK)), STACK=$(STACK))$(this-cluster)
# How to type the commands that messages advise, where pulumi and wiki are not on the PATH and kubectl has no kubeconfig.
hint = echo 'On this cluster, type "pulumi …" and "mediawiki-stack $(STACK) …" as: make pulumi$(this) ARGS="…", "wiki …" as: make wiki$(this) ARGS="…", $(if $(this),"make …" as: make …$(this)$(comma) )and before "kubectl …": export KUBECONFIG=$$(make kubeconfig$(this-cluster))' >&2
comma := ,

modules := . local/cluster local/images local/stack

# Most programs that a test runs are written in Go. They collect garbage a quarter as often where 12 GiB of memory are free.
test%: export GOGC := $(or $(GOGC),$(shell awk '/^MemAvailable/ { print $$2 < 12 * 2^20 ? 100 : 400 }' /proc/meminfo))

##@ Run the wiki

.PHONY: up
up: packages ## From nothing to a wiki: tools, images, cluster, `pulumi up` of STACK. Again: only what changed
	@[[ -f Pulumi.$(STACK).yaml ]] || { echo "there is no Pulumi.$(STACK).yaml: STACK is one of $(stacks)" >&2; exit 1; }
	@local/images/build >/dev/null & images=$$!; trap 'kill $$images $${cluster-} 2>/dev/null || true' EXIT; \
		lines=$$(local/tools env cluster $(addons)); eval "$$lines"; wait $$images; \
		cluster up --name $(CLUSTER) --images "$$(local/images/build)" $(addons:%=--%) $(NODES:%=--nodes=%) & cluster=$$!; \
		local/tools build up wiki; wait $$cluster
	@$(use) mediawiki-stack $(STACK) up --yes || { $(hint); exit 1; }
	@echo
	@echo "MediaWiki runs at $$(make url)"
	@echo "  make password    prints the password of its administrator, Admin unless adminUser says otherwise"
	@echo "  make preview     shows what a change of the program or of Pulumi.$(STACK).yaml would do; make up does it"
	@echo "  make status      shows the cluster; make kubeconfig names the file for kubectl"
	@echo "  make down        stops the cluster and keeps its volumes, and so the wiki; make help lists the rest"
	$(if $(this),@echo "Add$(this) to each of these commands.")

stacks = $(patsubst Pulumi.%.yaml,%,$(wildcard Pulumi.*.yaml))

.PHONY: preview
preview: ## Show what `make up` would change
	@$(use) mediawiki-stack $(STACK) preview --diff || { $(hint); exit 1; }

.PHONY: url
url: ## Print the wiki's address, one line
	@$(use) mediawiki-stack $(STACK) stack output url 2>/dev/null || { echo "stack $(STACK) has no wiki: make up STACK=$(STACK)" >&2; exit 1; }

.PHONY: password
password: ## Print the first password of the wiki's administrator, one line
	@$(use) mediawiki-stack $(STACK) stack output adminPassword --show-secrets

.PHONY: pulumi
pulumi: ## Run any pulumi command on STACK: make pulumi ARGS="stack export"
	@$(use) mediawiki-stack $(STACK) $(ARGS)

.PHONY: doctor
doctor: ## Check the cluster and STACK's wiki, and print the command that fixes each problem: make doctor ARGS=--json
	@$(use-wiki) wiki doctor --pulumi "mediawiki-stack $(STACK)" $(ARGS) || { status=$$?; $(hint); exit $$status; }

.PHONY: wiki
wiki: ## Run any command of `wiki`, the operator's command, on STACK's wiki: make wiki ARGS="logs --since 10m"
	@$(use-wiki) $(wiki) $(ARGS) || { status=$$?; $(hint); exit $$status; }

.PHONY: smoke
smoke: ## Do what a user of STACK's wiki does (read, log in, edit, upload), and delete what it has created
	@$(use-wiki) $(wiki) smoke

.PHONY: backup
backup: ## Take a backup of STACK's wiki now, and wait for it
	@$(use-wiki) $(wiki) backup

.PHONY: backups
backups: ## List the backups of STACK's wiki
	@$(use-wiki) $(wiki) backups

.PHONY: restore
restore: ## Replace the wiki's contents with a backup: make restore FROM=20260101T031700Z CONFIRM=yes
	@if [[ "$(CONFIRM)" != yes ]]; then \
		echo "This replaces the pages, users and uploads of stack $(STACK) with those of backup $(or $(FROM),(the newest))." >&2; \
		echo "A backup of the present contents is taken first. To do so, type: make restore $(if $(FROM),FROM=$(FROM) )CONFIRM=yes     (make backups lists them)" >&2; \
		exit 1; \
	fi
	@$(use-wiki) $(wiki) restore $(FROM)

.PHONY: drill
drill: ## Prove that a backup of STACK's wiki can be restored, without touching the wiki: make drill [OF=20260101T031700Z]
	@$(use-wiki) $(wiki) drill $(OF)

.PHONY: import
import: ## Import a wiki that ran elsewhere into STACK's new one: make import DUMP=wiki.sql.gz [IMAGES=images.tar.gz]
	@[[ -n "$(DUMP)" ]] || { echo "which wiki? make import DUMP=wiki.sql.gz IMAGES=images.tar.gz" >&2; exit 1; }
	@$(use-wiki) $(wiki) import "$(DUMP)" $(if $(IMAGES),"$(IMAGES)")

wiki = wiki --namespace "$$(mediawiki-stack $(STACK) stack output namespace)"

##@ The embedded cluster

.PHONY: kubeconfig
kubeconfig: ## Print the path of the cluster's kubeconfig, one line
	@$(use) echo "$$KUBECONFIG"

.PHONY: status
status: ## Show the state of the cluster's components
	@$(use) cluster status --name $(CLUSTER)

.PHONY: logs
logs: ## Print a component's log: make logs COMPONENT=kubelet
	@[[ -n "$(COMPONENT)" ]] || { echo "which component? make logs COMPONENT=kubelet     (make status lists them)" >&2; exit 1; }
	@$(use) cluster logs --name $(CLUSTER) $(COMPONENT)

.PHONY: down
down: ## Stop the cluster; its volumes stay, and with them every wiki (except the recipe's, which has none)
	@$(use) cluster down --name $(CLUSTER)

.PHONY: destroy
destroy: ## Delete the cluster, every wiki in it and its stacks' state: make destroy CONFIRM=yes
	@if [[ "$(CONFIRM)" != yes ]]; then \
		echo "This deletes cluster $(CLUSTER), all wikis in it with their databases and uploads, and the state and secrets of its stacks." >&2; \
		echo "To do so, type: make destroy CONFIRM=yes     (to remove one stack and keep the cluster: make pulumi ARGS=destroy)" >&2; \
		exit 1; \
	fi
	@$(use) cluster destroy --name $(CLUSTER)
	@rm -rf "$${XDG_DATA_HOME:-$$HOME/.local/share}/mediawiki-stack/stacks/$(CLUSTER)"

##@ Test

.PHONY: test
test: export TESTFLAGS += -short
test: ## What every change must pass: units, the cluster, the wiki's story, a case of each kind of fault
	@local/packages up test unit
	@$(MAKE) --jobs=2 test-without-wiki test-with-wiki

.PHONY: test-all
test-all: ## All tests: make test, and every other case of each kind of fault
	@local/packages up test unit languages
	@$(MAKE) --jobs=2 test-without-wiki test-with-wiki
	@$(MAKE) test-dist
	@$(MAKE) test-languages
	@$(MAKE) test-image-volumes
	@$(MAKE) test-ingress
	@$(MAKE) test-nodes
	@$(MAKE) test-two-databases
	@$(MAKE) test-farm

# The two halves of make test have nothing in common and run side by side.
.PHONY: test-without-wiki
test-without-wiki:
	@failed=0; for target in test-unit test-local test-cluster; do $(MAKE) $$target || failed=1; done; exit $$failed

.PHONY: test-with-wiki
test-with-wiki:
	@$(cluster-tests) ./tests/lifecycle/... ./tests/recipe/... ./tests/wiki/...

.PHONY: test-unit
test-unit: ## The program, the component and the examples against mocks, and the PHP that needs no cluster
	@local/packages unit
	@phpunit --configuration tests/php/phpunit.xml --no-interaction
	@go test ./cmd/... ./components/... ./examples/... ./internal/... ./tests/internal/... ./tests/unit/...

.PHONY: test-local
test-local: packages ## The embedded default's own tests
	@failed=0; for module in $(filter-out .,$(modules)); do \
		(cd $$module && go list ./... | grep -v /acceptance | xargs go test $(filter -short,$(TESTFLAGS))) || failed=1; \
	done; exit $$failed

.PHONY: test-cluster
test-cluster: packages ## The embedded cluster: started, repaired, grown, stopped, on clusters of its own
	@$(use) unset CLUSTER KUBECONFIG; export IMAGES=$$(local/images/build mariadb); cd local/cluster && go test -count=1 -timeout=30m $(TESTFLAGS) ./acceptance/...

.PHONY: test-lifecycle
test-lifecycle: ## up, preview, update, refresh, destroy with the real engine, on a cluster of its own
	@$(cluster-tests) ./tests/lifecycle/...

.PHONY: test-recipe
test-recipe: ## Every row of the article, shown on a running stack, on a cluster of its own
	@$(cluster-tests) ./tests/recipe/...

.PHONY: test-wiki
test-wiki: ## What a wiki's users may count on: replicas, faults, power cuts, secrets, on a cluster of its own
	@$(cluster-tests) ./tests/wiki/...

.PHONY: test-ingress
test-ingress: export INGRESS := yes
test-ingress: export NODES := 3
test-ingress: ## A wiki behind Traefik with certificates of an ACME server, and behind other proxies, on a cluster of its own
	@$(cluster-tests) ./tests/ingress/...

.PHONY: test-nodes
test-nodes: export NODES := 3
test-nodes: export METRICS_SERVER := yes
test-nodes: ## A wiki on three nodes, one of which is lost, on a cluster of its own
	@$(cluster-tests) ./tests/nodes/...

.PHONY: test-two-databases
test-two-databases: export NODES := 2
test-two-databases: export DATABASES := 2
test-two-databases: ## The tests of test-wiki about backups, imports and upgrades, with database.replicas 2, on a cluster of two nodes
	@export TESTFLAGS="-run=^($(two-databases))$$ $${TESTFLAGS-}"; $(cluster-tests) ./tests/wiki/...

two-databases := TestBackups|TestRecipeIsImportedIntoTheDefaultStack|TestUpgrade

.PHONY: test-farm
test-farm: export NODES := 3
test-farm: ## Ten wikis with one MariaDB, as examples/farm has them: their memory, and that none reaches another's data
	@$(cluster-tests) ./tests/farm/...

.PHONY: test-languages
test-languages: export TOOLS := languages
test-languages: ## The examples in Go, YAML and TypeScript, deployed on a cluster of its own; builds the language hosts
	@$(languages-tests) ./tests/languages/...

.PHONY: test-image-volumes
test-image-volumes: export TOOLS := containerd
test-image-volumes: ## A wiki with an extension from an OCI image, on a cluster of its own; builds containerd 2, which mounts images
	@local/packages up test; lines=$$(local/tools env up containerd); eval "$$lines"; local/test ./tests/imagevolumes/...

.PHONY: test-dist
test-dist: ## A release as make dist builds it, for amd64 and arm64: checksums, SBOMs, versions, the plugin
	@lines=$$(local/tools env pulumi dist); eval "$$lines"; go test -count=1 -timeout=1h $(filter -short -v,$(TESTFLAGS)) ./tests/dist/...

.PHONY: soak
soak: ## test-wiki with more power cuts and kills of pulumi up, backups to every kind of place, and every profile under load
	@export SOAK=1; $(cluster-tests) ./tests/wiki/...

languages-tests = local/packages up languages; lines=$$(local/tools env up languages); eval "$$lines"; local/test

# Tests that need the cluster; TESTFLAGS, such as -run=TestName or -v, are passed on.
cluster-tests = local/packages up test $(ingress); lines=$$(local/tools env up $(addons)); eval "$$lines"; local/test

##@ Develop

.PHONY: lint
lint: ## golangci-lint (with gofumpt and go vet) on Go (not on local/toolchain, which starts upstream programs), phpcs on all PHP, shellcheck on every script
	@local/packages lint
	@lines=$$(local/tools env lint); eval "$$lines"; \
	failed=0; \
	for module in $(modules); do \
		echo "lint $$module"; (cd $$module && golangci-lint run --config "$(CURDIR)/.golangci.yml" ./...) || failed=1; \
	done; \
	echo "lint PHP"; find components tests -name '*.php' -print0 | xargs -0 -n 1 php -d display_errors=stderr -l >/dev/null || failed=1; \
	phpcs -q --standard=.phpcs.xml components/files tests/php || failed=1; \
	echo "lint shell scripts"; grep -rlIE '^#!.*\b(ba)?sh\b' .ci components local tests | xargs shellcheck --external-sources || failed=1; \
	exit $$failed

.PHONY: fmt
fmt: ## Format the Go sources
	@lines=$$(local/tools env lint); eval "$$lines"; gofumpt -w .

.PHONY: vuln
vuln: ## List known vulnerabilities in what the program calls (asks Go's vulnerability database)
	@lines=$$(local/tools env lint); eval "$$lines"; govulncheck ./...

.PHONY: verify
verify: ## Check every module in the module cache against its go.sum
	@for module in $(modules) local/toolchain/*/ tests/internal/storage/versitygw; do [[ ! -e $$module/go.sum ]] || (cd $$module && echo "$$module: $$(go mod verify)"); done

.PHONY: docs
docs: ## Write the tables of settings, profiles and connections, the drawing of the resource tree, and the schema for other languages
	@go generate ./...

.PHONY: bench
bench: ## Measure the default stack beside the recipe, on a cluster of its own, and write docs/benchmarks.md: make bench [ARGS=--help]
	@local/packages up test; lines=$$(local/tools env); eval "$$lines"; local/on-cluster bench go run ./tests/bench $(ARGS)

.PHONY: packages
packages: ## Install the missing Debian packages
	@local/packages up

.PHONY: program
program: ## Compile the program for a machine too small to compile it, and print the folder to copy there: make program [ARCH=amd64]
	@local/program $(ARCH)

.PHONY: dist
dist: ## Build a release for amd64 and arm64 with checksums and SBOMs, and print the folder: wiki, the plugin, the program
	@local/dist

.PHONY: toolchain
toolchain: ## Build the tools that are missing
	@local/tools build up wiki

.PHONY: clean
clean: ## Delete the caches: tools, images and the compiled program. Clusters and wikis stay
	@rm -rf "$${XDG_CACHE_HOME:-$$HOME/.cache}/mediawiki-stack"

.PHONY: help
help: ## Show this help
	@awk 'BEGIN { FS = ":.*## "; print "make TARGET [STACK=$(STACK)] [CLUSTER=$(CLUSTER)]" } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' Makefile
