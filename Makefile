# qwguard: build, test, install. `make help` lists what can be asked for.
#
# Sources are found by folder: a new .c under src/, a new test under tests/ or a new profile
# under profiles/ needs no line here. Everything made lies below build/.
#
# Variables: CC CFLAGS CPPFLAGS LDFLAGS PREFIX DESTDIR as usual;
#   V=1 shows the commands, WERROR=1 makes warnings errors, SANITIZE=1 builds with ASan and UBSan
#   in build/sanitize/, SETUP=0 forbids to install packages, ONLY=pattern picks tests by name.

VERSION  := 0.1.0
PLATFORM ?= linux
BUILD    := build
ABS       = $(abspath $(BUILD))
PREFIX   ?= /usr/local
CFLAGS   ?= -O2 -g

SHELL := /bin/sh
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

ifeq ($(origin CC),default)
CC := $(shell command -v gcc >/dev/null 2>&1 && echo gcc || echo cc)
endif
# Debian's own python3 sees Debian's python3-* packages, whatever else is first in PATH.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
PKG_CONFIG ?= pkg-config

# --- flags ---------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wvla
# _FORTIFY_SOURCE needs an optimising compiler (glibc warns otherwise) and gets in ASan's way.
FORTIFY  := $(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDEN_C := $(FORTIFY) -fstack-protector-strong -fPIE
HARDEN_L := -pie -Wl,-z,relro,-z,now
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

ifeq ($(SANITIZE),1)
OUT    := $(BUILD)/sanitize
MODE_C := $(SANITIZERS)
MODE_L := $(SANITIZERS)
else
OUT    := $(BUILD)
MODE_C := $(HARDEN_C)
MODE_L := $(HARDEN_L)
endif
ifeq ($(WERROR),1)
# A folder of its own, so that going to and fro between `make` and `make check` compiles nothing.
OBJ     := $(OUT)/obj-werror
MODE_C  += -Werror
else
OBJ     := $(OUT)/obj
endif

# Libraries: asked of pkg-config, else the plain names.
pkg = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null || echo $(3))
LIB_CFLAGS := $(call pkg,--cflags,yaml-0.1,) $(call pkg,--cflags,jansson,)
LIBS       := $(call pkg,--libs,yaml-0.1,-lyaml) $(call pkg,--libs,jansson,-ljansson) \
              $(call pkg,--libs,zlib,-lz) -ldl -lm

# The program that asks a running engine has a library of its own; without it, it is left out and
# `qwguard verify` says so.
WS_LIBS := $(shell $(PKG_CONFIG) --libs libwebsockets 2>/dev/null)

ALL_CPPFLAGS = -Isrc -D_GNU_SOURCE $(LIB_CFLAGS) $(CPPFLAGS)
ALL_CFLAGS   = -std=c11 $(WARNINGS) $(CFLAGS) $(MODE_C)
ALL_LDFLAGS  = $(MODE_L) $(LDFLAGS)
COMPILE      = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP
LINK         = $(CC) $(ALL_LDFLAGS) -o $@
# Test programs and fake libraries also find tests/lib/ and the data of the checkout.
TEST_CPPFLAGS := -Itests/lib -DQWGUARD_SRC_DIR='"$(CURDIR)"'

# --- what is there -------------------------------------------------------------------------------

OTHER_OS := $(filter-out $(PLATFORM),linux windows unsupported)
SOURCES  := $(shell find src -name '*.c' ! -path src/main.c ! -path 'src/helper/*' \
              $(foreach os,$(OTHER_OS),! -path 'src/*/$(os)/*') 2>/dev/null | LC_ALL=C sort)
PROFILES := $(shell find profiles -name '*.yaml' 2>/dev/null | LC_ALL=C sort)
OBJECTS  := $(SOURCES:%.c=$(OBJ)/%.o) $(OBJ)/gen/embedded.o
ARCHIVE  := $(OBJ)/libqwguard.a
PROGRAMS := $(OUT)/qwguard $(if $(WS_LIBS),$(OUT)/qwguard-verify)

