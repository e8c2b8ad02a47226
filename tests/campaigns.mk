# Campaigns: what `make test` does in short, or not at all, for as long as wanted. CONTRIBUTING.md has the table. Included by
# the Makefile of the project.

# The simulator: the real daemon over simulated clocks, loop, disk and broker; see tests/sim/README.md.
# The linker hands the daemon's file calls to the simulated disk.
SIM_WRAP := $(patsubst %,-Wl$(comma)--wrap=%,open close unlink access stat fstat fallocate flock pread pwritev)
$(BUILD)/tests/sim/sim: $(call obj,$(sort $(wildcard tests/sim/*.c))) $(ARCHIVES)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) $(SIM_WRAP) $^ $(LIBS) -o $@
SEEDS ?= 1000
sim: $(BUILD)/tests/sim/sim ## SEEDS runs of the simulator (1000), from SEED on
	@tests/sim/campaign $(BUILD) $(SEEDS) $(SEED)
.PHONY: sim-faults
sim-faults: ## each design fault of tests/sim/faults in a copy of the tree: the simulator must find it; FILE=name
	@tests/sim/try-faults $(FILE)

# A fuzzer is a file of tests/fuzz: under libFuzzer by `make fuzz`, over its corpus in the sanitizer build.
FUZZ := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 600
# One of them asks a store, which parts of the tests' library make.
FUZZ_STORE := $(call obj,$(addprefix tests/lib/,past.c random.c temp.c))
$(BUILD)/tests/fuzz/replay_query $(BUILD)/tests/fuzz/fuzz_query: $(FUZZ_STORE)
$(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay_corpus.o $(ARCHIVES)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) $(filter %.o,$^) $(ARCHIVES) -lcmocka $(LIBS) -o $@
$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(ARCHIVES)
	@echo "  LD $@"
	@$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer $(filter %.o,$^) $(ARCHIVES) -lcmocka $(LIBS) -o $@
fuzz-replays: $(FUZZ:%=$(BUILD)/tests/fuzz/replay_%)
fuzzers: $(FUZZ:%=$(BUILD)/tests/fuzz/fuzz_%)
fuzz: lint-deps all ## each fuzzer for FUZZ_SECONDS (600)
	@$(MAKE) --no-print-directory -j2 CC=clang SAN=fuzzer-no-link,address,undefined fuzzers
	@tests/fuzz/run $(BUILD)-fuzzer-no-link-address-undefined $(FUZZ_SECONDS)

ledger: all ## published = stored + set aside, over some forty kills: minutes
	@$(SEEDED) VIGIL_LEDGER_ROUNDS=$(or $(ROUNDS),15) python3 tests/outside/test_ledger.py

# Security: what the programs are made of; the trail edited 10,000 times (some minutes).
.PHONY: sbom audit-edits
sbom: all ## BUILD/vigil-VERSION.cdx.json: what the programs load, as CycloneDX; the same bytes for the same programs
	@contrib/packaging/make-sbom $(BUILD) $(VERSION) >$(BUILD)/sbom.new
	@mv $(BUILD)/sbom.new $(BUILD)/vigil-$(VERSION).cdx.json
	@echo $(BUILD)/vigil-$(VERSION).cdx.json

audit-edits: all ## 10,000 random edits of an audit trail, each of them found
	@$(SEEDED) VIGIL_AUDIT_EDITS=$(or $(EDITS),10000) python3 tests/outside/test_audit_edits.py

# What may happen to it (tests/faults.tsv) and what shows that it is borne; chaos is the long form of what `make test` does in seconds.
CHAOS ?= 10
.PHONY: faults chaos
faults: all units ## the table of faults with the results of their tests: those of `make test`, else run now
	@contrib/install-deps test
	@tests/faults --run $(BUILD)
chaos: all ## chaos CHAOS (10) times as long as in `make test`: links, partitions, disks, clocks, limits, settings; as root
	@contrib/install-deps test
	@for file in tests/outside/test_chaos_*.py; do echo "$$file"; $(SEEDED) VIGIL_CHAOS=$(CHAOS) VIGIL_SOON=1.5 build=$(BUILD) python3 $$file || bad=1; done; [ -z "$$bad" ]

# Campaigns of kills, cuts and faults (CONTRIBUTING.md has the table): short in `make test`, as long as wanted here; SEED=n repeats.
.PHONY: crash cuts power points wire
SEEDED = $(if $(SEED),VIGIL_SEED=$(SEED))
crash: all ## kill -9 of daemon, broker and gateways, KILLS of them (1000); KILL=n is one of them again
	@$(SEEDED) VIGIL_KILLS=$(or $(KILLS),1000) $(if $(KILL),VIGIL_KILL=$(KILL)) python3 tests/outside/test_crash.py
cuts: $(BUILD)/tests/unit/test_sweep_cuts $(BUILD)/tests/unit/test_sweep_cuts_old ## cuts at any write of the store, CUTS for each work (5000)
	@for test in $^; do $(SEEDED) VIGIL_CUTS=$(or $(CUTS),5000) $$test || exit 1; done
power: all ## power cuts under the daemon on an ext4 of its own, CUTS of them (200); as root
	@$(SEEDED) VIGIL_POWER_CUTS=$(or $(CUTS),200) python3 tests/outside/test_power.py
points: all $(OUTSIDE) ## each system call of each work on a store killed, without room, failing (an hour); POINTS=n of each
	@$(SEEDED) VIGIL_POINTS=$(or $(POINTS),all) python3 tests/outside/test_disk_faults.py
wire: all ## each of the first 60 sends and receives of the broker's links failing (half an hour); POINTS=n of them
	@$(SEEDED) VIGIL_POINTS=$(or $(POINTS),all) python3 tests/outside/test_net_faults.py

# Campaigns that look at the tests themselves, or take long. SEED, MUTANTS, FILE, HOURS and SCALE are theirs.
coverage: ## what the tests run, by layer: lines and branches, in a build of its own; fails below the goal
	@contrib/install-deps test
	@tests/coverage/run $(BUILD)-coverage
mutation: all units ## small wrongs in thresholds, claims, ladders and the commit: MUTANTS=n a file (40), FILE=word, SEED=n
	@python3 tests/mutation/mutate.py $(BUILD)
seeded: all units ## design faults somebody could make in good faith, each caught by a named test; FILE=word
	@python3 tests/mutation/seeded.py $(BUILD) $(FILE)
soak: all ## HOURS=n at SCALE (1.2) times the rated load, a fault a minute; slopes, and 0 lost; SEED=n
	@python3 tests/soak/soak.py --build $(BUILD) --csv $(BUILD)/soak.csv

# History
exact: $(BUILD)/tests/unit/test_store_exact ## 10 million random readings put, sealed and read back, compared: minutes
	@VIGIL_EXACT=$(or $(READINGS),10000000) $<
