/* SPDX-License-Identifier: Apache-2.0
 *
 * Recorded vital signs of real patients (contrib/recordings), read into one shape whatever
 * the publisher's. Only `vigil simulate` uses them.
 */
#ifndef VIGIL_CLI_RECORDING_H
#define VIGIL_CLI_RECORDING_H

#include "vigil/decimal.h"

/* One recorded value, ready for a message. The three texts are constants. */
struct vg_sample {
    vg_ms offset;       /* since the first sample of the recording */
    const char *code;   /* short name of the signal */
    const char *unit;   /* UCUM; NULL: a score, which has none */
    const char *source; /* as charted: nobody recorded a continuous signal here */
    char value[VG_DECIMAL_TEXT];
};

/* Samples by rising offset. Owns the array. */
struct vg_recording {
    unsigned age; /* whole years; 0: not recorded */
    size_t count, capacity;
    struct vg_sample *sample;
};

/* The three layouts, told apart by the ending of the file's name. */
enum vg_layout {
    VG_LAYOUT_MIMIC,    /* .csv: t_min,stored_min,param,value,unit,itemid,error */
    VG_LAYOUT_CINC2019, /* .psv: a line an hour, a column a signal, NaN for none */
    VG_LAYOUT_CINC2012  /* .txt: HH:MM,Parameter,Value, -1 for unknown */
};

/* Cuts up `text` (terminated) in place. What is no number, marked as an error or of no
 * known signal is skipped. VG_OK, VG_NO_MEMORY, or VG_REFUSED: nothing usable in it. */
enum vg_status vg_recording_parse(enum vg_layout layout, char *text,
                                  struct vg_recording *out);
void vg_recording_finish(struct vg_recording *recording);

/* All recordings of a folder, by name; other files are passed over. Owns the array. */
struct vg_recordings {
    size_t count;
    struct vg_recording *recording;
};

/* VG_OK, VG_NO_MEMORY, VG_ABSENT (none there) or VG_FAILED; with a sentence. */
enum vg_status vg_recordings_load(const char *folder, struct vg_recordings *out,
                                  struct vg_error *error);
void vg_recordings_finish(struct vg_recordings *recordings);

#endif
