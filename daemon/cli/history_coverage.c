#include "cli/history.h"
int vg_history_coverage(const struct vg_history_ask *ask, struct vg_reader *reader)
{
    (void)ask;
    (void)reader;
    (void)fputs("vigil history: --coverage is not there yet\n", stderr);
    return VG_EXIT_CANNOT;
}
