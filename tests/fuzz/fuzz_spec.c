/* Specs: whatever the line, it is read or refused with a message that names the key; what was read can be
 * rendered and keeps its bounds.
 */
#include "task/spec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void check_spec(const struct spec *spec)
{
    struct rendering r;
    struct error err = {0};
    assert(spec->template && spec->refs == 1 && spec->size >= sizeof *spec);
    assert(spec->slots >= 1 && spec->limits_len <= SPEC_LIMITS);
    assert(spec->nice == SPEC_NICE_UNSET || (spec->nice >= -20 && spec->nice <= 19));
    assert(spec->timeout_ns >= SPEC_UNSET && spec->max_output >= SPEC_UNSET && spec->retries >= SPEC_UNSET);
    assert(spec->schedule.every_ns > 0 || (spec->schedule.times == 0 && spec->schedule.until_ns == 0));
    assert(!spec->id || spec_check_id(spec->id, NULL) == 0);
    for (const char *v = NULL; (v = words_next(&spec->env, v));)
        assert(strchr(v, '=') > v);
    if (template_render(spec->template, &spec->args, 1, 1, &r, &err) == 0) {
        assert(template_is_script(spec->template) == (r.script != NULL));
        assert(r.argv.count > 0 || !r.direct);
    } else {
        assert(err.code == ERR_SPAWN && err.message[0]);
    }
    rendering_fini(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct spec_context context = {.real_now_ns = INT64_C(1795168800000000000)};
    struct error err = {0};
    struct spec *spec = NULL;
    const char *key = "";
    json_t *object = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY,
                                NULL);
    if (!object)
        return 0;
    if (spec_parse(object, &context, &spec, &key, &err) == 0) {
        assert(!key);
        check_spec(spec);
        spec_unref(spec);
    } else {
        assert(!spec && err.code == ERR_SPEC && err.message[0]);
        assert(!key || json_object_get(object, key));
    }
    json_decref(object);
    return 0;
}
