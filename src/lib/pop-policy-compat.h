#ifndef POP_POLICY_COMPAT_H
#define POP_POLICY_COMPAT_H

/* Differences between Dovecot's versions in libdovecot. Declared once here,
   implemented in pop-policy-compat-23.c and -24.c, of which the build takes
   one. What differs in lib-storage is in pop-policy-storage-compat.h, what
   differs in lib-dns in pop-policy-compat-dns.h. */

struct module;
struct module_dir_load_settings;

/* Load the module called name from the folder dir. Returns 0, or -1 with
   error_r. */
int pop_policy_module_load(struct module **modules, const char *dir,
			   const char *name,
			   const struct module_dir_load_settings *set,
			   const char **error_r);

/* Parse a time interval as Dovecot's settings have it, such as "90d" or
   "12 weeks". Returns 0, or -1 with error_r. */
int pop_policy_parse_interval(const char *str, unsigned int *secs_r,
			      const char **error_r);

/* TRUE if this process serves one client at a time. */
bool pop_policy_process_has_one_client(void);

/* TRUE if this process ends with the present session. */
bool pop_policy_process_is_ending(void);

#endif
