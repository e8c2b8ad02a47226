test_commands.o: tests/unit/test_commands.c tests/lib/desk.h \
 tests/lib/ward.h include/vigil/engine.h include/vigil/alert.h \
 include/vigil/care.h include/vigil/protocol.h include/vigil/assess.h \
 include/vigil/number.h include/vigil/base.h include/vigil/signal.h \
 include/vigil/unit.h include/vigil/decimal.h include/vigil/expr.h \
 include/vigil/tree.h include/vigil/reading.h include/vigil/schedule.h \
 include/vigil/command.h daemon/shell/yaml.h
tests/lib/desk.h:
tests/lib/ward.h:
include/vigil/engine.h:
include/vigil/alert.h:
include/vigil/care.h:
include/vigil/protocol.h:
include/vigil/assess.h:
include/vigil/number.h:
include/vigil/base.h:
include/vigil/signal.h:
include/vigil/unit.h:
include/vigil/decimal.h:
include/vigil/expr.h:
include/vigil/tree.h:
include/vigil/reading.h:
include/vigil/schedule.h:
include/vigil/command.h:
daemon/shell/yaml.h:
