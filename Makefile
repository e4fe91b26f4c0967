# Each target is one script; they install what is missing on Debian and Ubuntu, and say so.
.PHONY: help run build docker test check fmt demo bench

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: ## Build everything and start Mission Control with one agent on this machine
	@scripts/run.sh

build: ## Build the page and the three programs
	@scripts/build.sh

docker: ## Build the container images of the three programs
	@scripts/docker.sh

test: ## Run every test
	@scripts/test.sh

check: ## Run the quick checks: format, lints, types, dependencies
	@scripts/check.sh

fmt: ## Format everything
	@scripts/fmt.sh

demo: ## Start a server with a dozen lively agents to look at
	@scripts/demo.sh

bench: ## Measure: agents held, reconnects, latencies, footprints
	@scripts/bench.sh
