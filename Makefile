# vigil: see README.md. `make help` lists the targets.

BUILD  ?= build
CC     ?= gcc
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
STATEDIR ?= /var/lib/vigil
VERSION := 0.1.0

comma := ,
ifneq ($(SAN),)
  override BUILD := $(BUILD)-$(subst $(comma),-,$(SAN))
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wdouble-promotion \
  -Wfloat-equal -Wformat=2 -Wundef -Wcast-qual -Wcast-align -Wpointer-arith -Wwrite-strings \
  -Wstrict-prototypes -Wold-style-definition -Wmissing-prototypes -Wredundant-decls -Wvla \
  -Walloca -Wnull-dereference -Wswitch-enum -Wimplicit-fallthrough -Wunused-macros -Wdate-time \
  -Wframe-larger-than=16384
ifneq ($(findstring clang,$(shell $(CC) --version 2>/dev/null | head -n 1)),)
  WARN += -Wcomma -Wassign-enum -Wthread-safety
else
  WARN += -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wformat-signedness \
    -Wjump-misses-init -Wcast-align=strict -Warith-conversion -Wstack-usage=16384
endif
ifeq ($(SAN),)
  OPT := -O2 -g -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=3
else
  OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SAN) -fno-sanitize-recover=all
  SANLD := -fsanitize=$(SAN)
endif
ARCHFLAGS := $(if $(filter x86_64,$(shell uname -m)),-fcf-protection)
WERROR ?= -Werror

PKGS    := libuv sqlite3 libcjson yaml-0.1 libmicrohttpd libcrypto nettle libzstd zlib libargon2 gnutls
CFLAGS_ALL = -std=c11 $(WARN) $(WERROR) $(OPT) $(ARCHFLAGS) -fno-common -fPIE -fvisibility=hidden \
  -ffile-prefix-map=$(CURDIR)=. -DVG_VERSION='"$(VERSION)"' -Iinclude -Idaemon $(CFLAGS)
# libcurl is loaded when a channel needs it (daemon/shell/curl_library.c), by the name that linking with it would have given.
CURL_SONAME := $(shell LC_ALL=C readelf -d "$$(pkg-config --variable=libdir libcurl)/libcurl.so" 2>/dev/null | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
SHELL_FLAGS := -D_GNU_SOURCE $(shell pkg-config --cflags $(PKGS) libcurl 2>/dev/null) -DVG_CURL_SONAME='"$(or $(CURL_SONAME),libcurl.so.4)"'
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code $(SANLD) $(LDFLAGS)
# Paho's static archive: in it functions can be stood in for (daemon/shell/mqtt_stand_ins.c and mqtt_ahead.c say which and why).
PAHO := -Wl,--wrap=MQTTProtocol_startPublish,--wrap=StackTrace_entry,--wrap=StackTrace_exit \
  -Wl,--wrap=recv,--wrap=poll,--wrap=Socket_new,--wrap=Socket_close,--wrap=Socket_getReadySocket \
  -Wl,-u,__wrap_recv,-u,__wrap_StackTrace_entry -l:libpaho-mqtt3as.a -lssl -lcrypto
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) $(PAHO) -lpthread -lm

