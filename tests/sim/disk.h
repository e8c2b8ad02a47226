/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated disk, for those who stand in for the kernel and for SQLite's VFS. What a killed
 * daemon still does on it has no effect.
 */
#ifndef VIGIL_SIM_DISK_H
#define VIGIL_SIM_DISK_H

#include "sim/sim.h"

struct file;
struct file *disk_open(const char *name, bool create); /* NULL: there is none */
bool disk_exists(const char *name);
void disk_delete(const char *name, bool synced);
size_t disk_size(const struct file *file);
size_t disk_read(struct file *file, void *out, size_t length, size_t at);
void disk_write(struct file *file, const void *bytes, size_t length, size_t at);
void disk_truncate(struct file *file, size_t size);
void disk_sync(struct file *file);
void disk_sync_failed(struct file *file);
void disk_sync_names(void); /* the folder: what was made and deleted */

#endif
