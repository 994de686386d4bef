#ifndef POP_POLICY_LOG_H
#define POP_POLICY_LOG_H

/* How much the log shows of a value, or of where it was looked for */
#define POP_POLICY_LOG_VALUE_MAX_LEN 80
/* ... of all there is to say about a refused login */
#define POP_POLICY_LOG_ERROR_MAX_LEN 1000

/* Make a text of others fit for a line of log: shortened, and without control
   characters, C1 and DEL included. */
const char *pop_policy_log_text(const char *text, size_t max_len);
/* The same for a value */
const char *pop_policy_log_value(const char *value);

#endif