CORE  := $(sort $(wildcard daemon/core/*.c daemon/core/assess/*.c))
WIRE  := $(sort $(wildcard daemon/wire/*.c))
SHELL_SRC := $(sort $(wildcard daemon/shell/*.c))
CLI   := $(sort $(wildcard daemon/cli/*.c))
UNIT  := $(sort $(wildcard tests/unit/test_*.c))

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))

.PHONY: all help contrib run test sim units tsan-units lint lint-deps format bench bench-report ledger coverage mutation seeded soak exact install uninstall deb deb-test clean FORCE
all: $(BUILD)/vigild $(BUILD)/vigil ## build the daemon and the tool

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# Everything is rebuilt when the compile line changes.
$(BUILD)/flags: FORCE
	@mkdir -p $(BUILD)
	@echo '$(CC) $(CFLAGS_ALL) $(SHELL_FLAGS) $(LDFLAGS_ALL)' | cmp -s - $@ || \
	  echo '$(CC) $(CFLAGS_ALL) $(SHELL_FLAGS) $(LDFLAGS_ALL)' > $@

$(BUILD)/daemon/core/%.o $(BUILD)/daemon/wire/%.o: EXTRA :=
$(BUILD)/daemon/shell/%.o $(BUILD)/daemon/cli/%.o $(BUILD)/daemon/main.o: EXTRA := $(SHELL_FLAGS)
$(BUILD)/daemon/wire/%.o: EXTRA := $(shell pkg-config --cflags libcjson 2>/dev/null)
$(BUILD)/tests/%.o: EXTRA := $(SHELL_FLAGS) -Itests

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) $(EXTRA) -MMD -MP -c $< -o $@

$(BUILD)/core.a: $(call obj,$(CORE))
$(BUILD)/wire.a: $(call obj,$(WIRE))
$(BUILD)/shell.a: $(call obj,$(SHELL_SRC)) $(BUILD)/board.o
$(BUILD)/%.a:
	@rm -f $@
	@ar rcs $@ $^

# The ward board's files, put into the program; made again when one comes, goes or changes.
BOARD := $(sort $(shell find daemon/board -type f 2>/dev/null))
$(BUILD)/board.list: FORCE
	@mkdir -p $(BUILD)
	@echo '$(BOARD) $(BOARD_MORE)' | cmp -s - $@ || echo '$(BOARD) $(BOARD_MORE)' > $@
$(BUILD)/board.c: daemon/shell/board.sh $(BUILD)/board.list $(BOARD) config/openapi.yaml
	@daemon/shell/board.sh $@ daemon/board /api/v1/openapi.yaml=config/openapi.yaml $(BOARD_MORE)
$(BUILD)/board.o: $(BUILD)/board.c daemon/shell/board.h $(BUILD)/flags
	@echo "  CC $<"
	@$(CC) $(CFLAGS_ALL) -c $< -o $@

ARCHIVES = $(BUILD)/shell.a $(BUILD)/wire.a $(BUILD)/core.a

$(BUILD)/vigild: $(BUILD)/daemon/main.o $(ARCHIVES)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -o $@
$(BUILD)/vigil: $(call obj,$(CLI)) $(ARCHIVES)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) $^ $(LIBS) -o $@

# What fails on purpose stands in front of the C library: in the sweeps only.
FAIL := $(wildcard tests/lib/fail*.c)
$(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_sweep_*.c)): $(call obj,$(FAIL))
WRAP_test_sweep_protocol := -Wl,--wrap=vg_arena_take,--wrap=vg_arena_text
$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(call obj,$(filter-out $(FAIL),$(wildcard tests/lib/*.c))) $(ARCHIVES)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) $(WRAP_$(@F)) $^ $(ARCHIVES) -lcmocka $(LIBS) -o $@

# Programs that the tests from outside drive.
OUTSIDE := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/outside/*.c))
$(BUILD)/tests/outside/%: $(BUILD)/tests/outside/%.o $(call obj,$(filter-out $(FAIL),$(wildcard tests/lib/*.c))) $(ARCHIVES)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) $^ -lcmocka $(LIBS) -o $@

# Samples for those who build gateways.
contrib: $(BUILD)/contrib/gateways/minimal_gateway ## the sample gateway in C
$(BUILD)/contrib/%.o: EXTRA := -D_GNU_SOURCE $(shell pkg-config --cflags libcjson 2>/dev/null)
$(BUILD)/contrib/gateways/minimal_gateway: $(call obj,$(wildcard contrib/gateways/*.c))
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) $^ $(shell pkg-config --libs libcjson 2>/dev/null) -lpaho-mqtt3cs -o $@

run: ## the whole thing on this machine: broker, daemon, a ward of real recordings
	@contrib/install-deps run
	@$(MAKE) --no-print-directory all
	@contrib/run-ward

UNITS := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(UNIT))
# Which unit tests run again under sanitizers: the address one takes all of them.
TSAN  := live wake inbox inbox_rest journal store store_sqlite
units: $(UNITS) $(OUTSIDE) $(BUILD)/tests/bench/history $(BUILD)/tests/bench/history_pace
tsan-units: $(foreach t,$(TSAN),$(BUILD)/tests/unit/test_$(t))

# The dice of what gives a verdict on a commit: always the same. Campaigns (tests/campaigns.mk) roll new ones.
test coverage: export VIGIL_SEED ?= 20261129
test coverage: export PYTHONHASHSEED ?= 0
test: ## everything a newcomer should see pass; closes with "N passed, N failed"
	@contrib/install-deps test
	@$(MAKE) --no-print-directory -j2 all units $(BUILD)/tests/sim/sim
	@$(MAKE) --no-print-directory -j2 SAN=address,undefined units fuzz-replays
	@$(MAKE) --no-print-directory -j2 SAN=thread tsan-units
	@tests/run $(BUILD)

lint: lint-deps $(BUILD)/core.a ## layers, symbols, format, man pages, clang-tidy, cppcheck
	@tests/lint/layers.sh $(BUILD)
	@tests/lint/test_layers.sh $(BUILD)
	@tests/lint/test_threats.sh
	@tests/faults --check
	@clang-format --dry-run --Werror $(ALLSRC)
	@mandoc -T lint -W style contrib/man/*.[1-8]
	@groff -man -t -ww -z contrib/man/*.[1-8]
	@cppcheck --quiet --enable=warning,performance,portability --std=c11 --inline-suppr \
	  --error-exitcode=1 --suppress=missingIncludeSystem --suppress=varFuncNullUB -Iinclude -Idaemon daemon contrib
	@clang-tidy --quiet $(CORE) $(WIRE) -- -std=c11 -Iinclude -Idaemon $(shell pkg-config --cflags libcjson)
	@clang-tidy --quiet $(SHELL_SRC) $(CLI) daemon/main.c -- -std=c11 -Iinclude -Idaemon \
	  -DVG_VERSION='"$(VERSION)"' $(SHELL_FLAGS)
	@clang-tidy --quiet $(wildcard contrib/gateways/*.c) -- -std=c11 $(SHELL_FLAGS)

lint-deps:
	@contrib/install-deps lint

ALLSRC = $(shell find daemon include tests contrib -name '*.[ch]')
format: ## lay the sources out
	@clang-format -i $(ALLSRC)

$(BUILD)/tests/bench/history: $(BUILD)/tests/bench/history_ask.o
$(BUILD)/tests/bench/cost $(BUILD)/tests/bench/history $(BUILD)/tests/bench/history_pace: %: %.o $(ARCHIVES)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) $^ $(ARCHIVES) $(LIBS) -o $@

bench: ## beside the broker, a do-nothing counter, Python and Node-RED: an hour; PARTS=rate,storm takes those again
	@contrib/install-deps bench
	@$(MAKE) --no-print-directory all $(BUILD)/tests/bench/cost $(BUILD)/tests/bench/history $(BUILD)/tests/bench/history_pace
	@python3 tests/bench/run.py --build $(BUILD) $(if $(PARTS),--parts $(PARTS))
bench-report: ## contrib/bench/REPORT.md and its plot, from the last `make bench`
	@python3 tests/bench/report.py --results $(BUILD)/bench.json --to contrib/bench

include tests/campaigns.mk

SERVICES := vigild.service vigil-watch.service
MANPAGES := $(notdir $(wildcard contrib/man/*.[1-8]))
PROTOCOLS := $(notdir $(wildcard config/protocols/*.yaml))
EXAMPLES := contrib/mosquitto contrib/prometheus contrib/grafana contrib/gateways contrib/hl7-bridge
install: all ## DESTDIR, PREFIX, SYSCONFDIR, UNITDIR and STATEDIR are respected; settings and protocols that are there stay
	install -D -m 755 $(BUILD)/vigild $(DESTDIR)$(PREFIX)/sbin/vigild
	install -D -m 755 $(BUILD)/vigil $(DESTDIR)$(PREFIX)/bin/vigil
	install -d $(DESTDIR)$(SYSCONFDIR)/vigil/protocols
	[ -e $(DESTDIR)$(SYSCONFDIR)/vigil/vigild.yaml ] || \
	  sed 's|path: \.\./vigil\.db|path: $(STATEDIR)/vigil.db|' config/vigild.yaml >$(DESTDIR)$(SYSCONFDIR)/vigil/vigild.yaml
	for file in $(PROTOCOLS); do \
	  [ -e $(DESTDIR)$(SYSCONFDIR)/vigil/protocols/$$file ] || \
	    install -m 644 config/protocols/$$file $(DESTDIR)$(SYSCONFDIR)/vigil/protocols || exit 1; \
	done
	for page in $(MANPAGES); do \
	  install -D -m 644 contrib/man/$$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$$page || exit 1; \
	done
	install -d $(DESTDIR)$(PREFIX)/share/vigil/schemas
	install -m 644 config/schemas/*.json $(DESTDIR)$(PREFIX)/share/vigil/schemas
	install -d $(DESTDIR)$(PREFIX)/share/doc/vigil/examples
	install -m 644 README.md config/*.md $(DESTDIR)$(PREFIX)/share/doc/vigil
	cp -r --preserve=mode $(EXAMPLES) config/mosquitto.conf config/openapi.yaml $(DESTDIR)$(PREFIX)/share/doc/vigil/examples
	find $(DESTDIR)$(PREFIX)/share/doc/vigil -name __pycache__ -prune -exec rm -r {} +
	install -D -m 644 contrib/completions/vigil.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/vigil
	install -D -m 644 contrib/completions/_vigil $(DESTDIR)$(ZSHDIR)/_vigil
	install -d $(DESTDIR)$(UNITDIR)
	for unit in $(SERVICES); do \
	  sed 's|/usr/local/|$(PREFIX)/|g; s|/etc/vigil/|$(SYSCONFDIR)/vigil/|g; s|=/var/lib/vigil$$|=$(STATEDIR)|' contrib/$$unit \
	    >$(DESTDIR)$(UNITDIR)/$$unit && chmod 644 $(DESTDIR)$(UNITDIR)/$$unit || exit 1; \
	done

uninstall: ## settings stay
	rm -f $(DESTDIR)$(PREFIX)/sbin/vigild $(DESTDIR)$(PREFIX)/bin/vigil
	rm -f $(addprefix $(DESTDIR)$(UNITDIR)/,$(SERVICES))
	rm -f $(foreach p,$(MANPAGES),$(DESTDIR)$(PREFIX)/share/man/man$(patsubst .%,%,$(suffix $(p)))/$(p))
	rm -rf $(DESTDIR)$(PREFIX)/share/vigil/schemas $(DESTDIR)$(PREFIX)/share/doc/vigil
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/vigil $(DESTDIR)$(ZSHDIR)/_vigil

deb: ## a Debian package, BUILD/vigil_VERSION_ARCH.deb; the same sources give the same bytes
	@contrib/install-deps deb
	@$(MAKE) --no-print-directory all
	@contrib/packaging/build-deb $(BUILD) $(VERSION)

deb-test: deb ## the package in a bare Debian 12: installs, runs, alerts, goes away (as root; minutes)
	@contrib/packaging/try-deb $(BUILD)/vigil_$(VERSION)_$$(dpkg --print-architecture).deb

clean: ## remove what the build made
	rm -rf build build-*

.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
