/* SPDX-License-Identifier: Apache-2.0
 *
 * The patient of a test: their admission and their infusion. See rule_test.h.
 */
#include <string.h>

#include "cli/rule_test_inside.h"

/* NULL: each is a number, with or without a unit; else the first that is none. */
static const struct vg_node *put_limits(struct vg_buffer *b, const struct vg_node *test,
                                        const char *key)
{
    const struct vg_node *map = vg_node_get(test, key);

    if (map == NULL || map->kind != VG_NODE_MAP) {
        return NULL;
    }
    vg_put_raw(b, ",\"");
    vg_put_raw(b, key);
    vg_put_raw(b, "\":{");
    for (const struct vg_node *n = map->first; n != NULL; n = n->next) {
        struct vg_decimal number;
        if (n->text == NULL ||
            vg_decimal_parse(n->text, strcspn(n->text, " "), &number) != VG_OK) {
            return n;
        }
        vg_put_raw(b, n == map->first ? "" : ",");
        vg_put_string(b, n->key);
        vg_put_raw(b, ":");
        vg_put_decimal(b, number);
    }
    vg_put_raw(b, "}");
    return NULL;
}

static void put_word(struct vg_buffer *b, const struct vg_node *test, const char *key)
{
    const char *text = vg_test_scalar(test, key);

    if (text != NULL) {
        vg_put_raw(b, ",\"");
        vg_put_raw(b, key);
        vg_put_raw(b, "\":");
        vg_put_string(b, text);
    }
}

static bool infusion_is(const struct vg_node *test, const char *word)
{
    const char *infusion = vg_test_scalar(test, "infusion");

    return infusion != NULL && strcmp(infusion, word) == 0;
}

/* `odd` becomes what is written in no form, or NULL. */
static bool put_admission(const struct vg_protocol *protocol,
                          const struct vg_node *test, struct vg_instant first,
                          struct vg_given_list *out, const struct vg_node **odd)
{
    const char *age = vg_test_scalar(test, "age");
    const char *product = vg_test_scalar(test, "product");
    const struct vg_instant at = vg_after(first, -VG_MINUTE);
    struct vg_buffer b = {0};

    if (product == NULL && protocol->product_count > 0) {
        product = vg_product_text(protocol->product[0]);
    }
    vg_put_raw(&b, "{\"by\":\"test\",\"do\":\"admit\",\"patient\":\"test\",\"ts\":");
    vg_put_time(&b, at);
    vg_put_raw(&b, ",\"protocol\":");
    vg_put_string(&b, protocol->name);
    vg_put_raw(&b, ",\"product\":");
    vg_put_string(&b, product != NULL ? product : "car_t");
    if (age == NULL || strcmp(age, "unknown") != 0) {
        vg_put_raw(&b, ",\"age\":");
        vg_put_raw(&b, age != NULL ? age : "55");
    }
    if (infusion_is(test, "planned")) {
        vg_put_raw(&b, ",\"infusion_planned\":");
        vg_put_time(&b, vg_test_t0);
    }
    put_word(&b, test, "setting");
    put_word(&b, test, "target");
    *odd = put_limits(&b, test, "baseline");
    *odd = *odd == NULL ? put_limits(&b, test, "uln") : *odd;
    vg_put_raw(&b, "}");
    const bool good = *odd == NULL && vg_given_add(out, at, VG_TEST_BED "episode", &b);
    vg_buffer_finish(&b);
    return good;
}

/* The first from 0s to 30m; with "infusion: none", or "planned" for 0s, none is charted. */
static bool put_infusion(const struct vg_node *test, struct vg_given_list *out)
{
    static const struct {
        const char *value;
        vg_ms at;
    } moments[] = {{"start", 0}, {"end", 30 * VG_MINUTE}};
    const bool charted = !infusion_is(test, "none") && !infusion_is(test, "planned");
    struct vg_buffer b = {0};
    bool good = true;

    for (size_t i = 0; good && charted && i < 2; i++) {
        const struct vg_instant at = vg_after(vg_test_t0, moments[i].at);
        vg_buffer_clear(&b);
        vg_put_raw(&b, "{\"gateway\":\"test\",\"patient\":\"test\",\"ts\":");
        vg_put_time(&b, at);
        vg_put_raw(&b, ",\"obs\":[{\"code\":\"infusion\",\"value\":");
        vg_put_string(&b, moments[i].value);
        vg_put_raw(&b, "}]}");
        good = vg_given_add(out, at, VG_TEST_BED "therapy", &b);
    }
    vg_buffer_finish(&b);
    return good;
}

bool vg_test_patient(const struct vg_protocol *protocol, const struct vg_node *test,
                     const char *path, FILE *report, struct vg_instant first,
                     struct vg_given_list *out)
{
    const struct vg_node *odd = NULL;
    const bool good = put_admission(protocol, test, first, out, &odd);

    if (odd != NULL) {
        return vg_test_complain(report, path, odd, "this must be a number");
    }
    return good && put_infusion(test, out);
}
