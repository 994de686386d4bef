#ifndef POP_POLICY_MODULE_H
#define POP_POLICY_MODULE_H

/* The plugin's other parts: modules that it loads when they are needed, from a
   folder below its own. */

#define POP_POLICY_MODULE_FOLDER "pop_policy"

struct module;

/* Returns the folder that the module was loaded from. */
const char *pop_policy_module_get_folder(const struct module *module);
/* Load the module called name from the folder and initialize it, unless
   *modules has it already. Returns 0 with the symbol of that name, or -1 with
   error_r if either can't be had. *modules is for module_dir_unload(). */
int pop_policy_module_get(struct module **modules, const char *folder,
			  const char *name, const char *symbol,
			  void **symbol_r, const char **error_r);

#endif
