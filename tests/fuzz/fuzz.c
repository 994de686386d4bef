/* Copyright (c) 2026 dovecot-pop-policy authors, see the included COPYING file */

#include "lib.h"
#include "unichar.h"
#include "pop-policy-log.h"
#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct copy {
	struct copy *next;
	char *text;
};

static struct copy *copies;

const char *fuzz_copy(const void *data, size_t len)
{
	struct copy *copy = malloc(sizeof(*copy));
	char *text = malloc(len + 1);

	i_assert(copy != NULL && text != NULL);
	memcpy(text, data, len);
	text[len] = '\0';
	copy->text = text;
	copy->next = copies;
	copies = copy;
	return text;
}

static void copies_free(void)
{
	struct copy *copy;

	while (copies != NULL) {
		copy = copies;
		copies = copy->next;
		free(copy->text);
		free(copy);
	}
}

const char *fuzz_next_line(const char **text)
{
	const char *start = *text, *end = strchr(start, '\n');

	*text = end == NULL ? start + strlen(start) : end + 1;
	return fuzz_copy(start, end == NULL ? strlen(start) :
			 (size_t)(end - start));
}

void fuzz_check_line(const char *text, size_t max_len)
{
	const unsigned char *p;

	i_assert(text != NULL && strlen(text) <= max_len);
	i_assert(uni_utf8_str_is_valid(text));
	for (p = (const unsigned char *)text; *p != '\0'; p++) {
		i_assert(*p >= 0x20 && *p != 0x7f);
		i_assert(p[0] != 0xc2 || p[1] > 0x9f);
	}
}

void fuzz_check_error(const char *error)
{
	i_assert(*error != '\0');
	fuzz_check_line(error, POP_POLICY_LOG_ERROR_MAX_LEN);
}

int LLVMFuzzerInitialize(int *argc ATTR_UNUSED, char ***argv ATTR_UNUSED)
{
	lib_init();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const void *end = size == 0 ? NULL : memchr(data, '\0', size);

	if (end != NULL)
		size = (const uint8_t *)end - data;
	T_BEGIN {
		fuzz_text(fuzz_copy(size == 0 ? (const void *)"" : data, size));
	} T_END;
	copies_free();
	return 0;
}
