#ifndef POP_POLICY_TIME_H
#define POP_POLICY_TIME_H

/* Text to time, without the limits that a time_t may have. */

/* GeneralizedTime (RFC 4517, 3.3.13), RFC 3339, or YYYY-MM-DD for midnight
   UTC. RFC 3339 may have a blank for its T, and an offset of hours alone, as
   PostgreSQL writes a timestamptz. Fractions of a second are dropped. secs_r is
   seconds since 1970 UTC; it may be negative. Returns 0, or -1 if it is not
   such a time. */
int pop_policy_time_parse(const char *value, int64_t *secs_r);

/* TRUE if Dovecot's cache file, which has 32 unsigned bits for a date, gives it
   back as it was. */
bool pop_policy_time_is_cacheable(int64_t secs);

#endif
