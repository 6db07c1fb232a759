# The two commands of the README do everything, set-up included: make demo, make test.
PREFIX ?= /usr/local
ARGS ?=
RELEASE = .ci/release

.PHONY: demo test fire build check frames lint format bench soak fuzz sanitize install clean

demo: ## a live mesh of real Envoys on this machine, and the dashboard on it; ARGS="--simulate" needs no Envoy
	@.ci/setup demo
	@$(RELEASE) --product gameday
	@LC_ALL=$${LC_ALL:-$${LC_CTYPE:-$${LANG:-C.UTF-8}}} .build/release/gameday demo $(ARGS)

test: ## every test, against real components
	@.ci/setup test
	@.ci/test $(ARGS)

fire: ## every process struck in every way at every step; ARGS="Envoy is killed" chooses by words
	@.ci/setup test
	@GAMEDAY_FIRE="$(or $(ARGS),all)" .ci/test --filter FireTests

build: ## a debug build
	@.ci/setup build
	@swift build

check: lint ## the house rules: format, lint, and imports that match Package.swift
	@.ci/setup build
	@swift build --build-tests --explicit-target-dependency-import-check error

frames: ## rewrites the golden frames; git diff is the review
	@GAMEDAY_UPDATE_FRAMES=1 .ci/test --filter 'DashboardTests|EndToEndTests|TerminalCanvasTests'

lint: ## format, house rules, and the words that people read
	@.ci/setup lint
	@.ci/lint

format:
	@swift format --in-place --recursive --parallel Sources Tests Package.swift

bench: ## every figure of `gameday help house`
	@.ci/setup bench
	@$(RELEASE) --product gameday
	@$(RELEASE) --product gameday-bench
	@.build/release/gameday-bench $(ARGS)

soak: ## ten minutes of faults and runs: does anything grow? ARGS="--minutes 120" for two hours
	@.ci/setup test
	@$(RELEASE) --product gameday
	@$(RELEASE) --product gameday-bench
	@GAMEDAY_PYTHON=$${GAMEDAY_PYTHON-$(CURDIR)/.tools/venv/bin/python} .build/release/gameday-bench soak $(ARGS)

fuzz: ## ten million made up inputs for each decoder; ARGS="--seconds 60 regex json" for a minute each of some
	@.ci/setup build
	@.ci/fuzz $(ARGS)

sanitize: ## the tests under the address and the thread sanitizer; ARGS="thread ControlPlaneTests" for some
	@.ci/setup test
	@.ci/sanitize $(ARGS)

install: ## gameday, its themes, recordings, manual pages and completions under PREFIX
	@.ci/setup build
	@$(RELEASE) --product gameday
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/gameday/themes $(DESTDIR)$(PREFIX)/share/gameday/recordings
	install -s -m 755 .build/release/gameday $(DESTDIR)$(PREFIX)/bin/gameday
	install -m 644 themes/* $(DESTDIR)$(PREFIX)/share/gameday/themes/
	find recordings -type f -exec install -m 644 {} $(DESTDIR)$(PREFIX)/share/gameday/recordings/ \;
	@set -e; for page in gameday.1 gameday-yaml.5 gameday-recording.5 gameday-api.7 gameday-experiments.7; do \
	    install -d $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}; \
	    .build/release/gameday man $${page%.*} > $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$$page; \
	done
	@set -e; for place in bash:bash-completion/completions/gameday zsh:zsh/site-functions/_gameday \
	    fish:fish/vendor_completions.d/gameday.fish; do \
	    file=$(DESTDIR)$(PREFIX)/share/$${place#*:}; install -d $$(dirname $$file); \
	    .build/release/gameday --generate-completion-script $${place%%:*} > $$file; \
	done

clean:
	@rm -rf .build .build-fuzz
