/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a fuzzer over files instead of under libFuzzer: `make test` plays back each corpus with
 * it, under sanitizers, on any compiler.
 */
#include "fuzz.h"

static int one(const char *path)
{
    static uint8_t bytes[1 << 20];
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        (void)fprintf(stderr, "cannot open %s\n", path);
        return 0;
    }
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    (void)fclose(file);
    uint8_t *exact = malloc(size + 1); /* so that a read beyond the end is seen */
    if (exact == NULL) {
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
        exact[i] = bytes[i];
    }
    (void)LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 1;
}

int main(int argc, char **argv)
{
    int good = 0;

    for (int i = 1; i < argc; i++) {
        good += one(argv[i]);
    }
    (void)printf("%d inputs\n", good);
    return good == argc - 1 && good > 0 ? 0 : 1;
}
