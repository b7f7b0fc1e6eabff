/* Requests: whatever the lines, each is understood or refused with a message; what it asks for is there, and
 * what it submits can be told apart from what is known by then.
 */
#include "session/request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void check_request(const struct request *q)
{
    assert(!q->key && q->name && strlen(q->name) == q->name_len);
    assert((q->spec != NULL) == (q->op <= REQUEST_MAP));
    assert((q->over != NULL) == (q->op == REQUEST_MAP));
    assert(!q->over || q->chunksize >= 1);
    assert(q->timeout_ns >= 0);
    assert(q->ids || (q->op != REQUEST_CANCEL && q->op != REQUEST_WAIT));
    for (size_t i = 0; i < json_array_size(q->ids); i++)
        assert(json_is_string(json_array_get(q->ids, i)));
}

static void check_bad(const struct request *q, const struct error *err)
{
    struct error text = request_error_text(err);
    assert(err->code != ERR_NONE && err->message[0] && text.message[0]);
    assert(q->name && (!q->key || q->key[0] || json_object_get(q->object, q->key)));
    assert(!json_is_object(q->req) && !json_is_array(q->req) && !json_is_null(q->req));
}

/* As the dry run does with tasks that do not end. */
static void submit(struct registry *known, const struct request *q)
{
    bool repeats = schedule_repeats(&q->spec->schedule);
    if (!q->spec->id)
        return;
    assert((q->over ? registry_add(known, REGISTRY_GROUP, q->spec->id, NULL)
                    : registry_add_submitted(known, q->spec->id, repeats, NULL)) != NULL);
    for (size_t i = 0; i < json_array_size(q->over); i++) {
        char *id = request_item_id(q, i);
        assert(registry_add_submitted(known, id, repeats, NULL) != NULL);
        free(id);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct spec_context context = {.real_now_ns = INT64_C(1795168800000000000)};
    const char *text = (const char *)data, *end = text + size;
    struct registry known;
    bool closed = false;
    registry_init(&known);
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text)), *stop = newline ? newline : end;
        struct request q;
        struct error err = {0};
        bool good = request_parse(&q, (struct slice){text, (size_t)(stop - text)}, &context, &err) == 0;
        if (good)
            check_request(&q);
        good = good && request_check(&q, &known, closed, &err) == 0;
        if (!good)
            check_bad(&q, &err);
        else if (q.spec)
            submit(&known, &q);
        closed = closed || (good && request_closes(&q));
        request_fini(&q);
        text = stop + (newline != NULL);
    }
    registry_fini(&known);
    return 0;
}