UNIT_SOURCES := $(shell find tests/unit -name 'test_*.c' 2>/dev/null | LC_ALL=C sort)
UNIT_BINS    := $(UNIT_SOURCES:tests/unit/%.c=$(OUT)/unit/%)
TEST_LIB     := $(patsubst %.c,$(OBJ)/%.o,$(wildcard tests/lib/*.c))
HELPERS      := $(foreach d,cli fault e2e,$(wildcard tests/$(d)/*.c))
HELPER_BINS  := $(addprefix $(BUILD)/tests/,$(basename $(notdir $(HELPERS))))
FAKE_LIBS    := $(patsubst tests/fault/libs/%.c,$(BUILD)/tests/libs/%/libEGL.so.1,\
                  $(wildcard tests/fault/libs/*.c)) \
                $(patsubst tests/fault/vulkan/%.c,$(BUILD)/tests/vulkan/%/libvulkan.so.1,\
                  $(wildcard tests/fault/vulkan/*.c))
# What a faked machine is made of, each under the name that its loader looks for.
FAKE_MACHINE := $(patsubst tests/e2e/machine/%.c,$(BUILD)/tests/machine/%,\
                  $(wildcard tests/e2e/machine/*.c))
WEBAPP_MAKE  := $(firstword $(notdir $(wildcard tests/e2e/webapp/Makefile \
                  tests/e2e/webapp/build.mk)))

# A sub-make that uses all processors unless the user chose a number, and says nothing of itself.
JOBS     = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))
SUBMAKE  = $(MAKE) --no-print-directory $(JOBS)
SET_UP   = SETUP='$(SETUP)' CC='$(CC)' tests/tools/setup.sh
TEST_ENV = QWGUARD='$(ABS)/qwguard' QWGUARD_BUILD_DIR='$(ABS)' \
           QWGUARD_SRC_DIR='$(CURDIR)' CC='$(CC)' PYTHON='$(PYTHON)' V='$(V)'
RUN_TESTS = $(TEST_ENV) $(PYTHON) tests/run.py --build '$(ABS)' --only '$(ONLY)'

# One step of the build: $(1) and $(2) are shown (not with CALM=1), $(3) is the command.
Q := $(if $(filter 1,$(V)),,@)
define step
$(if $(Q),$(if $(CALM),@:,@printf '  %-5s %s\n' '$(1)' '$(2)'))
$(Q)mkdir -p $(@D)
$(Q)$(3)
endef

# Writes $(1) to the target, and touches it only when that changes something.
define write_if_changed
@mkdir -p $(@D)
@printf '%s\n' $(1) | cmp -s - $@ || printf '%s\n' $(1) > $@
endef
comma := ,
quoted = '$(subst ','\'',$(1))'

# --- what can be asked for -----------------------------------------------------------------------

.PHONY: all build setup check check-all unit lint layers bench bench-guard soak demo check-vm install \
        uninstall clean help

## all: build build/qwguard, the release (what plain `make` does; installs nothing)
all:
	@$(SET_UP) --tell build
	+@$(SUBMAKE) build

build: $(PROGRAMS)
	@:

## setup: install the packages that the build needs (apt)
setup:
	@$(SET_UP) build

## check: install what the tests need, build, run every test; ends with the count
check:
	@$(SET_UP) check
	@SETUP='$(SETUP)' tests/tools/axe.sh '$(ABS)/node'
	+@{ echo 'building' && $(SUBMAKE) WERROR=1 SANITIZE=0 CALM=1 \
	    build unit-programs helpers webapp && \
	  echo 'building with sanitizers' && $(SUBMAKE) WERROR=1 SANITIZE=1 CALM=1 \
	    unit-programs; } || \
	  { echo 'the build failed'; echo '0 passed, 1 failed, 0 skipped'; exit 1; }
	@$(RUN_TESTS) lint layers unit sanitize cli fault e2e

## check-all: check, and the lists in engine libraries of more releases and architectures
check-all:
	+@QWGUARD_TEST_ALL=1 $(MAKE) --no-print-directory check

## unit: build and run the unit tests alone (with SANITIZE=1: under ASan and UBSan)
unit:
	+@$(SUBMAKE) unit-programs
	@$(RUN_TESTS) $(if $(filter 1,$(SANITIZE)),sanitize,unit)

## lint: lengths, banned calls, format, headers that compile alone, comments of prototypes
lint:
	@CC='$(CC)' $(PYTHON) tests/tools/lint.py

## layers: which room may include what; where the operating system may be touched
layers:
	@$(PYTHON) tests/tools/layers.py

## bench: build, then run every measurement in tests/bench/
bench: all
	+@$(SUBMAKE) helpers webapp
	@found=0; for f in tests/bench/*.py tests/bench/*.sh; do [ -x "$$f" ] || continue; \
	  found=1; echo "== $$f"; $(TEST_ENV) "$$f" || exit 1; done; \
	  [ $$found = 1 ] || { echo 'no measurement in tests/bench/' >&2; exit 1; }

## bench-guard: build, then measure the guard alone, beside its peers, and what it costs an app
bench-guard: build helpers webapp
	@for f in guard peers slow-down; do $(TEST_ENV) tests/bench/bench-$$f.py || exit 1; done

## check-vm: the tests that need systemd and control groups v2, in a virtual machine (tests/vm/)
check-vm: build helpers
	@V='$(V)' ONLY='$(ONLY)' tests/vm/boot.sh '$(ABS)'

## soak: guard misbehaving apps chosen at random for SOAK_S seconds (600)
soak: build helpers
	@$(TEST_ENV) tests/fault/soak.py

## demo: install what it needs, build, show the main job on a real engine
demo:
	@$(SET_UP) demo
	@echo 'building'
	+@$(SUBMAKE) CALM=1 build webapp
	@$(TEST_ENV) tests/e2e/demo.sh

## install: put program, profiles and documents below DESTDIR and PREFIX
install: build
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/doc/qwguard'
	install -m 755 $(BUILD)/qwguard '$(DESTDIR)$(PREFIX)/bin/qwguard'
	for f in $(filter-out %/qwguard,$(PROGRAMS)); do install -D -m 755 "$$f" \
	  '$(DESTDIR)$(PREFIX)/libexec/qwguard/'"$${f##*/}" || exit 1; done
	install -m 644 README.md LICENSE '$(DESTDIR)$(PREFIX)/share/doc/qwguard'
	install -d '$(DESTDIR)$(PREFIX)/lib/systemd/system' '$(DESTDIR)$(PREFIX)/lib/systemd/user' \
	  '$(DESTDIR)$(PREFIX)/share/doc/qwguard/debian'
	sed 's|@PREFIX@|$(PREFIX)|' packaging/qwguard-apply.service.in \
	  > '$(DESTDIR)$(PREFIX)/lib/systemd/system/qwguard-apply.service'
	sed 's|@PREFIX@|$(PREFIX)|' packaging/qwguard-apply-user.service.in \
	  > '$(DESTDIR)$(PREFIX)/lib/systemd/user/qwguard-apply.service'
	install -m 644 packaging/debian/* '$(DESTDIR)$(PREFIX)/share/doc/qwguard/debian'
	for f in $(wildcard docs/*.md docs/schema/*.json); do install -D -m 644 "$$f" \
	  '$(DESTDIR)$(PREFIX)/share/doc/qwguard/'"$$f" || exit 1; done
	for f in $(PROFILES); do install -D -m 644 "$$f" \
	  '$(DESTDIR)$(PREFIX)/share/qwguard/'"$$f" || exit 1; done

## uninstall: take away what install put there
uninstall:
	rm -f '$(DESTDIR)$(PREFIX)/bin/qwguard' \
	  '$(DESTDIR)$(PREFIX)/lib/systemd/system/qwguard-apply.service' \
	  '$(DESTDIR)$(PREFIX)/lib/systemd/user/qwguard-apply.service'
	rm -rf '$(DESTDIR)$(PREFIX)/libexec/qwguard' '$(DESTDIR)$(PREFIX)/share/qwguard/profiles' '$(DESTDIR)$(PREFIX)/share/doc/qwguard'
	-rmdir '$(DESTDIR)$(PREFIX)/share/qwguard' 2>/dev/null || :

## clean: remove build/
clean:
	rm -rf $(BUILD)

## help: this list
help:
	@sed -n 's/^## \([a-z-]*\): /\1\t/p' Makefile | expand -t 12

# --- how it is made ------------------------------------------------------------------------------

.PHONY: unit-programs helpers webapp FORCE
unit-programs: $(UNIT_BINS)
	@:
helpers: $(HELPER_BINS) $(FAKE_LIBS) $(FAKE_MACHINE)
	@:
webapp:
	$(if $(WEBAPP_MAKE),$(Q)$(MAKE) --no-print-directory $(if $(Q),-s) -C tests/e2e/webapp \
	  -f $(WEBAPP_MAKE) BUILD='$(ABS)/webapp',@:)

# Objects depend on the flags they were made with; the archive on the list of its members; the
# program on the folder it was linked from.
$(OBJ)/flags: FORCE
	$(call write_if_changed,$(call quoted,$(COMPILE) $(TEST_CPPFLAGS)))
$(OBJ)/members: FORCE
	$(call write_if_changed,$(call quoted,$(OBJECTS) $(TEST_LIB)))
$(OUT)/link: FORCE
	$(call write_if_changed,$(call quoted,$(OBJ) $(CC) $(ALL_LDFLAGS) $(WS_LIBS) $(LIBS)))

# The version lies in one object, so a commit rebuilds that one only. A tarball has no .git.
BUILD_ID := $(shell [ -e .git ] && \
              git -c safe.directory='$(CURDIR)' describe --tags --always --dirty 2>/dev/null)
VERSION_FLAGS := -DQWGUARD_VERSION='"$(VERSION)"' -DQWGUARD_PLATFORM='"$(PLATFORM)"' \
                 $(if $(BUILD_ID),-DQWGUARD_BUILD='"$(BUILD_ID)"')
$(BUILD)/gen/version: FORCE
	$(call write_if_changed,$(call quoted,$(VERSION_FLAGS)))
$(OBJ)/src/cli/version.o: EXTRA = $(VERSION_FLAGS)
$(OBJ)/src/cli/version.o: $(BUILD)/gen/version

# Every profile and rule set is part of the program, parsed by a program that runs at build time
# (base/embedded.h). HOST_CC makes programs for the machine that builds.
HOST_CC ?= $(CC)
EMBED_SOURCES := tests/tools/embed.c $(foreach f,arena err pack text yaml,src/base/$(f).c) \
                 $(wildcard src/base/*.h)
$(BUILD)/gen/profiles: FORCE
	$(call write_if_changed,$(call quoted,$(PROFILES)))
$(BUILD)/gen/embed: $(EMBED_SOURCES)
	$(call step,LINK,$@,$(HOST_CC) -std=c11 $(CFLAGS) -Isrc -D_GNU_SOURCE $(LIB_CFLAGS) \
	  -o $@ $(filter %.c,$^) $(LIBS))
$(OUT)/gen/embedded.c: $(PROFILES) $(BUILD)/gen/profiles $(BUILD)/gen/embed
	$(call step,GEN,$@,$(BUILD)/gen/embed $(PROFILES) > $@)
$(OBJ)/gen/embedded.o: $(OUT)/gen/embedded.c $(OBJ)/flags
	$(call step,CC,$<,$(COMPILE) -c -o $@ $<)

$(OBJ)/src/%.o: src/%.c $(OBJ)/flags
	$(call step,CC,$<,$(COMPILE) $(EXTRA) -c -o $@ $<)
$(OBJ)/tests/%.o: tests/%.c $(OBJ)/flags
	$(call step,CC,$<,$(COMPILE) $(TEST_CPPFLAGS) -c -o $@ $<)

$(ARCHIVE): $(OBJECTS) $(OBJ)/members
	$(call step,AR,$@,rm -f $@ && $(AR) rcs $@ $(OBJECTS))
$(OUT)/qwguard: $(OBJ)/src/main.o $(ARCHIVE) $(OUT)/link
	$(call step,LINK,$@,$(LINK) $(OBJ)/src/main.o $(ARCHIVE) $(LIBS))

$(OUT)/qwguard-%: $(OBJ)/src/helper/%.o $(ARCHIVE) $(OUT)/link
	$(call step,LINK,$@,$(LINK) $< $(ARCHIVE) $(WS_LIBS) $(LIBS))

$(OUT)/unit/%: $(OBJ)/tests/unit/%.o $(TEST_LIB) $(ARCHIVE) $(OUT)/link
	$(call step,LINK,$@,$(LINK) $< $(TEST_LIB) $(ARCHIVE) -lcmocka $(LIBS))
define helper_rule
$(BUILD)/tests/$(basename $(notdir $(1))): $(OBJ)/$(1:.c=.o) $(OUT)/link
	$$(call step,LINK,$$@,$$(LINK) $$< -ldl -lm -lpthread)
endef
$(foreach h,$(HELPERS),$(eval $(call helper_rule,$(h))))
$(BUILD)/tests/libs/%/libEGL.so.1: tests/fault/libs/%.c $(OBJ)/flags
	$(call step,LIB,$@,$(COMPILE) $(TEST_CPPFLAGS) -fPIC -shared -o $@ $< -ldl)
$(BUILD)/tests/vulkan/%/libvulkan.so.1: tests/fault/vulkan/%.c $(OBJ)/flags
	$(call step,LIB,$@,$(COMPILE) $(TEST_CPPFLAGS) -fPIC -shared -o $@ $<)
$(BUILD)/tests/machine/%: tests/e2e/machine/%.c $(OBJ)/flags
	$(call step,LIB,$@,$(COMPILE) -fPIC -shared -Wl$(comma)-soname$(comma)$* -o $@ $< -ldl)

.SECONDARY:
-include $(shell find $(OBJ) $(BUILD)/tests -name '*.d' 2>/dev/null)
