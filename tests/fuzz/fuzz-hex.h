#ifndef FUZZ_HEX_H
#define FUZZ_HEX_H

/* Bytes in a corpus that people can read: hex digits, whatever is between them.
   A # and what is behind it in its line is a remark. */
static inline void fuzz_hex_read(const char *text, buffer_t *dest)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	unsigned char byte = 0;
	bool half = FALSE;

	for (; *text != '\0'; text++) {
		if (*text == '#')
			text += strcspn(text, "\n");
		if (*text == '\0')
			break;
		digit = strchr(digits, *text);
		if (digit == NULL)
			continue;
		byte = byte << 4 | (digit - digits);
		if (half)
			buffer_append_c(dest, byte);
		half = !half;
	}
}

#endif
